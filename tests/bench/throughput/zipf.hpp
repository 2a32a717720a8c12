// Draws ranks by Zipf's law in constant time, whatever the number of items: rejection-inversion (W. Hoermann and
// G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", 1996).
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_ZIPF_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_ZIPF_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "workload.hpp"

namespace bench {

class zipf_sampler {
 public:
  // REQUIRES: items > 0, exponent > 0 and not 1.
  zipf_sampler(std::uint64_t items, double exponent) noexcept
      : items_(static_cast<double>(items)),
        exponent_(exponent),
        area_of_first_(area(1.5) - 1),
        area_of_all_(area(items_ + 0.5)),
        sure_(2 - area_inverse(area(2.5) - density(2))) {}

  // 0 is the most frequent.
  [[nodiscard]] std::uint64_t rank(random_source& random) const noexcept {
    for (;;) {
      const double u = area_of_all_ + random.unit() * (area_of_first_ - area_of_all_);
      const double x = area_inverse(u);
      const double nearest = std::clamp(std::round(x), 1.0, items_);
      if (nearest - x <= sure_ || u >= area(nearest + 0.5) - density(nearest)) {
        return static_cast<std::uint64_t>(nearest) - 1;
      }
    }
  }

 private:
  [[nodiscard]] double density(double x) const noexcept { return std::pow(x, -exponent_); }
  // An antiderivative of density, and its inverse.
  [[nodiscard]] double area(double x) const noexcept { return (std::pow(x, 1 - exponent_) - 1) / (1 - exponent_); }
  [[nodiscard]] double area_inverse(double a) const noexcept {
    return std::pow(std::max(0.0, 1 + a * (1 - exponent_)), 1 / (1 - exponent_));
  }

  double items_, exponent_, area_of_first_, area_of_all_, sure_;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_ZIPF_HPP
