// What is known beforehand of some traces: miss ratios of FIFO and LRU that a right replay must give, and the miss ratios
// that larder is to reach.
#ifndef LARDER_TESTS_BENCH_REPLAY_KNOWN_TRACES_HPP
#define LARDER_TESTS_BENCH_REPLAY_KNOWN_TRACES_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "trace.hpp"

namespace replay {

// Miss ratios with a share of the trace's keys (objects) or of its footprint (bytes) as the capacity.
struct expected_row {
  double percent;
  double fifo_objects, lru_objects;
  double fifo_bytes, lru_bytes;
};

// A miss ratio to reach with a share of the footprint as the total memory.
struct target {
  double percent;
  double miss_ratio;
};

struct known_trace {
  std::string_view name;
  std::uint64_t requests, keys, footprint;
  std::array<expected_row, 4> rows;
  std::array<target, 2> targets;  // percent 0: none

  [[nodiscard]] std::optional<double> target_at(double percent) const noexcept;
};

// The one with this name, if requests, keys and footprint are its too; else nullptr.
[[nodiscard]] const known_trace* find_known(const trace& of) noexcept;

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_KNOWN_TRACES_HPP
