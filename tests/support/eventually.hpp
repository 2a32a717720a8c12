// Waiting for something that other threads or processes bring about: true before a deadline, never "after a while".
#ifndef LARDER_TESTS_SUPPORT_EVENTUALLY_HPP
#define LARDER_TESTS_SUPPORT_EVENTUALLY_HPP

#include <chrono>
#include <concepts>
#include <thread>

namespace support {

// Long enough for anything that can happen at all, on a loaded machine and under sanitizers.
inline constexpr std::chrono::seconds generous{60};

// Asks until the answer is yes. False if it never was before the deadline.
template <std::predicate Predicate>
[[nodiscard]] bool eventually(std::chrono::milliseconds deadline, Predicate&& holds) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_EVENTUALLY_HPP
