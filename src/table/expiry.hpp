// Is this item past its deadline?
#ifndef LARDER_TABLE_EXPIRY_HPP
#define LARDER_TABLE_EXPIRY_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "platform/platform.hpp"

namespace larder::table {

inline constexpr std::uint64_t no_expiry = ~std::uint64_t{0};

// relaxed: a touch that races with this read comes before or after it.
[[nodiscard]] inline std::uint64_t expiry_of(const layout::item& item) noexcept {
  return item.shape().has_expiry() ? item.expiry().load(std::memory_order_relaxed) : no_expiry;
}
[[nodiscard]] inline bool is_expired(const layout::item& item) noexcept {
  return item.shape().has_expiry() && item.expiry().load(std::memory_order_relaxed) <= platform::coarse_now();
}

}  // namespace larder::table

#endif  // LARDER_TABLE_EXPIRY_HPP
