// Limbo: cells that were unpublished and wait until no reader pins them any more (hazard pointers, M. Michael 2004).
//
// Protocol
//
//     retire    [under the stripe lock, after the bucket word was cleared, `retiring` names the cell]
//               stamp = OWNED(me); limbo[n] = cell; retiring = 0
//     reclaim   heavy fence; for each cell of my limbo that no pin names: free_cell; limbo[i] = 0
//
//     A cell that limbo has no room for, even after reclaim, becomes an ORPHAN: nobody's, and found by the next eviction
//     hand, drain or reap that passes. So any number of pins may be held against one writer.
//
// Invariants: I3 (limbo is one of the hints), I7 (a cell is used again only if, after it was unpublished, a heavy fence
// completed and no pin named it), I8 (the reader's half, in table/find).
//
// If a process dies here: its limbo is there for the recoverer, who retires the cells in its own name.
//
// Costs: one heavy fence and one look at all pins for a full limbo. A pin keeps back one cell, never others.
#ifndef LARDER_MEMORY_LIMBO_HPP
#define LARDER_MEMORY_LIMBO_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

// REQUIRES: the caller holds the cell's stripe lock, `retiring` names it, and it is not reachable.
void retire(actor& me, layout::cell_ref cell) noexcept;

// Takes an ORPHAN into the caller's limbo. False: somebody else did, or limbo is full.
bool adopt_orphan(actor& me, layout::cell_ref cell) noexcept;

// Empties limbo for a thread that detaches: what is still pinned becomes ORPHAN.
void orphan_limbo(actor& me) noexcept;

// Adopts and reclaims all orphans of the segment whose pins are gone. O(cells).
void collect_orphans(actor& me) noexcept;

// Frees the cells whose pins are gone. Returns how many. 0 too if the kernel refuses the fence.
std::uint32_t reclaim(actor& me) noexcept;

// True when it is time to reclaim: limbo is full, or holds back more bytes than a small part of the segment.
[[nodiscard]] bool limbo_is_due(const actor& me) noexcept;
[[nodiscard]] inline bool limbo_is_full(const actor& me) noexcept {
  return me.limbo_count >= me.memory->geometry().limbo_capacity;
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_LIMBO_HPP
