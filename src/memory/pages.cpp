#include "memory/pages.hpp"

#include <bit>

#include "memory/allocator.hpp"
#include "memory/heavy_fence.hpp"
#include "memory/pins.hpp"
#include "memory/runs.hpp"

namespace larder::memory {

using layout::page_state;
using layout::page_word;

namespace {

// The class field of a FREE page's word: 0 for pages that were never used, which hold free cells as the kernel gave them.
constexpr std::uint32_t used = 1;

bool move_word(const segment& memory, std::uint32_t page, page_word from, page_word to) noexcept {
  // acq_rel: takes what the former owner left, and nothing done to the page moves before it
  return memory.entry(page).word.compare_exchange_strong(from.bits, to.bits, std::memory_order_acq_rel,
                                                         std::memory_order_relaxed);
}

void store_word(const segment& memory, std::uint32_t page, page_word to) noexcept {
  memory.entry(page).word.store(to.bits, std::memory_order_release);  // release: what was prepared; pairs with word_of
}

// Stamps FREE, free bits set and nothing that expires, for a page that the caller owns.
void prepare_cells(const segment& memory, std::uint32_t page, const cell_class& cells, bool was_used) noexcept {
  if (was_used) {
    for (std::uint32_t i = 0; i < cells.count; ++i) {
      stamp_of_cell(memory, page, cells, i)
          .store(layout::stamp_free, std::memory_order_relaxed);  // published by the page word
    }
  }
  std::atomic<std::uint64_t>* words = free_bits(memory, page);
  for (std::uint32_t i = 0; i < cells.bit_words(); ++i) {
    const std::uint32_t left = cells.count - i * 64;
    words[i].store(left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1, std::memory_order_relaxed);
    expiry_bounds(memory, page, cells)[i].store(layout::expiry_bound::never().bits, std::memory_order_relaxed);
  }
}

}  // namespace

void hint_pages(actor& me, std::uint32_t first, std::uint32_t count) noexcept {
  // What it named would be nobody's.
  LARDER_ASSERT(me.slot->page.load(std::memory_order_relaxed) == 0);
  me.slot->page_span.store(count, std::memory_order_release);  // release: before the word that makes it count
  hint(me.slot->page, first + 1);
}

void clear_page_hint(actor& me) noexcept { clear_hint(me.slot->page); }

void open_as_large(actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  layout::page_entry& entry = memory.entry(page);
  entry.may_have_free.store(layout::frames_per_page, std::memory_order_relaxed);
  LARDER_KILL_POINT(page_prepared);
  store_word(memory, page, page_word::make(page_state::large, 0, layout::large_class));
  LARDER_KILL_POINT(page_in_class);
  announce_free_frames(memory, page * layout::frames_per_page);                        // to the page before
  memory.class_of(layout::large_class).pages.fetch_add(1, std::memory_order_relaxed);  // relaxed: advisory
}

void give_to_class(actor& me, std::uint32_t page, std::uint32_t size_class) noexcept {
  const segment& memory = *me.memory;
  if (size_class == layout::large_class) {
    clear_frames(memory, page);
    open_as_large(me, page);
    return;
  }
  const bool was_used = word_of(memory, page).size_class() == used;
  prepare_cells(memory, page, (*me.classes)[size_class], was_used);
  layout::page_entry& entry = memory.entry(page);
  entry.may_have_free.store(1, std::memory_order_relaxed);
  LARDER_KILL_POINT(page_prepared);
  store_word(memory, page, page_word::make(page_state::cells, 0, size_class));
  LARDER_KILL_POINT(page_in_class);
  layout::class_state& shared = memory.class_of(size_class);
  shared.pages.fetch_add(1, std::memory_order_relaxed);      // relaxed: advisory
  shared.may_have_free.store(1, std::memory_order_release);  // release: after the page is in its class
}

void set_free(actor& me, std::uint32_t page) noexcept {
  clear_frames(*me.memory, page);
  store_word(*me.memory, page, page_word::make(page_state::free, 0, used));
  LARDER_KILL_POINT(page_freed);
  me.memory->header().free_pages.fetch_add(1, std::memory_order_relaxed);  // relaxed: approximate
}

bool own_free_page(actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  const page_word word = word_of(memory, page);
  if (word.state() != page_state::free) return false;
  // Counted first: who recounts in between finds one more than there are, which costs a search, and not one less, which
  // would cost a page. relaxed: approximate
  std::atomic<std::uint32_t>& free = memory.header().free_pages;
  free.fetch_sub(1, std::memory_order_relaxed);
  if (!move_word(memory, page, word, page_word::make(page_state::owned, me.slot_index, word.size_class()))) {
    free.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  LARDER_KILL_POINT(page_claimed);
  return true;
}

bool claim_page(actor& me, std::uint32_t page, std::uint32_t size_class) noexcept {
  if (!platform::has(platform::bug::page_claimed_without_hint))
    hint(me.slot->claimed_page, page + 1);  // a hint of its own: a drain, which has hinted its pages, allocates too
  LARDER_KILL_POINT(page_hinted);
  const bool mine = own_free_page(me, page);
  if (mine) give_to_class(me, page, size_class);
  clear_hint(me.slot->claimed_page);
  return mine;
}

std::uint32_t claim_page(actor& me, std::uint32_t size_class) noexcept {
  const segment& memory = *me.memory;
  layout::header& top = memory.header();
  const std::uint32_t count = memory.geometry().page_count;
  if (has_no_free_page(memory)) return layout::no_page;
  // relaxed: a hint
  const std::uint32_t start = top.next_free_page.load(std::memory_order_relaxed) % count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t page = start + i < count ? start + i : start + i - count;
    if (word_of(memory, page).state() != page_state::free || !claim_page(me, page, size_class)) continue;
    top.next_free_page.store(page + 1, std::memory_order_relaxed);
    return page;
  }
  recount_free_pages(memory);
  return layout::no_page;
}

bool begin_drain(actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  const page_word word = word_of(memory, page);
  if (word.state() != page_state::cells && word.state() != page_state::large) return false;
  if (!move_word(memory, page, word, page_word::make(page_state::draining, me.slot_index, word.size_class())))
    return false;
  LARDER_KILL_POINT(drain_begun);
  return true;
}

std::uint32_t cells_in(const actor& me, std::uint32_t page) noexcept {
  return cells_in_page_of(me, word_of(*me.memory, page).size_class());
}

std::uint32_t free_cells(const actor& me, std::uint32_t page) noexcept {
  const platform::speculation reading;
  const segment& memory = *me.memory;
  const page_word word = word_of(memory, page);
  std::uint32_t free = 0;
  if (word.state() == page_state::large) {
    for (std::uint32_t i = 0; i < layout::frames_per_page; ++i) {
      const layout::atomic_stamp& stamp = memory.frame(page * layout::frames_per_page + i);
      free += stamp.load(std::memory_order_relaxed) == layout::stamp_free ? 1U : 0U;
    }
  } else if (word.state() == page_state::cells) {
    for (std::uint32_t i = 0; i < (*me.classes)[word.size_class()].bit_words(); ++i) {
      free += static_cast<std::uint32_t>(std::popcount(free_bits(memory, page)[i].load(std::memory_order_relaxed)));
    }
  }
  return free;
}

std::uint32_t claim_free_cells(actor& me, std::uint32_t page, std::uint32_t claimed) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t size_class = word_of(memory, page).size_class();
  const bool large = size_class == layout::large_class;
  const std::uint32_t count = cells_in(me, page);
  for (std::uint32_t i = 0; i < count; ++i) {
    layout::atomic_stamp& stamp = large ? memory.frame(page * layout::frames_per_page + i)
                                        : stamp_of_cell(memory, page, (*me.classes)[size_class], i);
    std::uint16_t expected = layout::stamp_free;
    // The free bit stays set: that, or a frame without a tail, is how abandon_drain tells these from cells in limbo.
    if (stamp.load(std::memory_order_relaxed) == expected &&
        stamp.compare_exchange_strong(expected, me.stamp(), std::memory_order_acq_rel, std::memory_order_relaxed)) {
      ++claimed;
      LARDER_KILL_POINT(drain_claimed_cell);
    }
  }
  return claimed;
}

