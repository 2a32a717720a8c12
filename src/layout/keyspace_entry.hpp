// keyspace_entry: the generation of one namespace of keys. Its items carry the generation in their keys, so that raising
// it makes all of them unreachable with one store.
#ifndef LARDER_LAYOUT_KEYSPACE_ENTRY_HPP
#define LARDER_LAYOUT_KEYSPACE_ENTRY_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "larder/keyspace_prefix.hpp"

namespace larder::layout {

struct keyspace_entry {
  std::atomic<std::uint64_t> name;        // keyed hash of the name, never 0; 0: not in use. Set once, by CAS
  std::atomic<std::uint64_t> generation;  // how often it was invalidated
};

static_assert(sizeof(keyspace_entry) == 16 && std::is_standard_layout_v<keyspace_entry>);

// What stands before the user's key: entry index (24) | generation (40), 8 bytes.
inline constexpr std::size_t keyspace_prefix_size = 8;

using larder::detail::keyspace_prefix;
[[nodiscard]] constexpr std::uint64_t keyspace_generation(std::uint64_t prefix) noexcept {
  return keyspace_prefix(0, prefix);
}
[[nodiscard]] constexpr std::uint32_t keyspace_index(std::uint64_t prefix) noexcept {
  return static_cast<std::uint32_t>(prefix >> 40);
}

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_KEYSPACE_ENTRY_HPP
