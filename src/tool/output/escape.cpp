#include "tool/output/escape.hpp"

#include <array>

#include "tool/exit.hpp"

namespace larder::tool {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::string_view, 4> names{"escaped", "hex", "base64", "text"};

unsigned code_of(char c) noexcept { return static_cast<unsigned char>(c); }

constexpr bool is_printable(char c) noexcept { return c >= ' ' && c <= '~' && c != '\\'; }

void append_hex(std::string& out, char c) {
  out += hex_digits[code_of(c) >> 4];
  out += hex_digits[code_of(c) & 15U];
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\x";
      append_hex(out, c);
  }
}

// Appends runs of plain characters at once, and the others as append_other(out, character) does.
template <class IsPlain, class AppendOther>
void append_in_runs(std::string& out, std::string_view bytes, IsPlain is_plain, AppendOther append_other) {
  std::size_t from = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (is_plain(bytes[at])) continue;
    out.append(bytes, from, at - from);
    append_other(out, bytes[at]);
    from = at + 1;
  }
  out.append(bytes, from);
}

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const unsigned group = code_of(bytes[at]) << 16 | (left > 1 ? code_of(bytes[at + 1]) << 8 : 0) |
                           (left > 2 ? code_of(bytes[at + 2]) : 0);
    out += base64_digits[group >> 18];
    out += base64_digits[group >> 12 & 63U];
    out += left > 1 ? base64_digits[group >> 6 & 63U] : '=';
    out += left > 2 ? base64_digits[group & 63U] : '=';
  }
}

[[noreturn]] void fail_to_decode(std::string_view text, const std::string& what, const std::string& remedy) {
  fail_usage("'" + std::string(text) + "' " + what, remedy);
}

unsigned hex_value(std::string_view text, std::size_t at) {
  unsigned value = 0;
  for (std::size_t i = at; i < at + 2; ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const std::size_t digit = hex_digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == std::string_view::npos)
      fail_to_decode(text, "holds no byte where one should be", "write two hexadecimal digits for each");
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return value;
}

std::string decoded_hex(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 2) out += static_cast<char>(hex_value(text, at));
  return out;
}

std::string decoded_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
      continue;
    }
    switch (++at < text.size() ? text[at] : '\0') {
      case '\\':
        out += '\\';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(hex_value(text, at + 1));
        at += 2;
        break;
      default:
        fail_to_decode(text, "holds a backslash that begins no escape",
                       "write another, n, r, t, or x and two hexadecimal digits behind it");
    }
  }
  return out;
}

std::string decoded_base64(std::string_view text) {
  std::string out;
  unsigned group = 0;
  unsigned bits = 0;
  std::string_view digits = text;
  while (!digits.empty() && digits.back() == '=') digits.remove_suffix(1);
  for (const char c : digits) {
    const std::size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) fail_to_decode(text, "is not base64", "write letters, digits, + and / only");
    group = (group << 6 | static_cast<unsigned>(digit)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(group >> bits & 0xFFU);
  }
  return out;
}

}  // namespace

encoding parse_encoding(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<encoding>(i);
  }
  fail_usage("'" + std::string(name) + "' is no encoding", "write escaped, hex, base64 or text");
}

std::string_view name_of(encoding how) noexcept { return names[static_cast<std::size_t>(how)]; }

void append_encoded(std::string& out, std::string_view bytes, encoding how) {
  switch (how) {
    case encoding::escaped:
      append_in_runs(
          out, bytes, [](char c) { return is_printable(c); }, append_escape);  // a call for each byte is slow
      return;
    case encoding::hex:
      for (const char c : bytes) append_hex(out, c);
      return;
    case encoding::base64:
      append_base64(out, bytes);
      return;
    case encoding::text:
      out += bytes;
      return;
  }
}

std::string encoded(std::string_view bytes, encoding how) {
  std::string out;
  append_encoded(out, bytes, how);
  return out;
}

std::string decoded(std::string_view text, encoding how) {
  switch (how) {
    case encoding::escaped:
      return decoded_escapes(text);
    case encoding::hex:
      return decoded_hex(text);
    case encoding::base64:
      return decoded_base64(text);
    case encoding::text:
      break;
  }
  return std::string(text);
}

void append_csv(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_json(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) { return code_of(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  append_in_runs(out, text, is_plain, [](std::string& to, char c) {
    if (code_of(c) < 0x20) {
      to += "\\u00";
      append_hex(to, c);
    } else {
      (to += '\\') += c;
    }
  });
  out += '"';
}

std::string hexadecimal(std::uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFFU);
  return encoded(bytes, encoding::hex);
}

}  // namespace larder::tool
