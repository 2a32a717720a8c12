// The key of an item in a keyspace, put together and taken apart: which keyspace, which generation of it, and the user's key.
#ifndef LARDER_TABLE_KEYSPACE_KEY_HPP
#define LARDER_TABLE_KEYSPACE_KEY_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

#include "segment/segment.hpp"

namespace larder::table {

// What stands before the keys of a keyspace, as its generation is now. REQUIRES: there is such a keyspace.
[[nodiscard]] inline std::uint64_t keyspace_prefix_of_now(const segment& memory, std::uint32_t index) noexcept {
  // acquire: after an invalidate that returned before this call began
  return layout::keyspace_prefix(index, memory.keyspace(index).generation.load(std::memory_order_acquire));
}

struct keyspace_key {
  std::uint64_t prefix = 0;
  std::string_view key;

  // Of a key that is too short to be one: of a keyspace that no segment has.
  explicit keyspace_key(std::string_view whole) noexcept {
    if (whole.size() < layout::keyspace_prefix_size) {
      prefix = ~std::uint64_t{0};
      return;
    }
    std::memcpy(&prefix, whole.data(), sizeof prefix);
    key = whole.substr(layout::keyspace_prefix_size);
  }

  [[nodiscard]] std::uint32_t index() const noexcept { return layout::keyspace_index(prefix); }
  [[nodiscard]] bool exists(const segment& memory) const noexcept { return index() < memory.geometry().keyspace_count; }
  // Of a generation that was not invalidated.
  [[nodiscard]] bool is_of_now(const segment& memory) const noexcept {
    return exists(memory) && prefix == keyspace_prefix_of_now(memory, index());
  }
};

}  // namespace larder::table

#endif  // LARDER_TABLE_KEYSPACE_KEY_HPP
