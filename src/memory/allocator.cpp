#include "memory/allocator.hpp"

#include <algorithm>
#include <bit>

#include "memory/limbo.hpp"
#include "memory/pages.hpp"
#include "memory/runs.hpp"

namespace larder::memory {

using layout::cell_ref;

namespace {

// Before it is known that the page still is what it was: the hint and the stamp's CAS decide.
template <class Word>
[[nodiscard]] Word load_early(const std::atomic<Word>& word) noexcept {
  const platform::speculation reading;
  return word.load(std::memory_order_relaxed);
}

// Claims one cell of a bit word; no_cell if the bits that are set there are all stale or contended.
cell_ref take_from_word(actor& me, std::uint32_t page, std::uint32_t size_class, std::uint32_t word,
                        layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  const cell_class& cells = (*me.classes)[size_class];
  std::atomic<std::uint64_t>& bits = free_bits(memory, page)[word];
  for (std::uint64_t set = load_early(bits); set != 0; set &= set - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(set));
    const std::uint32_t index = word * 64 + bit;
    if (index >= cells.count) break;
    layout::atomic_stamp& stamp = stamp_of_cell(memory, page, cells, index);
    std::uint16_t expected = layout::stamp_free;
    if (load_early(stamp) != expected) continue;
    const cell_ref cell = cell_at(memory, page, cells, index);
    if (!platform::has(platform::bug::cell_claimed_without_hint)) hint(hint_word, cell);
    LARDER_KILL_POINT(allocate_hinted);
    // acq_rel: acquires what its last owner left; the hint is visible before
    if (is_of_class(memory, page, size_class) &&  // I15: looked at after the hint
        stamp.compare_exchange_strong(expected, me.stamp(), std::memory_order_acq_rel, std::memory_order_relaxed)) {
      LARDER_KILL_POINT(allocate_claimed);
      bits.fetch_and(~(std::uint64_t{1} << bit), std::memory_order_relaxed);  // relaxed: a hint for allocators (I5)
      if (const std::uint64_t rest = set & (set - 1); rest != 0)
        prefetch_to_fill(memory,
                         cell_at(memory, page, cells, word * 64 + static_cast<std::uint32_t>(std::countr_zero(rest))),
                         cells.size);
      return cell;
    }
    clear_hint(hint_word);
  }
  return layout::no_cell;
}

cell_ref take_from_page(actor& me, std::uint32_t page, std::uint32_t size_class,
                        layout::atomic_ref32& hint_word) noexcept {
  const cell_class& cells = (*me.classes)[size_class];
  const std::uint32_t words = cells.bit_words();
  std::uint32_t word = me.word_cursor[size_class];
  for (std::uint32_t i = 0; i < words; ++i, ++word) {
    if (word >= words) word = 0;
    if (const cell_ref cell = take_from_word(me, page, size_class, word, hint_word)) {
      me.word_cursor[size_class] = static_cast<std::uint16_t>(word);
      return cell;
    }
  }
  return layout::no_cell;
}

bool has_free_bit(const segment& memory, std::uint32_t page, const cell_class& cells) noexcept {
  const platform::speculation reading;
  for (std::uint32_t i = 0; i < cells.bit_words(); ++i) {
    if (free_bits(memory, page)[i].load(std::memory_order_relaxed) != 0) return true;
  }
  return false;
}

// A page of the class that says it may have a free cell, the first from `start` on.
std::uint32_t find_page(actor& me, std::uint32_t size_class, std::uint32_t start) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t count = memory.geometry().page_count;
  layout::class_state& shared = memory.class_of(size_class);
  if (shared.may_have_free.load(std::memory_order_relaxed) == 0) return layout::no_page;
  const auto search = [&]() noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t page = start + i < count ? start + i : start + i - count;
      if (is_of_class(memory, page, size_class) &&
          memory.entry(page).may_have_free.load(std::memory_order_relaxed) != 0)
        return page;
    }
    return layout::no_page;
  };
  std::uint32_t found = search();
  if (found != layout::no_page) return found;
  const bool after_all =
      look_again(shared.may_have_free, [&]() noexcept { return (found = search()) != layout::no_page; });
  return after_all ? found : layout::no_page;
}

