// expiry_bound: no item of a group expires before this; so a sweeper looks only where something may have expired.
//
// One word for each group of 64 cells of a page, beside their free bits, and one for each page, in its entry. The 64
// frames of a LARGE page are one group.
//
//     bound word: tick (31) | being swept (1)        tick = ms of the host's clock / 128, rounded up; word 0: never
//
// States and transitions
//
//     never, later -- CAS by who publishes an item or shortens its life --------------------> earlier tick
//     tick ---------- CAS by a sweeper, when the tick has passed ----------------------------> being swept, in 2 s again
//     being swept --- CAS by its sweeper, when it has seen all cells ------------------------> earliest tick it found
//     being swept --- CAS by who publishes meanwhile: the sweeper's CAS fails, it lowers ----> tick
//
// Invariant I16: an item that is linked expires no earlier than the bound of its group and that of its page, unless the
// bound passes within 2 s: a sweep is going on, or was when its sweeper died; or a touch died with the lock of its stripe
// and nobody has taken that over yet. Too early costs a look; too late would cost memory until the item is evicted.
//
// Ordering: whoever publishes an item first owns its cell (stamp), then looks at the bound, and then stores the bucket
// word. A sweeper marks the bound, fences heavily, and then looks at the stamps. So one of the two sees the other: the
// sweeper a cell that is in flight, which it counts as about to expire; or the publisher the mark, which it replaces.
//
// If a sweeper dies here: the mark is a bound itself, and passes 2 s after it was set.
#ifndef LARDER_LAYOUT_EXPIRY_BOUND_HPP
#define LARDER_LAYOUT_EXPIRY_BOUND_HPP

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace larder::layout {

using atomic_bound = std::atomic<std::uint32_t>;
static_assert(atomic_bound::is_always_lock_free && sizeof(atomic_bound) == 4);

inline constexpr std::uint32_t cells_per_group = 64;

struct expiry_bound {
  std::uint32_t bits = 0;

  static constexpr std::uint32_t tick_shift = 7;  // 128 ms: 8.7 years of uptime fit; then bounds are too early
  static constexpr std::uint32_t patience = 2000 >> tick_shift;  // ticks after which a mark counts as a dead sweeper's
  static constexpr std::uint32_t last_tick = 0x7FFF'FFFF;

  // The first tick at which something that expires at `ms` has expired.
  [[nodiscard]] static constexpr std::uint32_t tick_of(std::uint64_t ms) noexcept {
    const std::uint64_t tick = (ms >> tick_shift) + ((ms & ((1U << tick_shift) - 1)) != 0 ? 1U : 0U);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(tick, 1, last_tick));
  }
  [[nodiscard]] static constexpr expiry_bound at(std::uint32_t tick) noexcept { return {tick << 1}; }
  [[nodiscard]] static constexpr expiry_bound being_swept(std::uint32_t now) noexcept {
    return {std::min(now + patience, last_tick) << 1 | 1U};
  }
  [[nodiscard]] static constexpr expiry_bound never() noexcept { return {}; }

  [[nodiscard]] constexpr bool is_never() const noexcept { return bits == 0; }
  [[nodiscard]] constexpr bool is_being_swept() const noexcept { return (bits & 1U) != 0; }
  [[nodiscard]] constexpr std::uint32_t tick() const noexcept { return bits >> 1; }
  [[nodiscard]] constexpr bool is_due(std::uint32_t now) const noexcept { return !is_never() && tick() <= now; }

  // The bound once something that expires at `tick` is there, too.
  [[nodiscard]] constexpr expiry_bound lowered_to(std::uint32_t other) const noexcept {
    return at(is_never() ? other : std::min(tick(), other));
  }
  friend constexpr bool operator==(expiry_bound, expiry_bound) = default;
};

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_EXPIRY_BOUND_HPP
