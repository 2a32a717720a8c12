// Limbo: cells that were unpublished and wait until no reader pins them any more (hazard pointers, M. Michael 2004).
//
// Protocol
//
//     retire    [under the stripe lock, after the bucket word was cleared, `retiring` names the cell]
//               stamp = OWNED(me); limbo[n] = cell; retiring = 0
//     reclaim   heavy fence; for each cell of my limbo that no pin names: free_cell; limbo[i] = 0
//     or keep   the same, but the cell stays where and whose it is; my next item of its size takes it from there:
//               hint = cell; limbo[i] = 0
//
//     Kept cells make a put over an old item cheap: what it retires is what one of the next puts fills, without a locked
//     instruction, in lines that are still near. What was not used until the next time is freed then.
//
//     share     half full: mark all that wait, and the fences (heavy_fence.hpp). Full: if somebody has fenced since the mark,
//               no fence; for each marked cell that no pin names: as above; then mark the rest
//
//     A cell that limbo has no room for, even after reclaim, becomes an ORPHAN: nobody's, and found by the next eviction
//     hand, drain or reap that passes. So any number of pins may be held against one writer.
//
//     A sweeper leaves ORPHANs by the thousand, and then frees them with one heavy fence, since each fence disturbs every
//     reader: unpublish them all; heavy fence; for each that no pin names: CAS ORPHAN(me) -> OWNED(me); free_cell. The CAS
//     succeeds only if nobody has had the cell since: whoever took it meanwhile and left it again left another stamp.
//
// Invariants: I3 (limbo is one of the hints), I7 (a cell is used again only if, after it was unpublished, a heavy fence
// completed and no pin named it), I8 (the reader's half, in table/find).
//
// If a process dies here: its limbo is there for the recoverer, who retires the cells in its own name.
//
// Costs: at most one heavy fence, and one or two looks at all pins, for a full limbo. A pin keeps back one cell, never others.
#ifndef LARDER_MEMORY_LIMBO_HPP
#define LARDER_MEMORY_LIMBO_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "layout/layout.hpp"
#include "memory/actor.hpp"
#include "memory/allocator.hpp"
#include "memory/heavy_fence.hpp"
#include "memory/pages.hpp"

namespace larder::memory {

[[nodiscard]] inline bool limbo_is_full(const actor& me) noexcept {
  return !me.limbo.has_vacancy(me.memory->geometry().limbo_capacity);
}
// True when it is time to reclaim: limbo is full, or what waits there are more bytes than a small part of the segment.
[[nodiscard]] inline bool limbo_is_due(const actor& me) noexcept {
  constexpr std::uint64_t most = std::uint64_t{1} << 20;
  return limbo_is_full(me) || me.limbo_bytes > std::min(most, me.memory->geometry().capacity / 256);
}

inline void put_in_limbo(actor& me, layout::cell_ref cell, std::uint64_t bytes) noexcept {
  hint(me.slot->limbo()[me.limbo.take()], cell);
  me.limbo_bytes += bytes;
  LARDER_KILL_POINT(retire_in_limbo);
}

// REQUIRES: the caller holds the cell's stripe lock, `retiring` names it, and it is not reachable.
void retire_unusual(actor& me, layout::cell_ref cell) noexcept;  // a run, or a cell that limbo has no room for
inline void retire(actor& me, layout::cell_ref cell, std::uint32_t size_class) noexcept {
  if (size_class == layout::large_class || limbo_is_full(me)) [[unlikely]]
    return retire_unusual(me, cell);
  if (platform::has(platform::bug::hint_cleared_before_limbo)) clear_hint(me.slot->retiring);
  me.memory->item_at(cell)->stamp.store(me.stamp(),
                                        std::memory_order_release);  // release: after the bucket word was cleared (I2)
  LARDER_KILL_POINT(retire_stamped);
  put_in_limbo(me, cell, (*me.classes)[size_class].size);
  clear_hint(me.slot->retiring);
}
inline void retire(actor& me, layout::cell_ref cell) noexcept {
  retire(me, cell, word_of(*me.memory, me.memory->page_of(cell)).size_class());
}

// What a thread has retired beyond its limbo's room, and means to free by itself. Private notes: should it die, others find
// these cells as they find every ORPHAN.
class overflow {
 public:
  static constexpr std::size_t most = 4096;

