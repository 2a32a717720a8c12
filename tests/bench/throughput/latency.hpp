// Percentiles of single operations, each timed by itself.
//
// The clock is read before and after each get, with fences: gets do not overlap as they do in a loop, so these numbers
// are longer than those of the throughput tables and are compared only with each other. What reading the clock takes
// (median of empty readings) is subtracted.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_LATENCY_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_LATENCY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crew.hpp"
#include "measure.hpp"
#include "ticks.hpp"
#include "workload.hpp"

namespace bench {

inline constexpr std::array latency_names = {"p50", "p99", "p99.9"};

class latency_sample {
 public:
  latency_sample() {
    for (std::size_t at = 0; at < 1000; ++at) {
      const std::uint64_t start = begin_ticks();
      ticks_.push_back(end_ticks() - start);
    }
    overhead_ = part(500);
    ticks_.clear();
  }

  enum class operations : std::uint8_t { gets, gets_and_puts };

  // Does the block's operations: gets, which are timed, or half gets and half puts, chosen by a hash of key, place and
  // salt. A block in which the processor was given to somebody else is not counted.
  template <operations What, class Subject>
  void take(Subject& subject, const block& b, std::uint64_t salt) {
    const std::size_t before = ticks_.size();
    const long lost = lost_processor();
    std::uint64_t wrong = 0;
    for (std::size_t at = 0; at < b.size(); ++at) {
      if constexpr (What == operations::gets_and_puts) {
        if (((b.mark(at) + salt + at) * 0x9e3779b97f4a7c15U) >> 63 != 0) {
          wrong |= static_cast<std::uint64_t>(!subject.put(b.key(at), b.value(at)));
          continue;
        }
      }
      const std::uint64_t start = begin_ticks();
      const std::uint64_t mark = subject.get(b.key(at));
      ticks_.push_back(end_ticks() - start);
      wrong |= mark ^ b.mark(at);
    }
    demand(wrong == 0, "latency: a get returned a wrong value or none, or a put failed");
    if (lost_processor() != lost) ticks_.resize(before);
  }

  [[nodiscard]] std::size_t size() const noexcept { return ticks_.size(); }

  // In nanoseconds, in the order of latency_names. Zeros if no block was left to count.
  [[nodiscard]] reading percentiles() {
    if (ticks_.empty()) return {};
    const auto ns = [this](std::size_t thousandths) {
      return static_cast<double>(part(thousandths) - std::min(part(thousandths), overhead_)) * ns_per_tick();
    };
    return {ns(500), ns(990), ns(999)};
  }

 private:
  // The reading that so many of a thousand are below.
  std::uint64_t part(std::size_t thousandths) {
    const auto at = ticks_.begin() + static_cast<std::ptrdiff_t>(ticks_.size() * thousandths / 1000);
    std::nth_element(ticks_.begin(), at, ticks_.end());
    return *at;
  }

  std::vector<std::uint64_t> ticks_;
  std::uint64_t overhead_ = 0;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_LATENCY_HPP
