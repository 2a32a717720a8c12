// geometry: where everything is in a segment. A pure function of the capacity and the number of slots, so whoever opens
// a segment computes it again and compares: a field that was damaged cannot lead anywhere.
//
// Layout of a segment (areas start at multiples of 64 bytes, pages at multiples of their size)
//
//     +--------+--------+-------+---------+---------+-----------+---------+---------+---------+---------+----------------+
//     | header | tables | slots | stripes | classes | keyspaces | changes | entries | frames  | first   | page 0, 1, ... |
//     | 4096   | n x 8  | n x m | n x 64  | n x 128 | n x 16    | n x 64  | n x 16  | n x 128 | buckets |                |
//     +--------+--------+-------+---------+---------+-----------+---------+---------+---------+---------+----------------+
//
// `changes` are two rings: of changes, and half as long one of the tails of their longer keys (change_record.hpp).
#ifndef LARDER_LAYOUT_GEOMETRY_HPP
#define LARDER_LAYOUT_GEOMETRY_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace larder::layout {

inline constexpr std::uint64_t smallest_capacity = std::uint64_t{1} << 20;
inline constexpr std::uint64_t largest_capacity = std::uint64_t{1} << 38;  // 32-bit refs of 64-byte units
inline constexpr std::uint32_t largest_slot_count = 16384;
inline constexpr std::uint32_t largest_limbo = 1024;
inline constexpr std::uint32_t buckets_at_first = 2;  // for each stripe, until it grows
inline constexpr std::uint64_t tables_offset = 4096;  // of all segments, so that a reader need not be told

struct geometry {
  std::uint64_t capacity;
  std::uint32_t slot_count;
  std::uint32_t slot_size;
  std::uint32_t limbo_capacity;
  std::uint32_t stripe_shift;  // log2 of the number of stripes
  std::uint32_t class_count;   // room in the class table
  std::uint32_t keyspace_count;
  std::uint32_t page_shift;
  std::uint32_t page_count;
  std::uint32_t unit_shift;
  std::uint32_t change_count;  // records in the ring of changes; a power of 2
  std::uint64_t slots;         // offsets from the base, in bytes; tables_offset is where the tables are
  std::uint64_t stripes;
  std::uint64_t classes;
  std::uint64_t keyspaces;
  std::uint64_t changes;
  std::uint64_t key_tails;
  std::uint64_t entries;
  std::uint64_t frames;
  std::uint64_t first_buckets;
  std::uint64_t pages;

  [[nodiscard]] constexpr std::uint32_t stripe_count() const noexcept { return 1U << stripe_shift; }
  [[nodiscard]] constexpr std::uint64_t page_size() const noexcept { return std::uint64_t{1} << page_shift; }
  [[nodiscard]] constexpr std::uint64_t frame_size() const noexcept { return page_size() / 64; }
  [[nodiscard]] constexpr std::uint32_t key_tail_count() const noexcept { return change_count / 2; }
  friend bool operator==(const geometry&, const geometry&) = default;
};

static_assert(std::is_standard_layout_v<geometry> && std::is_trivially_copyable_v<geometry> && sizeof(geometry) == 128);

// REQUIRES: smallest_capacity <= capacity <= largest_capacity, slot_count <= largest_slot_count. slot_count 0: derived.
[[nodiscard]] geometry plan(std::uint64_t capacity, std::uint32_t slot_count) noexcept;

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_GEOMETRY_HPP
