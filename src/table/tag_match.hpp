// Which of a bucket's seven words carry a tag: all compared at once (AVX2, SSE2), or one by one.
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

// The words of a bucket that match, as a range of their indices: so many bits a word as the comparison leaves them.
template <unsigned BitsPerWord>
class matching_words {
 public:
  constexpr explicit matching_words(std::uint32_t bits) noexcept : bits_(bits & all) {}
  [[nodiscard]] static constexpr std::uint32_t bits_of(std::size_t word) noexcept {
    return ((1U << BitsPerWord) - 1) << BitsPerWord * word;
  }

  [[nodiscard]] constexpr bool none() const noexcept { return bits_ == 0; }
  // REQUIRES: !none().
  [[nodiscard]] constexpr std::size_t first() const noexcept { return zeroes() / BitsPerWord; }
  [[nodiscard]] const std::atomic<std::uint64_t>& first_of(const layout::bucket& bucket) const noexcept {
    // The offset is a multiple of the number of zeroes, and no index needs to be had.
    const auto* bytes = reinterpret_cast<const std::byte*>(&bucket);
    return *reinterpret_cast<const std::atomic<std::uint64_t>*>(bytes +
                                                                sizeof(bucket.words[0]) / BitsPerWord * zeroes());
  }
  [[nodiscard]] constexpr matching_words without_first() const noexcept {
    return matching_words(bits_ & ~bits_of(first()));
  }

 private:
  static constexpr std::uint32_t all = (1U << BitsPerWord * layout::words_per_bucket) - 1;
  [[nodiscard]] constexpr std::size_t zeroes() const noexcept { return static_cast<unsigned>(std::countr_zero(bits_)); }

  std::uint32_t bits_;
};
using tag_matches = matching_words<2>;

// The words that have the tag. An empty word may match a tag of 0; its cell tells.
[[nodiscard]] inline tag_matches match_tags_scalar(const layout::bucket& bucket, std::uint32_t tag) noexcept {
  const platform::speculation reading;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < layout::words_per_bucket; ++i) {
    const layout::bucket_word word{
        bucket.words[i].load(std::memory_order_relaxed)};  // relaxed: loaded again before use
    if (word.tag() == tag) bits |= tag_matches::bits_of(i);
  }
  return tag_matches(bits);
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

#if LARDER_WIDE_VECTORS
// REQUIRES: platform::has_wide_vectors(). Two loads wait for the bucket's line, and not four: more gets fit into the
// processor's window. (In 10^6 and 5 * 10^6 items a get takes 0.95x the time, by Zipf's law 0.9x.)
//
// Not by intrinsics: GCC inlines them only into functions that are compiled for AVX2 themselves, and not into those that such a
// one inlines.
[[nodiscard]] inline matching_words<1> match_tags_wide(const layout::bucket& bucket, platform::bytes16 hash) noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __m128i x;
  __m128i y;
  // The tag is the upper half of the hash's eight bytes, as it is of a word's; and has the word's sign when they are compared.
  __asm__(
      "vpbroadcastq %[hash], %t[x]\n\t"
      "vpcmpeqd (%[bucket]), %t[x], %t[y]\n\t"
      "vpcmpeqd 32(%[bucket]), %t[x], %t[x]\n\t"
      "vmovmskpd %t[y], %[low]\n\t"
      "vmovmskpd %t[x], %[high]\n\t"
      "vzeroupper"
      : [low] "=&r"(low), [high] "=&r"(high), [x] "=&x"(x), [y] "=&x"(y)
      : [hash] "x"(hash.all()), [bucket] "r"(&bucket), "m"(bucket));
  return matching_words<1>(low | high << 4);
}
#endif

}  // namespace larder::table

#endif  // LARDER_TABLE_TAG_MATCH_HPP
