#include "tool/source/memory_map.hpp"

#include <algorithm>
#include <array>

#include "tool/source/items.hpp"

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

double rounding_of(std::uint64_t items, std::uint64_t cell_bytes, std::uint64_t item_bytes) noexcept {
  const auto room = static_cast<double>(items * cell_bytes);
  return room == 0 ? 0 : std::max(0.0, 1 - static_cast<double>(item_bytes) / room);
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
    const bool sound = word.state() <= layout::page_state::draining && word.size_class() < of.classes.count();
    facts.state = sound ? word.state() : damaged_page;
    if (!sound || word.state() == layout::page_state::free || word.state() == layout::page_state::owned) continue;
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

void add_rounding(memory_map& map, const image& of, stripe_reader& reader) {
  std::vector<std::uint64_t> in_class(layout::max_classes);
  std::vector<std::uint64_t> in_page(map.pages.size());
  for_each_item(reader, of, [&](const item_facts& item) {
    in_class[item.size_class] += item.item_bytes;
    in_page[of.memory.page_of(item.cell)] += item.item_bytes;
    return true;
  });
  for (class_facts& each : map.classes)
    each.rounding = rounding_of(each.cells.items, each.cell_bytes, in_class[each.size_class]);
  for (std::size_t i = 0; i < map.pages.size(); ++i) {
    page_facts& page = map.pages[i];
    if (page.state != layout::page_state::cells && page.state != layout::page_state::draining) continue;
    if (page.size_class != layout::large_class)
      page.rounding = rounding_of(page.cells.items, of.classes[page.size_class].size, in_page[i]);
  }
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