  // True when it is time for free_overflow.
  [[nodiscard]] bool is_due(const actor& me) const noexcept {
    return count_ == most || bytes_ > me.memory->geometry().capacity / 64;
  }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  // REQUIRES: the caller has retired the cell while its limbo was full; not is_due().
  void add(layout::cell_ref cell, std::uint64_t bytes) noexcept {
    cells_[count_++] = cell;
    bytes_ += bytes;
  }
  [[nodiscard]] std::span<const layout::cell_ref> sorted() noexcept {
    const auto end = cells_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(cells_.begin(), end);
    return {cells_.begin(), std::unique(cells_.begin(), end)};
  }
  void clear() noexcept {
    count_ = 0;
    bytes_ = 0;
  }

 private:
  std::array<layout::cell_ref, most> cells_;
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

// Frees what is in it and in limbo; what is pinned goes to limbo, or stays an ORPHAN. Two heavy fences. Returns how many.
std::uint32_t free_overflow(actor& me, overflow& beyond) noexcept;

// Takes an ORPHAN into the caller's limbo. False: somebody else did, or limbo is full.
bool adopt_orphan(actor& me, layout::cell_ref cell) noexcept;

// The same for all ORPHANs of a page, with a reclaim whenever limbo is full.
void adopt_orphans_of(actor& me, std::uint32_t page) noexcept;

// Empties limbo for a thread that detaches: what is still pinned becomes ORPHAN.
void orphan_limbo(actor& me) noexcept;

// Adopts and reclaims all orphans of the segment whose pins are gone. O(cells).
void collect_orphans(actor& me) noexcept;

// Marks all that wait, for reclaim_due.
void mark_limbo(actor& me) noexcept;

// Frees the cells whose pins are gone, and those that were kept. Returns how many. 0 too if the kernel refuses the fence.
std::uint32_t reclaim(actor& me) noexcept;

// The same for a thread that is about to allocate: small cells are kept for it. Returns how many are free or kept now.
std::uint32_t reclaim_and_keep(actor& me) noexcept;

// The same, but only of what is marked if the fence of another thread will do.
void reclaim_due(actor& me, bool keep) noexcept;

// For a thread that is about to retire a cell, and to allocate one if it keeps.
inline void tend_limbo(actor& me, bool keep) noexcept {
  if (limbo_is_due(me)) [[unlikely]]
    return reclaim_due(me, keep);
  if (me.limbo.unmarked() >= me.memory->geometry().limbo_capacity / 2) [[unlikely]]
    mark_limbo(me);
}

void refuse_kept(actor& me, std::uint16_t place, std::uint32_t size_class) noexcept;  // one that a drain waits for

// A kept cell of the class, named in the hint word; no_cell if there is none.
[[nodiscard]] inline layout::cell_ref take_kept(actor& me, std::uint32_t size_class,
                                                layout::atomic_ref32& hint_word) noexcept {
  for (;;) {
    const std::uint16_t place = me.limbo.kept_of(size_class);
    if (place == limbo_places::none) return layout::no_cell;
    layout::atomic_ref32& word = me.slot->limbo()[place];
    const layout::cell_ref cell = word.load(std::memory_order_relaxed);  // relaxed: mine
    if (!is_of_class(*me.memory, me.memory->page_of(cell), size_class)) [[unlikely]] {
      refuse_kept(me, place, size_class);
      continue;
    }
    hint(hint_word, cell);
    LARDER_KILL_POINT(kept_hinted);
    clear_hint(word);
    LARDER_KILL_POINT(kept_taken);
    me.limbo.vacate_kept(size_class);
    if (const std::uint16_t next = me.limbo.kept_of(size_class); next != limbo_places::none)
      prefetch_to_fill(*me.memory, me.slot->limbo()[next].load(std::memory_order_relaxed),
                       (*me.classes)[size_class].size);
    return cell;
  }
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_LIMBO_HPP
