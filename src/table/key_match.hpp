// Is this the item of that key? Inline comparison of short keys, without a call.
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

// A key as it is looked up: its bytes, and the form that an item of it has.
struct lookup_key {
  std::string_view bytes;
  bool in_keyspace = false;

  [[nodiscard]] layout::item_shape form() const noexcept { return {bytes.size(), false, false, in_keyspace, 0}; }
};

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
[[nodiscard]] inline bool has_key(const layout::item& item, const lookup_key& key) noexcept {
  const layout::item_shape shape = item.shape();
  if (!shape.same_key_form(key.form())) return false;
  return equal_bytes(reinterpret_cast<const char*>(item.at(shape.key_offset())), key.bytes.data(), key.bytes.size());
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEY_MATCH_HPP
