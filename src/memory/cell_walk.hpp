// Walking over the cells of a page, of whatever kind: for drains, recovery, the check and for_each.
#ifndef LARDER_MEMORY_CELL_WALK_HPP
#define LARDER_MEMORY_CELL_WALK_HPP

#include <cstdint>

#include "memory/actor.hpp"
#include "memory/allocator.hpp"
#include "memory/pages.hpp"
#include "memory/runs.hpp"

namespace larder::memory {

// Calls visit(cell, stamp) for every cell of a page, in address order; of LARGE pages for every frame, TAIL frames too.
// A page that is free, or changes its class meanwhile, has no cells worth a look: stamps tell.
template <class Visit>
void for_each_cell(const segment& memory, const size_classes& classes, std::uint32_t page, Visit visit) noexcept {
  const layout::page_word word = word_of(memory, page);
  if (word.state() == layout::page_state::free || word.state() == layout::page_state::owned) return;
  if (word.size_class() == layout::large_class) {
    for (std::uint32_t i = 0; i < layout::frames_per_page; ++i) {
      const std::uint32_t frame = page * layout::frames_per_page + i;
      visit(cell_of_frame(memory, frame), memory.frame(frame));
    }
    return;
  }
  const cell_class& cells = classes[word.size_class()];
  for (std::uint32_t i = 0; i < cells.count; ++i) {
    const layout::cell_ref cell = cell_at(memory, page, cells, i);
    visit(cell, memory.item_at(cell)->stamp);
  }
}

template <class Visit>
void for_each_cell(const actor& me, std::uint32_t page, Visit visit) noexcept {
  for_each_cell(*me.memory, *me.classes, page, visit);
}

// True if a cell begins at `cell` as its page is cut now. What a stale hint names may have become the middle of another.
[[nodiscard]] inline bool is_cell(const segment& memory, const size_classes& classes, layout::cell_ref cell) noexcept {
  if (!memory.in_pages(cell)) return false;
  const std::uint32_t page = memory.page_of(cell);
  const layout::page_word word = word_of(memory, page);
  if (word.state() == layout::page_state::free || word.state() == layout::page_state::owned) return false;
  const std::uint64_t offset = memory.offset_of(cell) - memory.page_offset(page);
  if (word.size_class() == layout::large_class) return offset % memory.geometry().frame_size() == 0;
  const cell_class& cells = classes[word.size_class()];
  return cells.size != 0 && offset >= cells.area && (offset - cells.area) % cells.size == 0 &&
         (offset - cells.area) / cells.size < cells.count;
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_CELL_WALK_HPP
