// The floor: what any cache of this shape must do for a get, and nothing else. A keyed hash of the whole key, one line
// of an index, one line of an item with a compare of the whole key. No synchronisation, no expiry, no recency, no
// counters, no overwriting, no erasing. It lives in shared memory, in pages of the size that larder has.
//
//   bucket  64 bytes: 7 words (tag 32 | place 32, in units of 8 bytes; 0 = empty), and a word that says whether keys
//           of this bucket went to the next one. 4 keys a bucket on average: 2 % of the keys are in the next one.
//   item    key size 4 | value size 4 | key | value, padded to 8 bytes
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_FLOOR_CACHE_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_FLOOR_CACHE_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "shared_region.hpp"
#include "workload.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bench {

class floor_cache {
 public:
  static constexpr std::string_view name = "floor";

  floor_cache(std::size_t items, std::size_t value_size, bool huge_pages);

  // True. REQUIRES: the key has shortest_key to longest_key bytes and is not there yet; there are not more items than
  // the constructor was told.
  bool insert(std::string_view key, std::string_view value) noexcept;

  // Empty if the key is not there.
  [[nodiscard]] std::string_view find(std::string_view key) const noexcept {
    const std::uint64_t hash = hash_of(key);
    const tag_type tag = tag_of(hash);
    for (std::size_t at = bucket_of(hash);; at = next(at)) {
      const bucket& line = buckets_[at];
      for (unsigned matches = match(line, tag); matches != 0; matches &= matches - 1) {
        const item& found = item_at(line.words[static_cast<std::size_t>(std::countr_zero(matches))]);
        if (same_key(found, key)) return {found.text() + found.key_size, found.value_size};
      }
      if (line.overflowed == 0) return {};
    }
  }

  [[nodiscard]] std::uint64_t get(std::string_view key) const noexcept { return mark_in(find(key)); }

  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) const {
    const std::string_view value = find(key);
    if (value.empty()) return false;
    out.assign(value);
    return true;
  }

  [[nodiscard]] std::string pages() const { return page_size_name(huge_share(items_)); }

 private:
  using tag_type = std::uint32_t;
  static constexpr std::size_t words_in_bucket = 7;

  struct alignas(64) bucket {
    std::array<std::uint64_t, words_in_bucket> words;
    std::uint64_t overflowed;
  };
  static_assert(sizeof(bucket) == 64);

  struct item {
    std::uint32_t key_size;
    std::uint32_t value_size;
    [[nodiscard]] const char* text() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  };

  __extension__ using wide = unsigned __int128;

  static std::uint64_t load(const char* from) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  static std::uint64_t fold(std::uint64_t x, std::uint64_t y) noexcept {
    const wide product = static_cast<wide>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  // After wyhash (Wang Yi, public domain), keyed: as strong and as costly as larder's own, and like it without a branch on
  // the size, which would be mispredicted often. REQUIRES: 16 to 48 bytes.
  [[nodiscard]] std::uint64_t hash_of(std::string_view key) const noexcept {
    const char* first = key.data();
    const char* middle = first + (key.size() - 16) / 2;
    const char* last = first + key.size() - 16;
    const std::uint64_t x = fold(load(first) ^ seed_[1], load(first + 8) ^ seed_[0]);
    const std::uint64_t y = fold(load(middle) ^ seed_[2], load(middle + 8) ^ seed_[0]);
    return fold(x ^ load(last) ^ key.size(), y ^ load(last + 8) ^ seed_[1]);
  }

  // The upper bits choose the bucket, the lower ones are the tag.
  [[nodiscard]] std::size_t bucket_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>((static_cast<wide>(hash) * bucket_count_) >> 64);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return at + 1 == bucket_count_ ? 0 : at + 1; }
  static tag_type tag_of(std::uint64_t hash) noexcept { return static_cast<tag_type>(hash) | 1; }

  // Bit i of the result: word i has this tag.
  static unsigned match(const bucket& line, tag_type tag) noexcept {
#if defined(__SSE2__)
    const auto* words = reinterpret_cast<const __m128i*>(&line);
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
    const auto tags = [&](int pair) {
      const __m128 low = _mm_castsi128_ps(_mm_load_si128(words + pair));
      const __m128 high = _mm_castsi128_ps(_mm_load_si128(words + pair + 1));
      return _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
    };
    const __m128i equal = _mm_packs_epi32(_mm_cmpeq_epi32(tags(0), wanted), _mm_cmpeq_epi32(tags(2), wanted));
    const int bits = _mm_movemask_epi8(_mm_packs_epi16(equal, equal));
    return static_cast<unsigned>(bits) & ((1U << words_in_bucket) - 1);
#else
    unsigned bits = 0;
    for (std::size_t at = 0; at < words_in_bucket; ++at) {
      bits |= static_cast<unsigned>(static_cast<tag_type>(line.words[at]) == tag) << at;
    }
    return bits;
#endif
  }

  [[nodiscard]] const item& item_at(std::uint64_t word) const noexcept {
    return *reinterpret_cast<const item*>(items_ + (word >> 32) * 8);
  }

  // Without a branch on the size, which would be mispredicted often: the first, the middle and the last 16 bytes, which
  // together are all bytes of a key of 16 to 48.
  static bool same_key(const item& found, std::string_view key) noexcept {
    static_assert(shortest_key >= 16 && longest_key <= 48);
    if (found.key_size != key.size()) return false;
    const char* text = found.text();
    const std::size_t last = key.size() - 16;
    std::uint64_t difference = 0;
    for (const std::size_t at : {std::size_t{0}, last / 2, last}) {
      difference |= load(text + at) ^ load(key.data() + at);
      difference |= load(text + at + 8) ^ load(key.data() + at + 8);
    }
    return difference == 0;
  }

  std::array<std::uint64_t, 3> seed_;
  std::size_t bucket_count_;
  shared_region memory_;
  bucket* buckets_;
  std::byte* items_;
  std::size_t used_ = 0;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_FLOOR_CACHE_HPP
