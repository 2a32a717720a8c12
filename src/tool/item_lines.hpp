// item_lines: items as lines: aligned text, a JSON object each, or CSV. Made for millions of them.
#ifndef LARDER_TOOL_ITEM_LINES_HPP
#define LARDER_TOOL_ITEM_LINES_HPP

#include <cstdint>
#include <string>

#include "tool/output/escape.hpp"
#include "tool/source/item_copy.hpp"

namespace larder::tool {

enum class line_format : std::uint8_t { text, json, csv };

struct line_style {
  line_format format = line_format::text;
  encoding bytes_as = encoding::escaped;
  bool keys_only = false;
  bool values = false;
  bool for_people = false;
};

class item_lines {
 public:
  explicit item_lines(line_style style) noexcept : style_(style) {}
  void append_heading(std::string& out) const;
  void append(std::string& out, const item_facts& item, std::uint64_t now);

 private:
  void append_text(std::string& out, const item_facts& item, std::uint64_t now);
  void append_json_object(std::string& out, const item_facts& item, std::uint64_t now);
  void append_csv_fields(std::string& out, const item_facts& item, std::uint64_t now);

  line_style style_;
  std::string scratch_;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_ITEM_LINES_HPP
