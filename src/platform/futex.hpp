// Sleep and wake across processes. (std::atomic::wait is process-private in libstdc++ and no use here.)
#ifndef LARDER_PLATFORM_FUTEX_HPP
#define LARDER_PLATFORM_FUTEX_HPP

#include <atomic>
#include <chrono>
#include <cstdint>

namespace larder::platform {

// Sleeps while `word` is `expected`, at most `timeout`; may wake for no reason. Keeps errno.
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected, std::chrono::microseconds timeout) noexcept;

// Wakes one sleeper, or all. Keeps errno.
void futex_wake_one(std::atomic<std::uint32_t>& word) noexcept;
void futex_wake_all(std::atomic<std::uint32_t>& word) noexcept;

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_FUTEX_HPP