bool own_drained_page(actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  if (!everybody_fenced(memory) || is_named(me, page)) return false;
  memory.class_of(word_of(memory, page).size_class()).pages.fetch_sub(1, std::memory_order_relaxed);
  store_word(memory, page, page_word::make(page_state::owned, me.slot_index, used));
  LARDER_KILL_POINT(drain_owned);
  return true;
}

namespace {

// Frees what `owner` claimed for a drain of the page, and gives the page back to its class.
void undo_drain(actor& me, std::uint32_t page, page_word word, std::uint32_t owner) noexcept {
  const segment& memory = *me.memory;
  const std::uint16_t mark = layout::stamp_owned(owner);
  if (word.size_class() == layout::large_class) {
    for (std::uint32_t i = layout::frames_per_page; i-- > 0;) {
      const std::uint32_t frame = page * layout::frames_per_page + i;
      const bool is_last = frame + 1 == memory.geometry().page_count * layout::frames_per_page;
      const bool has_tail = !is_last && is_tail(memory, frame + 1);
      if (memory.frame(frame).load(std::memory_order_acquire) == mark && !has_tail) {
        memory.frame(frame).store(layout::stamp_free, std::memory_order_release);
      }
    }
  } else {
    const cell_class& cells = (*me.classes)[word.size_class()];
    for (std::uint32_t i = 0; i < cells.count; ++i) {
      layout::atomic_stamp& stamp = stamp_of_cell(memory, page, cells, i);
      const bool bit = (free_bits(memory, page)[i / 64].load(std::memory_order_acquire) >> (i % 64) & 1U) != 0;
      if (bit && stamp.load(std::memory_order_acquire) == mark)
        stamp.store(layout::stamp_free, std::memory_order_release);
    }
  }
  const bool large = word.size_class() == layout::large_class;
  memory.entry(page).may_have_free.store(large ? layout::frames_per_page : 1, std::memory_order_release);
  LARDER_KILL_POINT(drain_undone);
  store_word(memory, page, page_word::make(large ? page_state::large : page_state::cells, 0, word.size_class()));
  if (large) announce_free_frames(memory, page * layout::frames_per_page);  // to the page before
  memory.class_of(word.size_class()).may_have_free.store(1, std::memory_order_release);
}

}  // namespace

