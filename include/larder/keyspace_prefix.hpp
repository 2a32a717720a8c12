// What stands before the keys of a keyspace in items. For get, which is inline as far as this, and for the layout.
#ifndef LARDER_KEYSPACE_PREFIX_HPP
#define LARDER_KEYSPACE_PREFIX_HPP

#include <cstdint>

namespace larder::detail {

// Which keyspace it is (24 bits), and how often it was invalidated (40).
[[nodiscard]] constexpr std::uint64_t keyspace_prefix(std::uint32_t index, std::uint64_t generation) noexcept {
  return std::uint64_t{index} << 40 | (generation & ((std::uint64_t{1} << 40) - 1));
}

}  // namespace larder::detail

#endif  // LARDER_KEYSPACE_PREFIX_HPP
