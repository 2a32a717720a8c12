// A histogram of durations whose buckets are at most 1/32 of a value wide. A plain array, so it can stand in memory that
// processes share.
#ifndef LARDER_DEMO_LATENCY_HISTOGRAM_HPP
#define LARDER_DEMO_LATENCY_HISTOGRAM_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>

namespace demo {

class latency_histogram {
 public:
  void record(std::chrono::nanoseconds latency) noexcept {
    ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)))];
  }

  void merge(const latency_histogram& other) noexcept {
    std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(), std::plus<>());
  }

  // The latency that the share `quantile` (0 to 1) of all records do not exceed, to within 1/64; 0 if there are none.
  [[nodiscard]] std::chrono::nanoseconds quantile(double quantile) const noexcept {
    const auto total = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
    const auto wanted = static_cast<std::uint64_t>(quantile * static_cast<double>(total));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (counts_[bucket] != 0 && seen >= wanted) return middle_of(bucket);
    }
    return {};
  }

 private:
  static constexpr std::size_t steps = 32;       // buckets for each power of two
  static constexpr std::size_t value_bits = 40;  // 18 minutes; longer ones count as this
  static constexpr std::size_t bucket_count = (value_bits - 4) * steps;

  // Below 64 a bucket for each nanosecond; then 32 for each power of two, so that the bucket is the shift and the upper
  // six bits of the value.
  static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    value = std::min(value, (std::uint64_t{1} << value_bits) - 1);
    const std::size_t shift = value < 2 * steps ? 0 : std::bit_width(value) - 6;
    return shift * steps + (value >> shift);
  }

  static constexpr std::chrono::nanoseconds middle_of(std::size_t bucket) noexcept {
    const std::size_t shift = bucket < 2 * steps ? 0 : bucket / steps - 1;
    const std::uint64_t width = std::uint64_t{1} << shift;
    return std::chrono::nanoseconds((bucket - shift * steps) * width + width / 2);
  }

  std::array<std::uint64_t, bucket_count> counts_{};
};

}  // namespace demo

#endif  // LARDER_DEMO_LATENCY_HISTOGRAM_HPP