void abandon_drain(actor& me, std::uint32_t page) noexcept {
  undo_drain(me, page, word_of(*me.memory, page), me.slot_index);
}

void give_back_page(actor& me, std::uint32_t page, std::uint32_t dead_slot) noexcept {
  const segment& memory = *me.memory;
  if (page >= memory.geometry().page_count) return;
  const page_word word = word_of(memory, page);
  const bool of_the_dead = word.owner() == dead_slot;
  if (of_the_dead && word.state() == page_state::owned) {
    clear_frames(memory, page);
    store_word(memory, page, page_word::make(page_state::free, 0, used));
  } else if (of_the_dead && word.state() == page_state::draining) {
    undo_drain(me, page, word, dead_slot);
  }
  // Death may have come before the class was told of its page; and after a page was free, but not counted.
  memory.class_of(word.size_class()).may_have_free.store(1, std::memory_order_release);
  recount_free_pages(memory);
}

void expect_free_cells(const segment& memory) noexcept {
  const auto raise = [](std::atomic<std::uint32_t>& word, std::uint32_t to) noexcept {
    if (word.load(std::memory_order_relaxed) != to) word.store(to, std::memory_order_release);
  };
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    const page_state state = word_of(memory, page).state();
    if (state == page_state::large) raise(memory.entry(page).may_have_free, layout::frames_per_page);
    if (state == page_state::cells) raise(memory.entry(page).may_have_free, 1);
  }
  for (std::uint32_t c = 0; c < memory.geometry().class_count; ++c) raise(memory.class_of(c).may_have_free, 1);
}

void recount_free_pages(const segment& memory) noexcept {
  std::uint32_t count = 0;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    count += word_of(memory, page).state() == page_state::free ? 1U : 0U;
  }
  memory.header().free_pages.store(count, std::memory_order_relaxed);
}

}  // namespace larder::memory
