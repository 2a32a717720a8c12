// Host-wide monotonic time in milliseconds, read by the caller itself: it does not stop with any daemon.
#ifndef LARDER_PLATFORM_CLOCK_HPP
#define LARDER_PLATFORM_CLOCK_HPP

#include <time.h>

#include <cstdint>

namespace larder::platform {

namespace detail {
inline std::uint64_t milliseconds_of(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}
}  // namespace detail

// The time of the last timer tick: up to 10 ms late, never early; 4 ns a call instead of 16.
inline std::uint64_t coarse_now() noexcept { return detail::milliseconds_of(CLOCK_MONOTONIC_COARSE); }

// Exact. Deadlines are made from this one and tested against the coarse one, so nothing ends early.
inline std::uint64_t exact_now() noexcept { return detail::milliseconds_of(CLOCK_MONOTONIC); }

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_CLOCK_HPP
