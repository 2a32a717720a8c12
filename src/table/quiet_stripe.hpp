// quiet_stripe: for readers without pins, who copy and then ask whether anything of the stripe has changed meanwhile.
//
// Why that is enough: the change count grows between unpublishing a cell and its earliest reuse (I9).
#ifndef LARDER_TABLE_QUIET_STRIPE_HPP
#define LARDER_TABLE_QUIET_STRIPE_HPP

#include <atomic>
#include <cstdint>

#include "segment/segment.hpp"

namespace larder::table {

// The stripe's change count, and whether it is still the same.
class quiet_stripe {
 public:
  quiet_stripe(const segment& memory, std::uint32_t stripe) noexcept
      : changes_(memory.stripe(stripe).changes), before_(changes_.load(std::memory_order_acquire)) {}
  [[nodiscard]] bool still() const noexcept {
    std::atomic_thread_fence(std::memory_order_acquire);  // what was read, was read before this
    return changes_.load(std::memory_order_relaxed) == before_;
  }

 private:
  const std::atomic<std::uint64_t>& changes_;
  std::uint64_t before_;
};

}  // namespace larder::table

#endif  // LARDER_TABLE_QUIET_STRIPE_HPP
