#include "tool/item_lines.hpp"

#include <array>
#include <charconv>

#include "tool/output/units.hpp"

namespace larder::tool {
namespace {

// Fields that are numbers: name, heading and width of their columns in text.
struct number_column {
  std::string_view key;
  std::string_view heading;
  std::size_t width;
};
constexpr std::array<number_column, 9> columns{{{"ttl_ms", "TTL", 10},
                                                {"key_bytes", "KEY", 5},
                                                {"value_bytes", "VALUE", 9},
                                                {"cell_bytes", "CELL", 9},
                                                {"age_changes", "AGE", 8},
                                                {"version", "VERSION", 9},
                                                {"flags", "FLAGS", 6},
                                                {"keyspace", "SPACE", 5},
                                                {"heat", "HEAT", 4}}};
constexpr std::uint64_t never = ~std::uint64_t{0};

// heat: 0 to 3: 1 for a hit since the eviction hand passed, 2 for what has proved itself (not on probation).
std::array<std::uint64_t, columns.size()> numbers_of(const item_facts& item, std::uint64_t now) {
  return {item.expires() ? item.ttl_left(now) : never,
          item.key.size(),
          item.value_size,
          item.cell_bytes,
          item.age,
          item.version,
          item.flags,
          item.keyspace,
          std::uint64_t{item.heat.marked()} + (item.heat.in_main() ? 2U : 0U)};
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
  if (text.size() < width) out.append(width - text.size(), ' ');
  out += text;
}

std::string human_of(std::size_t column, std::uint64_t number) {
  if (column == 0) return human_duration(number);
  return column == 2 || column == 3 ? human_bytes(number) : std::to_string(number);
}

}  // namespace

void item_lines::append_heading(std::string& out) const {
  if (style_.format == line_format::json || (style_.keys_only && style_.format == line_format::text)) return;
  if (style_.format == line_format::csv) {
    out += "key";
    for (const number_column& c : columns) {
      if (!style_.keys_only) (out += ',') += c.key;
    }
    out += style_.values ? ",value\n" : "\n";
    return;
  }
  for (const number_column& c : columns) {
    append_right(out, c.heading, c.width);
    out += ' ';
  }
  out += style_.values ? " KEY = VALUE\n" : " KEY\n";
}

void item_lines::append(std::string& out, const item_facts& item, std::uint64_t now) {
  switch (style_.format) {
    case line_format::text:
      append_text(out, item, now);
      break;
    case line_format::json:
      append_json_object(out, item, now);
      break;
    case line_format::csv:
      append_csv_fields(out, item, now);
      break;
  }
  out += '\n';
}

void item_lines::append_text(std::string& out, const item_facts& item, std::uint64_t now) {
  if (!style_.keys_only) {
    const auto numbers = numbers_of(item, now);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      scratch_.clear();
      if (numbers[i] == never) {
        scratch_ = "-";
      } else if (style_.for_people) {
        scratch_ = human_of(i, numbers[i]);
      } else {
        append_number(scratch_, numbers[i]);
      }
      append_right(out, scratch_, columns[i].width);
      out += ' ';
    }
    out += ' ';
  }
  append_encoded(out, item.key, style_.bytes_as);
  if (!style_.values) return;
  out += style_.keys_only ? "\t" : " = ";
  append_encoded(out, item.value, style_.bytes_as);
}

void item_lines::append_json_object(std::string& out, const item_facts& item, std::uint64_t now) {
  const auto add_bytes = [&](std::string_view bytes) {
    scratch_.clear();
    append_encoded(scratch_, bytes, style_.bytes_as);
    append_json(out, scratch_);
  };
  out += R"({"key":)";
  add_bytes(item.key);
  if (!style_.keys_only) {
    const auto numbers = numbers_of(item, now);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ((out += ",\"") += columns[i].key) += "\":";
      numbers[i] == never ? static_cast<void>(out += "null") : append_number(out, numbers[i]);
    }
  }
  if (style_.values) {
    out += R"(,"value":)";
    add_bytes(item.value);
  }
  out += '}';
}

void item_lines::append_csv_fields(std::string& out, const item_facts& item, std::uint64_t now) {
  scratch_.clear();
  append_encoded(scratch_, item.key, style_.bytes_as);
  append_csv(out, scratch_);
  if (!style_.keys_only) {
    for (const std::uint64_t number : numbers_of(item, now)) {
      out += ',';
      if (number != never) append_number(out, number);
    }
  }
  if (!style_.values) return;
  scratch_.clear();
  append_encoded(scratch_, item.value, style_.bytes_as);
  out += ',';
  append_csv(out, scratch_);
}

}  // namespace larder::tool
