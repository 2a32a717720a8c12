// rates: what happened between two looks at the statistics.
#ifndef LARDER_TOOL_SOURCE_RATES_HPP
#define LARDER_TOOL_SOURCE_RATES_HPP

#include <chrono>
#include <optional>

#include "cache/cache_impl.hpp"
#include "tool/source/source.hpp"

namespace larder::tool {

struct rates {
  stats now;
  double gets = 0, puts = 0, erases = 0, evictions = 0, expirations = 0, page_moves = 0, lock_waits = 0;  // a second
  std::optional<double> hit_ratio;  // of the gets in between
};

class rate_meter {
 public:
  explicit rate_meter(const image& of) : of_(of), last_(detail::collect_stats(of.memory)), at_(clock::now()) {}

  // Since the look before.
  [[nodiscard]] rates look() {
    const stats now = detail::collect_stats(of_.memory);
    const auto at = clock::now();
    const double seconds = std::max(1e-6, std::chrono::duration<double>(at - at_).count());
    // Counters only grow; one that seems to have shrunk was seen while it was being folded.
    const auto grown = [&](auto member) {
      return now.*member > last_.*member ? static_cast<double>(now.*member - last_.*member) : 0.0;
    };
    const double hits = grown(&stats::hits);
    const double misses = grown(&stats::misses);
    rates r;
    r.now = now;
    r.gets = (hits + misses) / seconds;
    r.puts = grown(&stats::puts) / seconds;
    r.erases = grown(&stats::erases) / seconds;
    r.evictions = grown(&stats::evictions) / seconds;
    r.expirations = grown(&stats::expirations) / seconds;
    r.page_moves = grown(&stats::page_moves) / seconds;
    r.lock_waits = grown(&stats::lock_waits) / seconds;
    if (hits + misses > 0) r.hit_ratio = hits / (hits + misses);
    last_ = now;
    at_ = at;
    return r;
  }

 private:
  using clock = std::chrono::steady_clock;
  const image& of_;
  stats last_;
  clock::time_point at_;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_RATES_HPP
