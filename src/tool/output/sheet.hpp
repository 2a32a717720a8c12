// sheet: what a command has to say, as a table whose columns know their units; and the document of sheets. Made once by
// the command, and shown as aligned text (for people with units and colour, in a pipe with plain numbers) or as JSON.
#ifndef LARDER_TOOL_OUTPUT_SHEET_HPP
#define LARDER_TOOL_OUTPUT_SHEET_HPP

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tool/output/terminal.hpp"

namespace larder::tool {

enum class unit : std::uint8_t { text, count, bytes, milliseconds, share, rate, number };

struct column {
  std::string key;      // its name in JSON: stable
  std::string heading;  // its name in text
  unit in = unit::text;
};

// Nothing, text, a number that counts something, a number with a fraction, yes or no.
using content = std::variant<std::monostate, std::string, std::uint64_t, double, bool>;

struct field {
  content value;
  tint how = tint::none;
  field() = default;
  field(const char* text, tint t = tint::none) : value(std::string(text)), how(t) {}
  field(std::string text, tint t = tint::none) : value(std::move(text)), how(t) {}
  field(std::uint64_t number, tint t = tint::none) : value(number), how(t) {}
  field(std::uint32_t number, tint t = tint::none) : value(std::uint64_t{number}), how(t) {}
  field(double number, tint t = tint::none) : value(number), how(t) {}
  field(bool truth, tint t = tint::none) : value(truth), how(t) {}
};

struct sheet {
  std::string key;    // its name in JSON
  std::string title;  // in text; may be empty
  std::vector<column> columns;
  std::vector<std::vector<field>> rows;
  bool is_record = false;  // one row: an object in JSON, a line for each field in text
};

// A record grows field by field.
class record {
 public:
  explicit record(std::string key, std::string title = {}) : sheet_{std::move(key), std::move(title), {}, {{}}, true} {}
  record& add(std::string key, std::string heading, unit in, field value) {
    sheet_.columns.push_back({std::move(key), std::move(heading), in});
    sheet_.rows.front().push_back(std::move(value));
    return *this;
  }
  [[nodiscard]] sheet take() { return std::move(sheet_); }

 private:
  sheet sheet_;
};

struct document {
  std::vector<sheet> sheets;
  std::vector<std::string> notes;  // after the sheets in text; "notes" in JSON
};

// A field as text: with units for people, else a plain number.
[[nodiscard]] std::string text_of(const field& f, unit in, bool for_people);

void write_text(const document& all, const terminal& where, std::string& out);
void write_json(const document& all, std::string& out);

}  // namespace larder::tool

#endif  // LARDER_TOOL_OUTPUT_SHEET_HPP
