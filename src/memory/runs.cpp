#include "memory/runs.hpp"

#include <algorithm>

#include "memory/allocator.hpp"
#include "memory/pages.hpp"

namespace larder::memory {

using layout::cell_ref;
using layout::frames_per_page;

namespace {

constexpr std::uint32_t no_frame = 0xFFFF'FFFF;

// Of page_entry::may_have_free.
constexpr std::uint32_t any_number = frames_per_page;

bool is_large(const segment& memory, std::uint32_t page) noexcept {
  return word_of(memory, page).state() == layout::page_state::large;
}

bool is_free_page(const segment& memory, std::uint32_t page) noexcept {
  return word_of(memory, page).state() == layout::page_state::free;
}

// relaxed: claiming decides
bool is_free_frame(const segment& memory, std::uint32_t frame) noexcept {
  return memory.frame(frame).load(std::memory_order_relaxed) == layout::stamp_free;
}

std::uint32_t page_of_frame(std::uint32_t frame) noexcept { return frame / frames_per_page; }

void release_frames(const segment& memory, std::uint32_t first, std::uint64_t count) noexcept {
  for (std::uint64_t i = count; i-- > 0;) {
    // release: from the last to the first; pairs with the CAS of claim_frames
    memory.frame(first + static_cast<std::uint32_t>(i)).store(layout::stamp_free, std::memory_order_release);
    LARDER_KILL_POINT(run_frame_freed);
  }
  announce_free_frames(memory, first);
}

bool are_large(const segment& memory, std::uint32_t first_page, std::uint32_t last_page) noexcept {
  for (std::uint32_t page = first_page; page <= last_page; ++page) {
    if (!is_large(memory, page)) return false;
  }
  return true;
}

bool claim_frames(actor& me, std::uint32_t first, std::uint32_t count, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t first_page = page_of_frame(first);
  const std::uint32_t last_page = page_of_frame(first + count - 1);
  // release: before the hint that makes it count; who sees that hint sees this, or a later one (is_named)
  me.slot->run_borders.store(last_page - first_page, std::memory_order_release);
  hint(hint_word, cell_of_frame(memory, first));
  LARDER_KILL_POINT(run_hinted);
  std::uint32_t claimed = 0;
  if (are_large(memory, first_page, last_page)) {  // I15: looked at after the hint
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
  const bool done = claimed == count;
  if (!done) release_frames(memory, first, claimed);
  // release: after the last claim; whoever sees it finds each frame claimed, or not to be claimed any more
  me.slot->run_borders.store(0, std::memory_order_release);
  if (!done) clear_hint(hint_word);
  return done;
}

// Where a search may find frames.
enum class among : std::uint8_t { large_pages, free_pages_too };

struct stretch {
  std::uint32_t first = no_frame;
  std::uint64_t length = 0;
  std::uint32_t pages = 1;  // that need not be looked at again: a longer one begins behind them, if anywhere
};

// The first `count` free frames side by side that begin in the page; if there are none, the longest stretch that does.
stretch find_from(const segment& memory, std::uint32_t page, std::uint64_t count, among where) noexcept {
  stretch longest;
  stretch now;
  std::uint32_t at = page;
  const auto longer = [&]() noexcept {
    stretch found = now.length > longest.length ? now : longest;
    found.pages = std::max(at - page, 1U);
    return found;
  };
  for (; at < memory.geometry().page_count; ++at) {
    const bool all_free = where == among::free_pages_too && is_free_page(memory, at);
    if (!all_free && !is_large(memory, at)) break;
    for (std::uint32_t frame = at * frames_per_page; frame < (at + 1) * frames_per_page; ++frame) {
      if (all_free || is_free_frame(memory, frame)) {
        if (now.length++ == 0) now.first = frame;
        if (now.length == count) return now;
        continue;
      }
      longest = longer();
      if (at != page) return longest;
      now = {};
    }
    if (now.length == 0) break;
  }
  return longer();
}

// As many free frames begin in the page as were found, and no more.
void lower_bound_of(const segment& memory, std::uint32_t page, std::uint64_t count, stretch found) noexcept {
  std::atomic<std::uint32_t>& bound = memory.entry(page).may_have_free;
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(found.length, any_number));
  if (bound.load(std::memory_order_relaxed) == length) return;
  // seq_cst: pairs with the fence in announce_free_frames; one of the two sees the other
  bound.exchange(length, std::memory_order_seq_cst);
  // If it is LARGE no more, the word is another class's by now.
  if (!is_large(memory, page) || find_from(memory, page, count, among::large_pages).length > length)
    bound.store(any_number, std::memory_order_release);
}

// Is it worth to look for `count` free frames that begin in the page? With FREE pages only where one is among them: that
// there is nothing in LARGE ones is known then.
bool may_begin(const segment& memory, std::uint32_t page, std::uint64_t count, among where) noexcept {
  if (where == among::free_pages_too) {
    const bool reaches_one =
        page + 1 < memory.geometry().page_count && is_large(memory, page) && is_free_page(memory, page + 1);
    return reaches_one || is_free_page(memory, page);
  }
  // relaxed: a bound that is out of date costs a look, or waits for who raises it
  const std::uint32_t bound = memory.entry(page).may_have_free.load(std::memory_order_relaxed);
  return bound >= std::min<std::uint64_t>(count, any_number) && is_large(memory, page);
}

// The first of `count` free frames side by side.
std::uint32_t find_frames(const actor& me, std::uint64_t count, among where) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t pages = memory.geometry().page_count;
  const std::uint32_t start = me.page_cursor[layout::large_class] % pages;
  std::uint32_t step = 1;
  for (std::uint32_t i = 0; i < pages; i += step) {
    step = 1;
    const std::uint32_t page = start + i < pages ? start + i : start + i - pages;
    if (!may_begin(memory, page, count, where)) continue;
    const stretch found = find_from(memory, page, count, where);
    if (found.length == count) return found.first;
    if (where == among::large_pages) lower_bound_of(memory, page, count, found);
    step = found.pages;
  }
  return no_frame;
}

// Makes the FREE pages among those of a run LARGE.
void claim_pages_of(actor& me, std::uint32_t first, std::uint64_t count) noexcept {
  const auto last = static_cast<std::uint32_t>(first + count - 1);
  for (std::uint32_t page = page_of_frame(first); page <= page_of_frame(last); ++page) {
    if (is_free_page(*me.memory, page)) static_cast<void>(claim_page(me, page, layout::large_class));
  }
}

}  // namespace

