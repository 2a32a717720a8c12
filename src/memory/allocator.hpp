// Allocation: a cell for a request of any size, from pages of small cells or as a run of frames.
//
// Protocol of a small cell (each line one store; crash-safety: a hint before the act, cleared after it)
//
//     allocate   hint = cell; CAS stamp FREE -> OWNED(me); clear its free bit
//     free       [hinted or in limbo] set its free bit; stamp = FREE; may_have_free = 1 (page, then class)
//
// Invariants: I2, I3, I5. Ordering: the CAS acquires what the cell's last owner released with stamp = FREE.
//
// If a process dies here: the hint names the cell; OWNED by the dead and unreachable, so recovery frees it. A free bit
// that was not cleared makes allocators try the cell in vain until it is free again: harmless.
//
// Costs: two locked instructions for an allocation and one for a free. Two threads that allocate from one page disturb
// each other; each keeps a page of its own as long as it finds free cells there.
#ifndef LARDER_MEMORY_ALLOCATOR_HPP
#define LARDER_MEMORY_ALLOCATOR_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

// A cell for `size` bytes (layout::item_size), stamped OWNED and named in `hint`; no_cell if there is none without
// evicting something. The hint stays set on success.
[[nodiscard]] layout::cell_ref allocate(actor& me, std::size_t size, layout::atomic_ref32& hint) noexcept;

// Frees a cell that the caller owns and that no reader can know. REQUIRES: a hint names it; the caller clears that.
void free_cell(actor& me, layout::cell_ref cell) noexcept;

// The last step of free_cell, for a recoverer: says that the page of a cell that is FREE may have one. Idempotent.
void announce_free_cell(const segment& memory, layout::cell_ref cell) noexcept;

// Brings the first lines of a cell closer that will soon be filled. A store that misses holds up all stores behind it.
inline void prefetch_to_fill(const segment& memory, layout::cell_ref cell, std::uint32_t size) noexcept {
  constexpr std::uint32_t line = 64;
  constexpr std::uint32_t most = 4 * line;
  const std::byte* at = memory.base() + memory.offset_of(cell);
  for (std::uint32_t i = 0; i < std::min(size, most); i += line) __builtin_prefetch(at + i, 1);
}

// Brings what free_cell changes first closer. A locked instruction waits for its line, and so does all behind it.
void prefetch_free_bit(const actor& me, layout::cell_ref cell) noexcept;

// Bytes that the cell takes from its page.
[[nodiscard]] std::uint64_t cell_bytes(const actor& me, layout::cell_ref cell) noexcept;

// The stamp of a cell, wherever it stands. REQUIRES: in_pages(cell).
[[nodiscard]] inline layout::atomic_stamp& stamp_of(const segment& memory, layout::cell_ref cell) noexcept {
  const std::uint32_t page = memory.page_of(cell);
  const layout::page_word word{memory.entry(page).word.load(std::memory_order_acquire)};
  if (word.size_class() != layout::large_class) return memory.item_at(cell)->stamp;
  return memory.frame(
      static_cast<std::uint32_t>((memory.offset_of(cell) - memory.geometry().pages) / memory.geometry().frame_size()));
}

[[nodiscard]] inline layout::cell_ref cell_at(const segment& memory, std::uint32_t page, const cell_class& cells,
                                              std::uint32_t index) noexcept {
  return memory.ref_of(memory.page_offset(page) + cells.area + std::uint64_t{index} * cells.size);
}
[[nodiscard]] inline layout::atomic_stamp& stamp_of_cell(const segment& memory, std::uint32_t page,
                                                         const cell_class& cells, std::uint32_t index) noexcept {
  return memory.item_at(cell_at(memory, page, cells, index))->stamp;
}
[[nodiscard]] inline std::atomic<std::uint64_t>* free_bits(const segment& memory, std::uint32_t page) noexcept {
  return reinterpret_cast<std::atomic<std::uint64_t>*>(memory.page_at(page));
}
// One for each word of free bits. REQUIRES: the page is one of small cells, and stays so.
[[nodiscard]] inline layout::atomic_bound* expiry_bounds(const segment& memory, std::uint32_t page,
                                                         const cell_class& cells) noexcept {
  return reinterpret_cast<layout::atomic_bound*>(free_bits(memory, page) + cells.bit_words());
}

// An allocator found nothing at a place that said "may have": takes the word back, and puts it up again if `look` finds
// something after all. seq_cst on both sides (a free sets its bit with a locked instruction before it looks at the
// word), so one of the two sees the other and no free cell is forgotten.
template <class Look>
[[nodiscard]] bool look_again(std::atomic<std::uint32_t>& may_have_free, Look look) noexcept {
  may_have_free.exchange(0, std::memory_order_seq_cst);
  if (!look()) return false;
  may_have_free.store(1, std::memory_order_release);
  return true;
}

// The other side. REQUIRES: free bit and stamp were stored before, and then a seq_cst fence, which pairs with that exchange.
inline void announce_free(std::atomic<std::uint32_t>& may_have_free) noexcept {
  if (may_have_free.load(std::memory_order_relaxed) == 0) may_have_free.store(1, std::memory_order_release);
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_ALLOCATOR_HPP
