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
template <class Word>
[[nodiscard]] inline bool differ(const char* a, const char* b) noexcept {
  Word x;
  Word y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x != y;
}
}  // namespace detail

// Steps of 8 bytes, the last one overlapping the one before.
[[nodiscard]] inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
  using detail::differ;
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) {
      if (differ<std::uint64_t>(a + i, b + i)) return false;
    }
    return !differ<std::uint64_t>(a + size - 8, b + size - 8);
  }
  if (size >= 4) return !differ<std::uint32_t>(a, b) && !differ<std::uint32_t>(a + size - 4, b + size - 4);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// REQUIRES: the item is protected (pinned, or reachable under its stripe lock).
[[nodiscard]] inline bool has_key(const layout::item& item, const lookup_key& key) noexcept {
  const layout::item_shape shape = item.shape();
  return shape.same_key_form(key.form()) &&
         equal_bytes(reinterpret_cast<const char*>(item.at(shape.key_offset())), key.bytes.data(), key.bytes.size());
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEY_MATCH_HPP
