// Which of a bucket's seven words carry a tag: all compared at once (SSE2), or one by one.
//
// The vector loads are not atomic accesses in the language's sense; each 8-byte lane is read whole by the processor, and
// whoever uses a match loads its word again, atomically, and compares.
#ifndef LARDER_TABLE_TAG_MATCH_HPP
#define LARDER_TABLE_TAG_MATCH_HPP

#include <bit>
#include <cstddef>
#include <cstdint>

#include "layout/layout.hpp"
#include "platform/platform.hpp"

#if defined(__SSE2__) && !LARDER_TSAN && !defined(LARDER_SCALAR)
#define LARDER_MATCH_SSE2 1
#include <emmintrin.h>
#endif

namespace larder::table {

// The words of a bucket that match, as a range of their indices: two bits a word, as the vector comparison leaves them.
class tag_matches {
 public:
  constexpr explicit tag_matches(std::uint32_t pairs) noexcept : pairs_(pairs & 0x3FFFU) {}
  [[nodiscard]] static constexpr std::uint32_t pair_of(std::size_t word) noexcept { return 3U << 2 * word; }

  [[nodiscard]] constexpr bool none() const noexcept { return pairs_ == 0; }
  // REQUIRES: !none().
  [[nodiscard]] constexpr std::size_t first() const noexcept {
    return static_cast<unsigned>(std::countr_zero(pairs_)) / 2;
  }
  [[nodiscard]] const std::atomic<std::uint64_t>& first_of(const layout::bucket& bucket) const noexcept {
    // Words of 8 bytes, pairs of bits: the number of zeroes is a quarter of the offset.
    static_assert(sizeof bucket.words[0] == 8);
    const auto* bytes = reinterpret_cast<const std::byte*>(&bucket);
    const std::size_t zeroes = static_cast<unsigned>(std::countr_zero(pairs_));
    return *reinterpret_cast<const std::atomic<std::uint64_t>*>(bytes + 4 * zeroes);
  }
  [[nodiscard]] constexpr tag_matches without_first() const noexcept { return tag_matches(pairs_ & ~pair_of(first())); }
  friend constexpr bool operator==(tag_matches, tag_matches) noexcept = default;

 private:
  std::uint32_t pairs_;
};

// The words that have the tag. An empty word may match a tag of 0; its cell tells.
[[nodiscard]] inline tag_matches match_tags_scalar(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  const platform::speculation reading;
  std::uint32_t pairs = 0;
  for (std::size_t i = 0; i < layout::words_per_bucket; ++i) {
    const layout::bucket_word word{
        bucket.words[i].load(std::memory_order_relaxed)};  // relaxed: loaded again before use
    if (word.tag() == tag) pairs |= tag_matches::pair_of(i);
  }
  return tag_matches(pairs);
}

#if LARDER_MATCH_SSE2
[[nodiscard]] inline tag_matches match_tags(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  const auto* words = reinterpret_cast<const __m128*>(&bucket);
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
  // The upper halves of words 0 to 3, and of 4 to 6 and the hints.
  const __m128i low = _mm_castps_si128(_mm_shuffle_ps(words[0], words[1], _MM_SHUFFLE(3, 1, 3, 1)));
  const __m128i high = _mm_castps_si128(_mm_shuffle_ps(words[2], words[3], _MM_SHUFFLE(3, 1, 3, 1)));
  const __m128i equal = _mm_packs_epi32(_mm_cmpeq_epi32(low, wanted), _mm_cmpeq_epi32(high, wanted));
  return tag_matches(static_cast<std::uint32_t>(_mm_movemask_epi8(equal)));
}
#else
[[nodiscard]] inline tag_matches match_tags(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  return match_tags_scalar(bucket, tag);
}
#endif

}  // namespace larder::table

#endif  // LARDER_TABLE_TAG_MATCH_HPP
