// What every key of a crash test may hold: noted before each call and after its return, in memory that outlives whoever is
// killed. So the survivor knows what was acknowledged, and what was in flight.
#ifndef LARDER_TESTS_CRASH_JOURNAL_HPP
#define LARDER_TESTS_CRASH_JOURNAL_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "platform/platform.hpp"

namespace crash {

// What a key holds, in one word, so that it is noted at once. Zero: nothing.
struct content {
  enum class kind : std::uint8_t {
    absent,
    sealed,  // support::sealed_value of this sequence number and size
    stream,  // the first `size` bytes of a stream that only the key decides: what grows by appending
    number,  // a counter
  };
  kind what = kind::absent;
  std::uint32_t size = 0;  // below 2^28
  std::uint32_t sequence = 0;

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept {
    return std::uint64_t{static_cast<std::uint8_t>(what)} << 60 | std::uint64_t{size} << 32 | sequence;
  }
  [[nodiscard]] static constexpr content from(std::uint64_t bits) noexcept {
    return {static_cast<kind>(bits >> 60), static_cast<std::uint32_t>(bits >> 32) & 0xFFF'FFFFU,
            static_cast<std::uint32_t>(bits)};
  }
  friend constexpr bool operator==(const content&, const content&) = default;
};

[[nodiscard]] std::string key_of(std::size_t i);

// The bytes of a value. REQUIRES: not absent.
[[nodiscard]] std::string bytes_of(std::size_t key, content what);

inline constexpr std::size_t most_keys = 4096;
inline constexpr auto kill_point_count = static_cast<std::size_t>(larder::platform::kill_point::count);

struct journal {
  std::array<std::atomic<std::uint64_t>, most_keys> acknowledged;    // content: what the last call that returned left
  std::array<std::atomic<std::uint64_t>, most_keys> begun;           // what the call that is under way will leave
  std::array<std::atomic<std::uint32_t>, kill_point_count> reached;  // how often, when that is what is asked for

  [[nodiscard]] content now(std::size_t key) const noexcept { return content::from(acknowledged[key]); }
  [[nodiscard]] content next(std::size_t key) const noexcept { return content::from(begun[key]); }
  void begin(std::size_t key, content what) noexcept { begun[key] = what.bits(); }
  void settle(std::size_t key, content what) noexcept {
    acknowledged[key] = what.bits();
    begun[key] = what.bits();
  }
};

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_JOURNAL_HPP
