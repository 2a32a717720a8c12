// The table of a trace's replays: one row for each capacity.
#ifndef LARDER_TESTS_BENCH_REPLAY_REPORT_HPP
#define LARDER_TESTS_BENCH_REPLAY_REPORT_HPP

#include <cstddef>
#include <optional>

#include "segment_run.hpp"

namespace replay {

struct report_row {
  double percent;  // of the footprint
  std::size_t capacity;
  std::optional<double> target;  // miss ratio to reach
};

void print_head();
void print_too_small(const report_row& row);
void print_result(const report_row& row, const segment_result& result);

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_REPORT_HPP