cell_ref allocate_cell(actor& me, std::uint32_t size_class, layout::atomic_ref32& hint_word) noexcept {
  const segment& memory = *me.memory;
  if (const cell_ref kept = take_kept(me, size_class, hint_word)) return kept;
  std::uint32_t page = 0;
  for (;;) {
    if (me.page_cursor[size_class] != 0) {
      page = me.page_cursor[size_class] - 1;
      if (is_of_class(memory, page, size_class)) {
        if (const cell_ref cell = take_from_page(me, page, size_class, hint_word)) return cell;
        static_cast<void>(look_again(memory.entry(page).may_have_free, [&]() noexcept { return false; }));
        // A cell freed since take_from_page looked has put the word up again, or is seen by this look.
        if (has_free_bit(memory, page, (*me.classes)[size_class])) {
          if (const cell_ref cell = take_from_page(me, page, size_class, hint_word)) {
            memory.entry(page).may_have_free.store(1, std::memory_order_release);
            return cell;
          }
        }
      }
      me.page_cursor[size_class] = 0;
    }
    page = find_page(me, size_class, page);
    if (page == layout::no_page) page = claim_page(me, size_class);
    if (page == layout::no_page) return layout::no_cell;
    me.page_cursor[size_class] = page + 1;
    me.word_cursor[size_class] = 0;
  }
}

}  // namespace

cell_ref allocate(actor& me, std::size_t size, layout::atomic_ref32& hint_word) noexcept {
  const std::uint32_t size_class = me.classes->class_for(size);
  if (size_class != layout::large_class) return allocate_cell(me, size_class, hint_word);
  return allocate_run(me, me.classes->frames_for(size), hint_word);
}

void prefetch_free_bit(const actor& me, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t page = memory.page_of(cell);
  const std::uint32_t size_class = word_of(memory, page).size_class();
  if (size_class == layout::large_class) return;
  const std::uint32_t index = (*me.classes)[size_class].index_of(memory.offset_of(cell) - memory.page_offset(page));
  __builtin_prefetch(&free_bits(memory, page)[index / 64], 1);
}

void free_cell(actor& me, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t page = memory.page_of(cell);
  const std::uint32_t size_class = word_of(memory, page).size_class();
  if (size_class == layout::large_class) {
    free_run(me, cell);
    return;
  }
  const cell_class& cells = (*me.classes)[size_class];
  const std::uint32_t index = cells.index_of(memory.offset_of(cell) - memory.page_offset(page));
  std::atomic<std::uint64_t>& bits = free_bits(memory, page)[index / 64];
  if (platform::has(platform::bug::free_bit_after_stamp))
    memory.item_at(cell)->stamp.store(layout::stamp_free, std::memory_order_release);
  bits.fetch_or(std::uint64_t{1} << (index % 64),
                std::memory_order_relaxed);  // relaxed: before the stamp, which releases (I5)
  LARDER_KILL_POINT(free_bit_set);
  memory.item_at(cell)->stamp.store(layout::stamp_free,
                                    std::memory_order_release);  // release: pairs with the CAS of allocate
  LARDER_KILL_POINT(free_stamped);
  announce_free_cell(memory, cell);
  if (me.page_cursor[size_class] == 0) {
    me.page_cursor[size_class] = page + 1;
    me.word_cursor[size_class] = static_cast<std::uint16_t>(index / 64);
  }
}

void announce_free_cell(const segment& memory, cell_ref cell) noexcept {
  const std::uint32_t page = memory.page_of(cell);
  const std::uint32_t size_class = word_of(memory, page).size_class();
  if (size_class == layout::large_class) return announce_free_frames(memory, frame_of(memory, cell));
  std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the exchange in look_again
  announce_free(memory.entry(page).may_have_free);
  announce_free(memory.class_of(size_class).may_have_free);
}

std::uint64_t cell_bytes(const actor& me, cell_ref cell) noexcept {
  const std::uint32_t size_class = word_of(*me.memory, me.memory->page_of(cell)).size_class();
  if (size_class != layout::large_class) return (*me.classes)[size_class].size;
  return run_length(*me.memory, cell) * me.memory->geometry().frame_size();
}

}  // namespace larder::memory
