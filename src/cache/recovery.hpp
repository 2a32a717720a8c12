// Recovery: giving back what dead threads held. Any thread may do it, at any time, for any dead slot.
//
// Principle
//     Every shared structure is whole at every instruction, so nothing is repaired. What a dead thread may have owned is
//     named by its hints (I3); for each cell, under the lock of its stripe: does the table name it? Then it is linked. If
//     not, it is retired by the recoverer in its own name.
//
// States: ACTIVE (token marked, or process ended), ABANDONED or CLAIMED (process ended) -> RECOVERING(me) -> FREE. Each step
// is idempotent: a recoverer that dies is recovered, and then whoever it recovered.
//
// Order: single cells, then pages (whose claimed cells must not be mistaken for those named singly), then the lock, the
// pins and the counters; the generation; FREE.
#ifndef LARDER_CACHE_RECOVERY_HPP
#define LARDER_CACHE_RECOVERY_HPP

#include <cstdint>

#include "memory/memory.hpp"

namespace larder::detail {

// True if the slot's state word `seen` is one of an owner (or recoverer) that is certainly dead. A quick look costs a system
// call for each slot that is in use, and suffices unless the kernel could not mark the dead one's token.
[[nodiscard]] bool is_lost(const segment& memory, std::uint32_t slot, layout::slot_word seen,
                           platform::look how = platform::look::quick) noexcept;

// Recovers one slot if its owner is dead. False: it is not, or others are at it, or a stopped process is in the way.
bool recover(memory::actor& me, std::uint32_t slot, platform::look how = platform::look::thorough) noexcept;

// Recovers all dead slots; returns how many.
std::size_t recover_all(memory::actor& me, platform::look how = platform::look::quick) noexcept;

// Recovers the owner of a lock that this thread has taken over, if it did. For the end of an operation.
inline void recover_met(memory::actor& me) noexcept {
  if (me.met_dead == 0) [[likely]]
    return;
  const std::uint32_t slot = me.met_dead - 1;
  me.met_dead = 0;
  recover(me, slot);
}

// For a slot that was claimed from a dead owner: ends what belongs to the owner and not to the slot (pins, counters, the
// generation), before the slot is ACTIVE again; and settles what the slot's hints name, once it is. A lock of the dead one
// names a generation that has passed, so whoever comes first takes it over: settle_own, or a writer who waits.
void disown(const segment& memory, std::uint32_t slot) noexcept;
// False: a stopped process is in the way; the slot's hints still name what is left. REQUIRES: no pin of the slot is held.
[[nodiscard]] bool settle_own(memory::actor& me) noexcept;

// Adds what a slot's owner counted to the segment's totals. REQUIRES: the owner is gone, or the caller.
void fold_counters(const segment& memory, layout::slot& slot) noexcept;

}  // namespace larder::detail

#endif  // LARDER_CACHE_RECOVERY_HPP
