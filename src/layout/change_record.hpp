// change_record: a notice of one change in the ring of changes, and the words around the ring. What is done with them is
// told in table/change_feed.hpp.
//
// Layout: two rings of records, each a cache line. One of changes; one, half as long, of the tails of long keys.
//
//     +-----------+------------------------------------------------------------+
//     | turn (64) | 7 words of 64                                              |
//     +-----------+------------------------------------------------------------+
//     turn: position + 1, its lower half (32) | who writes the record (lock_word, 32); 0: whole
//
//     of a change:       what (64) | key: 48 bytes; of a longer one the first 40 and the position of its tail
//     of a tail:         56 bytes of the key
//
//     what: version (40) | key size - 1 (10) | in keyspace (1) | 0 (5) | kind (8)
//
// A position is the number of a change since the segment was made; its record is position modulo the length of the ring.
// Only the lower half of a position is in its turn: whoever compares it has first seen that the position is in the ring's
// last round, so a mistake would take somebody who stops between two instructions for exactly a multiple of 2^32 changes.
#ifndef LARDER_LAYOUT_CHANGE_RECORD_HPP
#define LARDER_LAYOUT_CHANGE_RECORD_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "larder/changes.hpp"
#include "larder/options.hpp"
#include "layout/item.hpp"
#include "layout/stripe.hpp"

namespace larder::layout {

struct change_turn {
  std::uint64_t bits = 0;

  // The record holds what belongs to the position.
  [[nodiscard]] static constexpr change_turn whole(std::uint64_t position) noexcept {
    return {std::uint64_t{static_cast<std::uint32_t>(position + 1)} << 32};
  }
  // It is being written.
  [[nodiscard]] static constexpr change_turn marked(std::uint64_t position, lock_word by) noexcept {
    return {whole(position).bits | by.bits};
  }
  [[nodiscard]] constexpr bool is_marked() const noexcept { return static_cast<std::uint32_t>(bits) != 0; }
  [[nodiscard]] constexpr bool is_of(std::uint64_t position) const noexcept {
    return bits >> 32 == whole(position).bits >> 32;
  }
  [[nodiscard]] constexpr lock_word writer() const noexcept { return {static_cast<std::uint32_t>(bits)}; }
};

class change_summary {
 public:
  constexpr explicit change_summary(std::uint64_t bits) noexcept : bits_(bits) {}
  constexpr change_summary(change_kind kind, std::uint64_t version, std::size_t key_size, bool in_keyspace) noexcept
      : bits_((version & version_mask) | std::uint64_t{key_size - 1} << 40 | std::uint64_t{in_keyspace} << 50 |
              std::uint64_t{static_cast<std::uint8_t>(kind)} << 56) {}

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr std::uint64_t version() const noexcept { return bits_ & version_mask; }
  [[nodiscard]] constexpr std::size_t key_size() const noexcept { return (bits_ >> 40 & 0x3FFU) + 1; }
  [[nodiscard]] constexpr bool in_keyspace() const noexcept { return (bits_ >> 50 & 1U) != 0; }
  [[nodiscard]] constexpr change_kind kind() const noexcept { return static_cast<change_kind>(bits_ >> 56); }

 private:
  std::uint64_t bits_;
};

static_assert(change_summary(change_kind::evicted, 7, max_key_size, true).key_size() == max_key_size);

inline constexpr std::size_t words_per_change = 7;
inline constexpr std::size_t inline_key_size = 48;  // of a key that fits its record
inline constexpr std::size_t key_head_size = 40;    // of a longer one
inline constexpr std::size_t key_tail_size = 56;    // for each record of its tail
inline constexpr std::size_t largest_key_tail = (max_key_size - key_head_size + key_tail_size - 1) / key_tail_size;

using change_words = std::array<std::uint64_t, words_per_change>;  // of a record, as one thread has them

struct alignas(64) change_record {
  std::atomic<std::uint64_t> turn;  // change_turn
  std::atomic<std::uint64_t> words[words_per_change];
};

static_assert(sizeof(change_record) == 64 && std::is_standard_layout_v<change_record> &&
              std::is_trivially_destructible_v<change_record>);

// The words around the rings, in the header.
struct change_feed {
  // Read by every writer, so on a line that is written only when subscribers come, go, or sleep.
  alignas(64) std::atomic<std::uint32_t> listeners;  // listeners_word
  std::atomic<std::uint32_t> bell;                   // odd: somebody sleeps until it is even

  alignas(64) std::atomic<std::uint64_t> next;  // position of the next change
  std::atomic<std::uint64_t> next_tail;         // of the next record of a tail
};

static_assert(sizeof(change_feed) == 128 && std::is_standard_layout_v<change_feed>);

// Is anybody subscribed? turn (30) | writers need a full fence first (1) | yes (1). The turn grows with every subscriber
// who comes, so that who found nobody, and wants to say so, notices.
struct listeners_word {
  std::uint32_t bits = 0;

  static constexpr std::uint32_t fence_first = 2;
  [[nodiscard]] constexpr bool somebody() const noexcept { return (bits & 1U) != 0; }
  [[nodiscard]] constexpr listeners_word with_one_more() const noexcept { return {(bits + 4) | 1U}; }
  [[nodiscard]] constexpr listeners_word with_nobody() const noexcept { return {bits & ~1U}; }
};

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_CHANGE_RECORD_HPP
