// Seeds and durations of randomised tests: printed at the start of a run and settable from the environment.
#ifndef LARDER_TESTS_SUPPORT_RANDOM_HPP
#define LARDER_TESTS_SUPPORT_RANDOM_HPP

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

namespace support {

// The seed of this run: LARDER_TEST_SEED, or one that the system chose. The same for all children of a test.
[[nodiscard]] std::uint64_t seed();

// How long each of the stress tests goes on: LARDER_STRESS_SECONDS, or three seconds.
[[nodiscard]] std::chrono::milliseconds stress_time();

// Pseudo-random numbers that depend on the seed of the run and on the stream only.
class random_source {
 public:
  explicit random_source(std::uint64_t stream) : engine_(seed() * 0x9e3779b97f4a7c15u + stream) {}

  // 0 to below - 1. REQUIRES: below > 0.
  [[nodiscard]] std::uint64_t number(std::uint64_t below) { return engine_() % below; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return number(n) == 0; }
  [[nodiscard]] std::string bytes(std::size_t size);

 private:
  std::mt19937_64 engine_;
};

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_RANDOM_HPP