cell_ref allocate_run(actor& me, std::uint64_t frames, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  constexpr int tries = 8;  // others may be quicker
  for (int i = 0; i < tries; ++i) {
    std::uint32_t first = find_frames(me, frames, among::large_pages);
    if (first == no_frame && !has_no_free_page(memory)) {
      first = find_frames(me, frames, among::free_pages_too);
      if (first != no_frame) {
        claim_pages_of(me, first, frames);
      } else if (frames <= frames_per_page) {
        recount_free_pages(memory);
      }
    }
    if (first == no_frame) break;
    if (!claim_frames(me, first, static_cast<std::uint32_t>(frames), hint_word)) continue;
    me.page_cursor[layout::large_class] = page_of_frame(static_cast<std::uint32_t>(first + frames - 1));
    return cell_of_frame(memory, first);
  }
  return layout::no_cell;
}

void announce_free_frames(const segment& memory, std::uint32_t first) noexcept {
  const auto raise = [&](std::uint32_t page) noexcept {
    std::atomic<std::uint32_t>& bound = memory.entry(page).may_have_free;
    if (bound.load(std::memory_order_relaxed) != any_number) bound.store(any_number, std::memory_order_release);
  };
  std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the exchange in lower_bound_of
  std::uint32_t page = page_of_frame(first);
  // A stretch that reaches into the page now. (If it begins farther back, then all of that page is free, and its bound is
  // `any_number` for that.)
  if (page != 0 && is_free_frame(memory, page * frames_per_page - 1)) raise(page - 1);
  raise(page);
  // A recoverer, who frees what is left of a run, knows of its first frame only.
  while (++page < memory.geometry().page_count && is_large(memory, page) &&
         is_free_frame(memory, page * frames_per_page) && is_free_frame(memory, page * frames_per_page - 1))
    raise(page);
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
  while (next < all && is_tail(memory, next)) ++next;
  return next - first;
}

void free_run(actor& me, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t first = frame_of(memory, cell);
  release_frames(memory, first, run_length(memory, cell));
  // Where the stretch that they are part of begins: there, or in the page before.
  const bool reaches_back = first % frames_per_page == 0 && first != 0 && is_free_frame(memory, first - 1);
  me.page_cursor[layout::large_class] = page_of_frame(reaches_back ? first - 1 : first);
}

void clear_frames(const segment& memory, std::uint32_t page) noexcept {
  for (std::uint32_t i = frames_per_page; i-- > 0;) {
    memory.frame(page * frames_per_page + i)
        .store(layout::stamp_free, std::memory_order_relaxed);  // published by the page word
  }
}

}  // namespace larder::memory
