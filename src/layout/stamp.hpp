// stamp: who a cell belongs to. One atomic 16-bit word for each cell, and for each frame of a LARGE page.
//
// States and transitions
//
//     FREE --------- claim: CAS by the allocating thread, which names the cell in its hints first ---------> OWNED(slot)
//     OWNED(slot) -- link: store by the owner, under the stripe lock, after the bucket word is published --> LINKED
//     OWNED(slot) -- store by the owner, after the stripe's table word names the array --------------------> TABLE
//     LINKED ------- retire: store by whoever took the bucket word away, under the stripe lock ------------> OWNED(slot)
//     TABLE -------- the same for a bucket array that was replaced ----------------------------------------> OWNED(slot)
//     OWNED(slot) -- orphan: store by the owner, when its limbo is full or it detaches ---------------------> ORPHAN(slot)
//     ORPHAN(any) -- adopt: CAS by whoever meets it (eviction hand, drain, reap), hinted ------------------> OWNED(slot)
//     OWNED(slot) -- free: store by the owner (or by its recoverer, in its own name), once no pin is left --> FREE
//     FREE --------- claim: CAS, for the frames of a run after its first, once that one is OWNED ----------> TAIL
//     TAIL --------- free: store by the owner of the run's first frame, the last frame first --------------> FREE
//
// So every TAIL belongs to the nearest frame before it that is none, at every instruction.
//
// A CAS is needed only where two could want the same cell: leaving FREE or ORPHAN. LINKED and TABLE are left under the stripe
// lock, OWNED by one thread.
//
// Invariants: I2 (a stamp has one of these values), I3 (OWNED by a slot that is not recovered => in its hints).
// An ORPHAN is nobody's. It tells who left it, so that a thread which left many knows those that nobody has had since: no
// other thread makes ORPHANs of that name. Such it may free when a heavy fence has passed (memory/limbo.hpp).
//
// FREE is 0, so memory fresh from the kernel holds free cells.
#ifndef LARDER_LAYOUT_STAMP_HPP
#define LARDER_LAYOUT_STAMP_HPP

#include <atomic>
#include <cstdint>

namespace larder::layout {

using atomic_stamp = std::atomic<std::uint16_t>;
static_assert(atomic_stamp::is_always_lock_free && sizeof(atomic_stamp) == 2);

inline constexpr std::uint16_t stamp_free = 0;
inline constexpr std::uint16_t stamp_linked = 1;
inline constexpr std::uint16_t stamp_table = 2;
inline constexpr std::uint16_t stamp_tail = 3;
inline constexpr std::uint16_t first_owner_stamp = 16;
inline constexpr std::uint16_t first_orphan_stamp = 0x8000;

[[nodiscard]] constexpr std::uint16_t stamp_owned(std::uint32_t slot) noexcept {
  return static_cast<std::uint16_t>(first_owner_stamp + slot);
}
[[nodiscard]] constexpr bool is_owned(std::uint16_t stamp) noexcept {
  return stamp >= first_owner_stamp && stamp < first_orphan_stamp;
}
[[nodiscard]] constexpr std::uint32_t owner_of(std::uint16_t stamp) noexcept {
  return static_cast<std::uint32_t>(stamp) - first_owner_stamp;
}

// Unpublished, nobody's, perhaps still pinned; left by the slot's owner.
[[nodiscard]] constexpr std::uint16_t stamp_orphan(std::uint32_t slot) noexcept {
  return static_cast<std::uint16_t>(first_orphan_stamp + slot);
}
[[nodiscard]] constexpr bool is_orphan(std::uint16_t stamp) noexcept { return stamp >= first_orphan_stamp; }

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_STAMP_HPP
