// memory_map: what every page and every size class of a segment is used for, from the stamps of the cells.
#ifndef LARDER_TOOL_SOURCE_MEMORY_MAP_HPP
#define LARDER_TOOL_SOURCE_MEMORY_MAP_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "tool/source/source.hpp"
#include "tool/source/stripe_reader.hpp"

namespace larder::tool {

// Cells; of LARGE pages frames.
struct cell_counts {
  std::uint64_t all = 0;
  std::uint64_t free = 0;
  std::uint64_t items = 0;   // LINKED, and the TAIL frames of runs
  std::uint64_t arrays = 0;  // bucket arrays
  std::uint64_t moving = 0;  // being written, retired, or nobody's
  void add(const cell_counts& other) noexcept;
  [[nodiscard]] double used_share() const noexcept {
    return all == 0 ? 0 : 1 - static_cast<double>(free) / static_cast<double>(all);
  }
};

// What a page's word says of it if it can be none of the states.
inline constexpr auto damaged_page = static_cast<layout::page_state>(0xFF);

struct page_facts {
  layout::page_state state = layout::page_state::free;
  std::uint32_t size_class = 0;
  cell_counts cells;
  double rounding = 0;  // see class_facts; of LARGE pages 0, since a run may go on in the next page
};

struct class_facts {
  std::uint32_t size_class = 0;
  std::uint64_t cell_bytes = 0;  // of a frame in class 0
  std::uint64_t pages = 0;
  cell_counts cells;
  double rounding = 0;  // the share of the items' cells that their bytes leave unused
};

struct memory_map {
  std::vector<page_facts> pages;
  std::vector<class_facts> classes;  // those that have pages
};

// All but the rounding, for which every item must be looked at.
[[nodiscard]] memory_map map_memory(const image& of);
void add_rounding(memory_map& map, const image& of, stripe_reader& reader);

[[nodiscard]] std::string_view name_of(layout::page_state state) noexcept;

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_MEMORY_MAP_HPP
