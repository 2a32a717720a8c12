// Is this the item of that key? Inline comparison of short keys, without a call.
#ifndef LARDER_TABLE_KEY_MATCH_HPP
#define LARDER_TABLE_KEY_MATCH_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

#include "layout/layout.hpp"

namespace larder::table {

// A key as it is looked up: its bytes, and the form that an item of it has.
struct lookup_key {
  std::string_view bytes;
  bool in_keyspace = false;

  [[nodiscard]] layout::item_shape form() const noexcept { return {bytes.size(), false, false, in_keyspace, 0}; }
};

namespace detail {
__extension__ using two_words = unsigned __int128;

template <class Word>
[[nodiscard]] inline bool differ(const char* a, const char* b) noexcept {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x != y;
}
}  // namespace detail

// Pairs of words, the second one overlapping the first; the usual sizes without a loop.
[[nodiscard]] inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
  using detail::differ;
  using wide = detail::two_words;
  if (size >= 16) [[likely]] {
    for (std::size_t i = 16; i < size - 16 + 1 && size > 32; i += 16) {
      if (differ<wide>(a + i, b + i)) return false;
    }
    return !differ<wide>(a, b) && !differ<wide>(a + size - 16, b + size - 16);
  }
  if (size >= 8) return !differ<std::uint64_t>(a, b) && !differ<std::uint64_t>(a + size - 8, b + size - 8);
  if (size >= 4) return !differ<std::uint32_t>(a, b) && !differ<std::uint32_t>(a + size - 4, b + size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// REQUIRES: the item is protected (pinned, or reachable under its stripe lock).
[[nodiscard]] inline bool has_key(const layout::item& item, const lookup_key& key) noexcept {
  const layout::item_shape shape = item.shape();
  if (!shape.same_key_form(key.form())) return false;
  return equal_bytes(reinterpret_cast<const char*>(item.at(shape.key_offset())), key.bytes.data(), key.bytes.size());
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEY_MATCH_HPP
