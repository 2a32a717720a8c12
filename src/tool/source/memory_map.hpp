// memory_map: what every page and every size class of a segment is used for, from the stamps of the cells.
#ifndef LARDER_TOOL_SOURCE_MEMORY_MAP_HPP
#define LARDER_TOOL_SOURCE_MEMORY_MAP_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "tool/source/source.hpp"

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

struct page_facts {
  layout::page_state state = layout::page_state::free;
  std::uint32_t size_class = 0;
  cell_counts cells;
};

struct class_facts {
  std::uint32_t size_class = 0;
  std::uint64_t cell_bytes = 0;  // of a frame in class 0
  std::uint64_t pages = 0;
  cell_counts cells;
  std::uint64_t item_bytes = 0;  // of the items alone; what is missing to their cells is rounding
};

struct memory_map {
  std::vector<page_facts> pages;
  std::vector<class_facts> classes;  // those that have pages
};

[[nodiscard]] memory_map map_memory(const image& of);

[[nodiscard]] std::string_view name_of(layout::page_state state) noexcept;

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_MEMORY_MAP_HPP
