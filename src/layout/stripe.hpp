// stripe: the writer lock and change count of one part of the hash table; and the table word, which names its buckets.
//
//     table word, from its lowest bit: first bucket (32, in cache lines from the base) | turn (16) | bucket count (16)
//
// The table words stand apart from the stripes, dense, since every reader loads one and only writers touch the stripes.
// Storing a table word replaces a stripe's whole bucket array at once; `turn` grows each time, so a reader that loads
// the same word twice has seen one array (I8).
#ifndef LARDER_LAYOUT_STRIPE_HPP
#define LARDER_LAYOUT_STRIPE_HPP

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "layout/ref.hpp"

namespace larder::layout {

struct table_word {
  std::uint64_t bits = 0;

  [[nodiscard]] static constexpr table_word make(std::uint32_t first, std::uint32_t count,
                                                 std::uint32_t turn) noexcept {
    return {std::uint64_t{first} | std::uint64_t{turn & 0xFFFFU} << 32 | std::uint64_t{count} << 48};
  }
  [[nodiscard]] constexpr std::uint32_t first() const noexcept { return static_cast<std::uint32_t>(bits); }
  [[nodiscard]] constexpr std::uint32_t turn() const noexcept {
    return static_cast<std::uint32_t>(bits >> 32) & 0xFFFFU;
  }
  [[nodiscard]] constexpr std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(bits >> 48); }
};

inline constexpr std::uint32_t max_buckets_per_stripe = 0xFFFF;

// The 32-bit lock word: slot + 1 (16) | generation (16); 0 = unlocked (I10).
struct lock_word {
  std::uint32_t bits = 0;

  [[nodiscard]] static constexpr lock_word make(std::uint32_t slot, std::uint32_t generation) noexcept {
    return {(slot + 1) << 16 | (generation & 0xFFFFU)};
  }
  [[nodiscard]] constexpr bool unlocked() const noexcept { return bits == 0; }
  [[nodiscard]] constexpr std::uint32_t slot() const noexcept { return (bits >> 16) - 1; }
  [[nodiscard]] constexpr std::uint32_t generation() const noexcept { return bits & 0xFFFFU; }
};

struct alignas(64) stripe {
  std::atomic<std::uint32_t> lock;  // lock_word
  std::atomic<std::uint32_t>
      items;  // words in use; written under the lock. A hint: recounted when buckets are replaced
  std::atomic<std::uint32_t> sleepers;   // somebody sleeps until the lock is free
  std::atomic<std::uint32_t> published;  // new items since words last went home (table/homing.hpp); under the lock
  std::atomic<std::uint64_t> changes;    // grows under the lock with every visible change (I9); versions come from it
};

static_assert(sizeof(stripe) == 64 && std::is_standard_layout_v<stripe> && std::is_trivially_destructible_v<stripe>);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_STRIPE_HPP
