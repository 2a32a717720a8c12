// bucket: one cache line with 7 publication words and a word of hints.
//
// Layout
//
//     +--------+--------+--------+--------+--------+--------+--------+---------------------------+
//     | word 0 | word 1 | word 2 | word 3 | word 4 | word 5 | word 6 | ghosts (7 x 8) | spilled 8 |   64 bytes
//     +--------+--------+--------+--------+--------+--------+--------+---------------------------+
//     word: tag (32) | cell_ref (32); 0 = empty.
//
// A word is THE publication point of an item (I1): storing it makes the item exist, clearing it ends it.
//
// The tag is 32 bits of the key's hash and also decides the bucket (table/bucket_index.hpp), so an array of another size
// can be filled from the words alone, without touching an item.
//
// ghosts: fingerprints of the items that were evicted from this bucket last, the newest first (table/hints.hpp).
// spilled: how many items that belong here live in their alternate bucket. May be too high after a death (a needless
// look), never too low: it grows before the word is stored and shrinks after it is cleared.
#ifndef LARDER_LAYOUT_BUCKET_HPP
#define LARDER_LAYOUT_BUCKET_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "layout/ref.hpp"

namespace larder::layout {

inline constexpr std::size_t words_per_bucket = 7;

// A bucket word, taken apart.
struct bucket_word {
  std::uint64_t bits = 0;

  [[nodiscard]] static constexpr bucket_word make(std::uint32_t tag, cell_ref cell) noexcept {
    return {std::uint64_t{tag} << 32 | cell};
  }
  [[nodiscard]] constexpr std::uint32_t tag() const noexcept { return static_cast<std::uint32_t>(bits >> 32); }
  [[nodiscard]] constexpr cell_ref cell() const noexcept { return static_cast<cell_ref>(bits); }
  [[nodiscard]] constexpr bool empty() const noexcept { return cell() == no_cell; }
};

struct alignas(64) bucket {
  std::atomic<std::uint64_t> words[words_per_bucket];
  std::atomic<std::uint64_t> hints;
};

static_assert(sizeof(bucket) == 64 && alignof(bucket) == 64 && std::is_standard_layout_v<bucket>);
static_assert(std::is_trivially_destructible_v<bucket>);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_BUCKET_HPP
