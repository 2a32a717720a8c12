// Counts what the calling thread allocates: operator new is replaced in every test binary. For guarantee H.
#ifndef LARDER_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP
#define LARDER_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP

#include <cstdint>

namespace support {

// Calls of operator new by this thread since it began.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP
