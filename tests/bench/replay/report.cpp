#include "report.hpp"

#include <cinttypes>
#include <cstdio>
#include <string>

namespace replay {
namespace {

// As in the design: to be reached within a twentieth.
constexpr double tolerance = 1.05;

void print_capacity(const report_row& row) { std::printf("  %5.1f %% = %10zu", row.percent, row.capacity); }

}  // namespace

void print_head() {
  std::printf("  %20s %8s %9s %9s %9s %8s %9s %8s %8s %9s %8s %12s\n", "capacity", "misses", "at most", "evictions",
              "page", "rescues", "ghost", "table", "no", "too", "items", "requests/s");
  std::printf("  %20s %8s %9s %9s %9s %8s %9s %8s %8s %9s\n", "", "", "", "", "moves", "", "hits", "resizes", "space",
              "large");
}

void print_too_small(const report_row& row) {
  print_capacity(row);
  std::printf("   less than a segment can have (%zu bytes)\n", larder::min_capacity);
}

void print_result(const report_row& row, const segment_result& result) {
  print_capacity(row);
  std::printf(" %6.2f %%", result.miss_ratio * 100);
  if (row.target) {
    std::printf(" %7.2f %%", *row.target * tolerance * 100);
  } else {
    std::printf(" %9s", "-");
  }
  const larder::stats& counted = result.stats;
  std::printf(" %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %9" PRIu64 " %8" PRIu64 " %8" PRIu64 " %9" PRIu64 " %8" PRIu64
              " %12.0f\n",
              counted.evictions, counted.page_moves, counted.rescues, counted.ghost_hits, counted.table_resizes,
              counted.no_space, counted.too_large, counted.items, result.requests_per_second);
  for (const std::string& violation : result.violations) std::printf("    BROKEN %s\n", violation.c_str());
  std::fflush(stdout);
}

}  // namespace replay
