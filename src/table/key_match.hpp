// Keys as they are looked up, and whether an item has one: inline comparison of short keys, without a call.
#ifndef LARDER_TABLE_KEY_MATCH_HPP
#define LARDER_TABLE_KEY_MATCH_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

#include "layout/layout.hpp"

#if defined(__SSE2__) && !defined(LARDER_SCALAR)
#include <emmintrin.h>
#endif

namespace larder::table {

namespace detail {

template <class Word>
[[nodiscard]] inline bool differ(const char* a, const char* b) noexcept {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x != y;
}

}  // namespace detail

// 0 if the keys are equal: their first, middle and last 16 bytes, which overlap, without a branch. REQUIRES:
// is_usual_size(size).
[[nodiscard]] inline std::uint64_t difference_usual(const char* a, const char* b, std::size_t size) noexcept {
  const std::size_t last = size - 16;
#if defined(__SSE2__) && !defined(LARDER_SCALAR)
  const auto same = [&](std::size_t at) noexcept {
    return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at)),
                          _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at)));
  };
  const __m128i all = _mm_and_si128(_mm_and_si128(same(0), same(last / 2)), same(last));
  return static_cast<unsigned>(_mm_movemask_epi8(all)) ^ 0xFFFFU;
#else
  const auto difference = [&](std::size_t at) noexcept {
    std::uint64_t x[2];
    std::uint64_t y[2];
    std::memcpy(x, a + at, sizeof x);
    std::memcpy(y, b + at, sizeof y);
    return (x[0] ^ y[0]) | (x[1] ^ y[1]);
  };
  return difference(0) | difference(last / 2) | difference(last);
#endif
}

// Overlapping words.
[[nodiscard]] inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
  using detail::differ;
  if (platform::is_usual_size(size)) [[likely]]
    return difference_usual(a, b, size) == 0;
  if (size > 48) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return !differ<std::uint64_t>(a, b) && !differ<std::uint64_t>(a + size - 8, b + size - 8);
  if (size >= 4) return !differ<std::uint32_t>(a, b) && !differ<std::uint32_t>(a + size - 4, b + size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// Keys as they are looked up. Each says how many bytes it has in an item, what form such an item has, its hash, and whether
// it is the one that stands somewhere: difference() is 0 then.

// Any key: all its bytes, those that tell the keyspace too.
struct lookup_key {
  std::string_view bytes;
  bool in_keyspace = false;

  [[nodiscard]] std::size_t size() const noexcept { return bytes.size(); }
  [[nodiscard]] layout::item_shape form() const noexcept { return {size(), false, false, in_keyspace, 0}; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed) const noexcept {
    return platform::hash_bytes(seed, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    return equal_bytes(item_key, bytes.data(), bytes.size()) ? 0 : 1;
  }
};

// A key of no keyspace and of a usual size. It fits two registers.
struct usual_key {
  std::string_view bytes;

  [[nodiscard]] static bool fits(std::string_view bytes) noexcept { return platform::is_usual_size(bytes.size()); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes.size(); }
  [[nodiscard]] layout::item_shape form() const noexcept { return {size(), false, false, false, 0}; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed) const noexcept {
    return platform::hash_usual(seed, bytes.data(), bytes.size());
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    return difference_usual(item_key, bytes.data(), bytes.size());
  }
};

// Keys of the usual sizes go in 16-byte pieces that overlap: their size is not to be foretold.
inline void copy_key(std::byte* to, std::string_view key) noexcept {
  if (!platform::is_usual_size(key.size())) [[unlikely]] {
    std::memcpy(to, key.data(), key.size());
    return;
  }
  const std::size_t last = key.size() - 16;
  for (const std::size_t at : {std::size_t{0}, last / 2, last}) std::memcpy(to + at, key.data() + at, 16);
}

// REQUIRES: the item is protected (pinned, or reachable under its stripe lock).
template <class Key>
[[nodiscard]] inline bool has_key(const layout::item& item, const Key& key) noexcept {
  const layout::item_shape shape = item.shape();
  if (!shape.same_key_form(key.form())) return false;
  return key.difference(reinterpret_cast<const char*>(item.at(shape.key_offset()))) == 0;
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEY_MATCH_HPP
