#include "tool/source/memory_map.hpp"

#include <array>

namespace larder::tool {
namespace {

void count(cell_counts& counts, std::uint16_t stamp) noexcept {
  ++counts.all;
  switch (stamp) {
    case layout::stamp_free:
      ++counts.free;
      return;
    case layout::stamp_linked:
    case layout::stamp_tail:
      ++counts.items;
      return;
    case layout::stamp_table:
      ++counts.arrays;
      return;
    default:
      ++counts.moving;
  }
}

}  // namespace

void cell_counts::add(const cell_counts& other) noexcept {
  all += other.all;
  free += other.free;
  items += other.items;
  arrays += other.arrays;
  moving += other.moving;
}

memory_map map_memory(const image& of) {
  memory_map map;
  std::array<class_facts, layout::max_classes> classes{};
  const segment& memory = of.memory;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    const layout::page_word word = memory::word_of(memory, page);
    page_facts& facts = map.pages.emplace_back();
    facts.state = word.state();
    if (word.state() == layout::page_state::free || word.state() == layout::page_state::owned) continue;
    facts.size_class = word.size_class();
    memory::for_each_cell(memory, of.classes, page, [&](layout::cell_ref, const layout::atomic_stamp& stamp) {
      count(facts.cells, stamp.load(std::memory_order_relaxed));  // relaxed: right for some moment
    });
    class_facts& sum = classes[facts.size_class];
    ++sum.pages;
    sum.cells.add(facts.cells);
  }
  for (std::uint32_t i = 0; i < classes.size(); ++i) {
    if (classes[i].pages == 0) continue;
    classes[i].size_class = i;
    classes[i].cell_bytes = i == layout::large_class ? memory.geometry().frame_size() : of.classes[i].size;
    map.classes.push_back(classes[i]);
  }
  return map;
}

std::string_view name_of(layout::page_state state) noexcept {
  switch (state) {
    case layout::page_state::free:
      return "free";
    case layout::page_state::owned:
      return "changing hands";
    case layout::page_state::cells:
      return "cells";
    case layout::page_state::large:
      return "large";
    case layout::page_state::draining:
      return "draining";
  }
  return "damaged";
}

}  // namespace larder::tool
