// Bytes as text that can be turned back into the same bytes: escapes (the default), hexadecimal digits, base64.
//
// Escaped text is printable ASCII: a backslash is \\, newline \n, carriage return \r, tab \t, and every other byte that
// is no printable ASCII character is \xHH. So it is right in any terminal, and valid inside JSON strings.
#ifndef LARDER_TOOL_OUTPUT_ESCAPE_HPP
#define LARDER_TOOL_OUTPUT_ESCAPE_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace larder::tool {

enum class encoding : std::uint8_t { escaped, hex, base64, text };

// "escaped", "hex", "base64", "text" (the bytes as they are). Throws failure(usage).
[[nodiscard]] encoding parse_encoding(std::string_view name);
[[nodiscard]] std::string_view name_of(encoding how) noexcept;

void append_encoded(std::string& out, std::string_view bytes, encoding how);
[[nodiscard]] std::string encoded(std::string_view bytes, encoding how);

// The reverse. Throws failure(usage).
[[nodiscard]] std::string decoded(std::string_view text, encoding how);

// A field of a CSV file (RFC 4180): quoted if it has to be.
void append_csv(std::string& out, std::string_view text);

// A string of JSON with its quotation marks. REQUIRES: valid UTF-8, as all encoded text but encoding::text is.
void append_json(std::string& out, std::string_view text);

[[nodiscard]] std::string hexadecimal(std::uint64_t number);  // 16 digits

}  // namespace larder::tool

#endif  // LARDER_TOOL_OUTPUT_ESCAPE_HPP
