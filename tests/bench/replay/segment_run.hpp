// A trace replayed against a real larder segment.
#ifndef LARDER_TESTS_BENCH_REPLAY_SEGMENT_RUN_HPP
#define LARDER_TESTS_BENCH_REPLAY_SEGMENT_RUN_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "larder/larder.hpp"
#include "trace.hpp"

namespace replay {

struct segment_result {
  std::uint64_t misses = 0;
  double miss_ratio = 0;
  double requests_per_second = 0;
  larder::stats stats;                  // when the last request was served
  std::vector<std::string> violations;  // what check() found then; empty if it was not asked
};

// From an empty segment of `capacity` bytes, all included; no part of the trace is left out as a warm-up. Every hit must
// give the value that was stored. Throws std::runtime_error if one does not, larder::error if there is no such segment.
[[nodiscard]] segment_result run_segment(const trace& of, std::size_t capacity, bool check);

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_SEGMENT_RUN_HPP
