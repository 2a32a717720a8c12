// Time of short pieces of code: the processor's time stamp counter, and a timer that leaves disturbed blocks out.
//
// A benchmark on a shared machine loses the processor now and then. block_timer times blocks of some hundred operations
// and leaves out those in which the kernel gave the processor to somebody else (an involuntary context switch of this
// thread). A voluntary wait, for a lock for example, belongs to what is measured and stays in.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_TICKS_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_TICKS_HPP

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace bench {

#if defined(__x86_64__)
// The fences keep what is timed between the two readings, and what is around it outside.
inline std::uint64_t begin_ticks() noexcept {
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}
inline std::uint64_t end_ticks() noexcept {
  unsigned processor = 0;
  const std::uint64_t now = __rdtscp(&processor);
  _mm_lfence();
  return now;
}
#else
inline std::uint64_t begin_ticks() noexcept {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
inline std::uint64_t end_ticks() noexcept { return begin_ticks(); }
#endif

// Nanoseconds of one tick. Measured at the first call, which takes 50 ms: make it before anything is timed or forked.
inline double ns_per_tick() {
  static const double measured = [] {
    using clock = std::chrono::steady_clock;
    const clock::time_point start = clock::now();
    const std::uint64_t first = begin_ticks();
    while (clock::now() - start < std::chrono::milliseconds(50)) {
    }
    const std::uint64_t last = end_ticks();
    const std::chrono::duration<double, std::nano> elapsed = clock::now() - start;
    return elapsed.count() / static_cast<double>(last - first);
  }();
  return measured;
}

// How often this thread lost its processor without asking for it.
[[nodiscard]] inline long lost_processor() noexcept {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_nivcsw;
}

class block_timer {
 public:
  // Runs and times `body`, which does `operations` operations. False if the block was disturbed.
  template <class Body>
  bool time(std::size_t operations, Body&& body) {
    const long before = lost_processor();
    const std::uint64_t start = begin_ticks();
    body();
    const std::uint64_t ticks = end_ticks() - start;
    const bool calm = lost_processor() == before;
    sum& into = calm ? calm_ : disturbed_;
    into.ticks += ticks;
    into.operations += operations;
    return calm;
  }

  // Of the calm blocks, or of all of them if there was no calm one. REQUIRES: something was timed.
  [[nodiscard]] double ns_per_operation() const {
    const sum& chosen = calm_.operations > 0 ? calm_ : disturbed_;
    return static_cast<double>(chosen.ticks) * ns_per_tick() / static_cast<double>(chosen.operations);
  }

 private:
  struct sum {
    std::uint64_t ticks = 0;
    std::uint64_t operations = 0;
  };
  sum calm_, disturbed_;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_TICKS_HPP
