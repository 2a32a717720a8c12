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

// 16 bytes, in a register where there is one of that size.
class piece {
 public:
#if defined(__SSE2__)
  explicit piece(const char* from) noexcept : all_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}
  [[nodiscard]] std::uint64_t low() const noexcept { return static_cast<std::uint64_t>(_mm_cvtsi128_si64(all_)); }
  [[nodiscard]] std::uint64_t high() const noexcept {
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(all_, all_)));
  }
  [[nodiscard]] friend piece operator^(piece a, piece b) noexcept { return piece(_mm_xor_si128(a.all_, b.all_)); }
  [[nodiscard]] friend piece operator|(piece a, piece b) noexcept { return piece(_mm_or_si128(a.all_, b.all_)); }
  [[nodiscard]] bool is_zero() const noexcept {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(all_, _mm_setzero_si128())) == 0xFFFF;
  }

 private:
  explicit piece(__m128i all) noexcept : all_(all) {}
  __m128i all_;
#else
  explicit piece(const char* from) noexcept { std::memcpy(all_.data(), from, sizeof all_); }
  [[nodiscard]] std::uint64_t low() const noexcept { return all_[0]; }
  [[nodiscard]] std::uint64_t high() const noexcept { return all_[1]; }
  [[nodiscard]] friend piece operator^(piece a, piece b) noexcept {
    return {a.all_[0] ^ b.all_[0], a.all_[1] ^ b.all_[1]};
  }
  [[nodiscard]] friend piece operator|(piece a, piece b) noexcept {
    return {a.all_[0] | b.all_[0], a.all_[1] | b.all_[1]};
  }
  [[nodiscard]] bool is_zero() const noexcept { return (all_[0] | all_[1]) == 0; }

 private:
  piece(std::uint64_t low, std::uint64_t high) noexcept : all_{low, high} {}
  std::array<std::uint64_t, 2> all_;
#endif
};

// A key of 16 to 48 bytes, read once: its first, its middle and its last 16, which overlap. So nothing branches on its size,
// which would be mispredicted often.
class key_pieces {
 public:
  explicit key_pieces(std::string_view key) noexcept
      : first_(key.data()),
        middle_(key.data() + (key.size() - 16) / 2),
        last_(key.data() + key.size() - 16),
        size_(key.size()) {}

  [[nodiscard]] piece first() const noexcept { return first_; }
  [[nodiscard]] piece middle() const noexcept { return middle_; }
  [[nodiscard]] piece last() const noexcept { return last_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool is_at(const char* text) const noexcept {
    const key_pieces there(std::string_view(text, size_));
    return ((first_ ^ there.first_) | (middle_ ^ there.middle_) | (last_ ^ there.last_)).is_zero();
  }

 private:
  piece first_;
  piece middle_;
  piece last_;
  std::size_t size_;
};

class floor_cache {
 public:
  static constexpr std::string_view name = "floor";

  floor_cache(std::size_t items, std::size_t value_size, bool huge_pages);

  // True. REQUIRES: the key has shortest_key to longest_key bytes and is not there yet; there are not more items than
  // the constructor was told.
  bool insert(std::string_view key, std::string_view value) noexcept;

  // Empty if the key is not there.
  [[nodiscard]] std::string_view find(std::string_view key) const noexcept {
    const key_pieces pieces(key);
    const std::uint64_t hash = hash_of(pieces);
    const tag_type tag = tag_of(hash);
    for (std::size_t at = bucket_of(hash);; at = next(at)) {
      const bucket& line = buckets_[at];
      for (unsigned matches = match(line, tag); matches != 0; matches &= matches - 1) {
        const item& found = item_at(line.words[static_cast<std::size_t>(std::countr_zero(matches))]);
        if (same_key(found, pieces)) return {found.text() + found.key_size, found.value_size};
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

  // After wyhash (Wang Yi, public domain), keyed.
  [[nodiscard]] std::uint64_t hash_of(const key_pieces& key) const noexcept {
    const std::uint64_t x = fold(key.first().low() ^ seed_[0], key.first().high() ^ seed_[1]);
    const std::uint64_t y = fold(key.middle().low() ^ seed_[2], key.middle().high() ^ seed_[3]);
    return fold(x ^ key.last().low() ^ key.size(), y ^ key.last().high());
  }
  static std::uint64_t fold(std::uint64_t x, std::uint64_t y) noexcept {
    const wide product = static_cast<wide>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
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

  static bool same_key(const item& found, const key_pieces& key) noexcept {
    static_assert(shortest_key >= 16 && longest_key <= 48);
    return found.key_size == key.size() && key.is_at(found.text());
  }

  std::array<std::uint64_t, 4> seed_;
  std::size_t bucket_count_;
  shared_region memory_;
  bucket* buckets_;
  std::byte* items_;
  std::size_t used_ = 0;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_FLOOR_CACHE_HPP
