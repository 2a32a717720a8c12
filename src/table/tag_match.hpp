// Which of a bucket's seven words carry a tag: all compared at once (SSE2), or one by one.
//
// The vector loads are not atomic accesses in the language's sense; each 8-byte lane is read whole by the processor, and
// whoever uses a match loads its word again, atomically, and compares.
#ifndef LARDER_TABLE_TAG_MATCH_HPP
#define LARDER_TABLE_TAG_MATCH_HPP

#include <cstdint>

#include "layout/layout.hpp"

#if defined(__SSE2__) && !LARDER_TSAN && !defined(LARDER_SCALAR)
#define LARDER_MATCH_SSE2 1
#include <emmintrin.h>
#endif

namespace larder::table {

// Bit i is set if word i has the tag. An empty word may match a tag of 0; its cell tells.
[[nodiscard]] inline std::uint32_t match_tags_scalar(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  std::uint32_t matches = 0;
  for (std::uint32_t i = 0; i < layout::words_per_bucket; ++i) {
    const layout::bucket_word word{
        bucket.words[i].load(std::memory_order_relaxed)};  // relaxed: loaded again before use
    matches |= (word.tag() == tag ? 1U : 0U) << i;
  }
  return matches;
}

#if LARDER_MATCH_SSE2
[[nodiscard]] inline std::uint32_t match_tags(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  const auto* words = reinterpret_cast<const __m128*>(&bucket);
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
  // The upper halves of words 0 to 3, and of 4 to 6 and the hints.
  const __m128i low = _mm_castps_si128(_mm_shuffle_ps(words[0], words[1], _MM_SHUFFLE(3, 1, 3, 1)));
  const __m128i high = _mm_castps_si128(_mm_shuffle_ps(words[2], words[3], _MM_SHUFFLE(3, 1, 3, 1)));
  const auto first = static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(low, wanted))));
  const auto second = static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(high, wanted))));
  return (first | second << 4) & 0x7FU;
}
#else
[[nodiscard]] inline std::uint32_t match_tags(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  return match_tags_scalar(bucket, tag);
}
#endif

}  // namespace larder::table

#endif  // LARDER_TABLE_TAG_MATCH_HPP
