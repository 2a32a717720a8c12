#include "memory/runs.hpp"

#include "memory/allocator.hpp"
#include "memory/pages.hpp"

namespace larder::memory {

using layout::cell_ref;
using layout::frames_per_page;

namespace {

constexpr std::uint32_t no_frame = 0xFFFF'FFFF;

bool is_large(const segment& memory, std::uint32_t page) noexcept {
  return word_of(memory, page).state() == layout::page_state::large;
}

void release_frames(const segment& memory, std::uint32_t first, std::uint64_t count) noexcept {
  for (std::uint64_t i = count; i-- > 0;) {
    // release: from the last to the first; pairs with the CAS of claim_frames
    memory.frame(first + static_cast<std::uint32_t>(i)).store(layout::stamp_free, std::memory_order_release);
    LARDER_KILL_POINT(run_frame_freed);
  }
}

// REQUIRES: the frames are all of one page.
bool claim_frames(actor& me, std::uint32_t first, std::uint32_t count, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  hint(hint_word, cell_of_frame(memory, first));
  LARDER_KILL_POINT(run_hinted);
  std::uint32_t claimed = 0;
  if (is_large(memory, first / frames_per_page)) {  // I15: looked at after the hint
    for (; claimed < count; ++claimed) {
      std::uint16_t expected = layout::stamp_free;
      const std::uint16_t mark = claimed == 0 ? me.stamp() : layout::stamp_tail;
      // acq_rel: acquires what the frame's last owner left; the hint is visible before
      if (!memory.frame(first + claimed)
               .compare_exchange_strong(expected, mark, std::memory_order_acq_rel, std::memory_order_relaxed))
        break;
      LARDER_KILL_POINT(run_frame_claimed);
    }
  }
  if (claimed == count) return true;
  release_frames(memory, first, claimed);
  clear_hint(hint_word);
  return false;
}

// A run of `count` free frames inside one page, or no_frame. relaxed: claiming decides.
std::uint32_t find_in_page(const segment& memory, std::uint32_t page, std::uint32_t count) noexcept {
  std::uint32_t length = 0;
  for (std::uint32_t i = 0; i < frames_per_page; ++i) {
    const bool free = memory.frame(page * frames_per_page + i).load(std::memory_order_relaxed) == layout::stamp_free;
    length = free ? length + 1 : 0;
    if (length == count) return page * frames_per_page + i + 1 - count;
  }
  return no_frame;
}

cell_ref allocate_in_one_page(actor& me, std::uint32_t count, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t pages = memory.geometry().page_count;
  const std::uint32_t start = me.page_cursor[layout::large_class] % pages;
  for (std::uint32_t i = 0; i < pages; ++i) {
    const std::uint32_t page = start + i < pages ? start + i : start + i - pages;
    if (!is_large(memory, page)) continue;
    const std::uint32_t first = find_in_page(memory, page, count);
    if (first != no_frame && claim_frames(me, first, count, hint_word)) {
      me.page_cursor[layout::large_class] = page;
      return cell_of_frame(memory, first);
    }
  }
  const std::uint32_t page = claim_page(me, layout::large_class);
  if (page == layout::no_page || !claim_frames(me, page * frames_per_page, count, hint_word)) return layout::no_cell;
  me.page_cursor[layout::large_class] = page;
  return cell_of_frame(memory, page * frames_per_page);
}

cell_ref allocate_over_pages(actor& me, std::uint64_t frames, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  const auto need = static_cast<std::uint32_t>((frames + frames_per_page - 1) / frames_per_page);
  std::uint32_t length = 0;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    length = word_of(memory, page).state() == layout::page_state::free ? length + 1 : 0;
    if (length < need) continue;
    const std::uint32_t first = page + 1 - need;
    hint_pages(me, first, need);
    std::uint32_t owned = 0;
    while (owned < need && own_free_page(me, first + owned)) ++owned;
    if (owned == need) return place_run(me, first, frames, hint_word);
    while (owned > 0) set_free(me, first + --owned);
    clear_page_hint(me);
    length = 0;
  }
  return layout::no_cell;
}

}  // namespace

cell_ref allocate_run(actor& me, std::uint64_t frames, layout::atomic_ref32& hint_word) noexcept {
  if (frames <= frames_per_page) return allocate_in_one_page(me, static_cast<std::uint32_t>(frames), hint_word);
  return allocate_over_pages(me, frames, hint_word);
}

cell_ref place_run(actor& me, std::uint32_t first_page, std::uint64_t frames,
                   layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t first = first_page * frames_per_page;
  const auto pages = static_cast<std::uint32_t>((frames + frames_per_page - 1) / frames_per_page);
  hint(hint_word, cell_of_frame(memory, first));
  for (std::uint32_t i = 0; i < pages * frames_per_page; ++i) {
    const std::uint16_t mark = i == 0 ? me.stamp() : i < frames ? layout::stamp_tail : layout::stamp_free;
    memory.frame(first + i).store(mark, std::memory_order_relaxed);  // published by the page words
  }
  LARDER_KILL_POINT(run_placed);
  // The first page first: from then on the run is one that recovery can free by its hint, whatever the others' words say.
  for (std::uint32_t i = 0; i < pages; ++i) open_as_large(me, first_page + i);
  clear_page_hint(me);
  return cell_of_frame(memory, first);
}

std::uint64_t run_length(const segment& memory, cell_ref cell) noexcept {
  const std::uint32_t first = frame_of(memory, cell);
  const std::uint32_t all = memory.geometry().page_count * frames_per_page;
  std::uint32_t next = first + 1;
  while (next < all && memory.frame(next).load(std::memory_order_acquire) == layout::stamp_tail) ++next;
  return next - first;
}

void free_run(actor& me, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t first = frame_of(memory, cell);
  release_frames(memory, first, run_length(memory, cell));
  me.page_cursor[layout::large_class] = memory.page_of(cell);
}

void clear_frames(const segment& memory, std::uint32_t page) noexcept {
  for (std::uint32_t i = frames_per_page; i-- > 0;) {
    memory.frame(page * frames_per_page + i)
        .store(layout::stamp_free, std::memory_order_relaxed);  // published by the page word
  }
}

}  // namespace larder::memory
