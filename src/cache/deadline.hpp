// From a time to live to the millisecond of the host's clock at which an item expires.
#ifndef LARDER_CACHE_DEADLINE_HPP
#define LARDER_CACHE_DEADLINE_HPP

#include <cstdint>

#include "larder/options.hpp"
#include "table/expiry.hpp"

namespace larder::detail {

// Zero or less: has expired already. forever: never does.
[[nodiscard]] inline std::uint64_t deadline_after(milliseconds ttl) noexcept {
  if (ttl == forever) return table::no_expiry;
  if (ttl.count() <= 0) return 0;
  const std::uint64_t now = platform::exact_now();
  const auto left = static_cast<std::uint64_t>(ttl.count());
  // One more: the clock's milliseconds are cut off, and an item is never gone early.
  return left < table::no_expiry - now - 1 ? now + left + 1 : table::no_expiry;
}

}  // namespace larder::detail

#endif  // LARDER_CACHE_DEADLINE_HPP
