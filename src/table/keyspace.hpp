// Keyspaces: what stands for their names; and which one the prefix of a key tells (key.hpp), and whether it is that of its
// present generation.
#ifndef LARDER_TABLE_KEYSPACE_HPP
#define LARDER_TABLE_KEYSPACE_HPP

#include <cstdint>
#include <string_view>

#include "layout/layout.hpp"
#include "segment/segment.hpp"
#include "table/key.hpp"

namespace larder::table {

// What an entry has as its name, never 0: a keyed hash. That two names of one segment share it is as likely as any hash
// collision of 64 bits, and would only make them one keyspace.
[[nodiscard]] inline std::uint64_t keyspace_name(const segment& memory, std::string_view name) noexcept {
  return lookup_key{name}.hash(memory.seed()) | 1;
}

// What stands before the keys of a keyspace, as its generation is now. REQUIRES: there is such a keyspace.
[[nodiscard]] inline std::uint64_t keyspace_prefix_of_now(const segment& memory, std::uint32_t index) noexcept {
  // acquire: after an invalidate that returned before this call began
  return layout::keyspace_prefix(index, memory.keyspace(index).generation.load(std::memory_order_acquire));
}

// The segment has such a keyspace. (A damaged key may tell of one that it has not.)
[[nodiscard]] inline bool keyspace_exists(const segment& memory, std::uint64_t prefix) noexcept {
  return layout::keyspace_index(prefix) < memory.geometry().keyspace_count;
}

// Of a generation that was not invalidated.
[[nodiscard]] inline bool is_of_now(const segment& memory, std::uint64_t prefix) noexcept {
  return keyspace_exists(memory, prefix) && prefix == keyspace_prefix_of_now(memory, layout::keyspace_index(prefix));
}

}  // namespace larder::table

#endif  // LARDER_TABLE_KEYSPACE_HPP
