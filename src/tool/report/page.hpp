// page: the report as one HTML file that needs no other: text, tables and SVG drawings, for light and dark screens.
#ifndef LARDER_TOOL_REPORT_PAGE_HPP
#define LARDER_TOOL_REPORT_PAGE_HPP

#include <string>
#include <string_view>
#include <vector>

#include "tool/source/attached.hpp"
#include "tool/source/memory_map.hpp"
#include "tool/source/rates.hpp"
#include "tool/source/spread.hpp"

namespace larder::tool {

// Everything that is told.
struct findings {
  std::string name;
  std::string made_by;
  std::uint64_t age_ms = 0;
  stats sums;
  std::vector<rates> rates_seen;  // one look after the other
  memory_map memory;
  spread sizes, ttls, ages;
  std::uint64_t without_ttl = 0;
  std::vector<attached_thread> threads;
  std::string complaint;
};

[[nodiscard]] std::string page_of(const findings& f);

// Text that is safe between tags and in attributes.
[[nodiscard]] std::string html_text(std::string_view text);

// Drawings (report/drawings.cpp).
[[nodiscard]] std::string draw_pages(const memory_map& map);
[[nodiscard]] std::string draw_classes(const memory_map& map);
enum class scale : std::uint8_t { bytes, milliseconds, count };
[[nodiscard]] std::string draw_spread(const spread& of, scale in);
[[nodiscard]] std::string draw_rates(const std::vector<rates>& seen);

}  // namespace larder::tool

#endif  // LARDER_TOOL_REPORT_PAGE_HPP
