#include "proof.hpp"

#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "known_traces.hpp"
#include "queue_cache.hpp"

namespace replay {
namespace {

std::uint64_t share(double percent, std::uint64_t of) {
  // Tenths of a percent, so that the product is exact.
  return of * static_cast<std::uint64_t>(std::lround(percent * 10)) / 1000;
}

bool same(double measured, double expected) { return std::lround(measured * 10'000) == std::lround(expected * 10'000); }

bool prove_row(const trace& of, unit counted, double percent, double fifo_expected, double lru_expected) {
  const bool objects = counted == unit::objects;
  const std::uint64_t capacity = share(percent, objects ? of.keys : of.footprint);
  const double fifo = miss_ratio(of, policy::fifo, counted, capacity);
  const double lru = miss_ratio(of, policy::lru, counted, capacity);
  const bool right = same(fifo, fifo_expected) && same(lru, lru_expected);
  std::printf("  %-7s %5.1f %% = %10" PRIu64 "    %.4f  %.4f     %.4f  %.4f   %s\n", objects ? "objects" : "bytes",
              percent, capacity, fifo, fifo_expected, lru, lru_expected, right ? "same" : "DIFFERS");
  std::fflush(stdout);
  return right;
}

}  // namespace

bool prove(const trace& of) {
  const known_trace* known = find_known(of);
  if (known == nullptr) {
    std::printf("  nothing to prove it by: no miss ratios are known of a trace of this name and size\n");
    return false;
  }
  std::printf("  capacity                       FIFO  expected      LRU  expected\n");
  bool right = true;
  for (const expected_row& row : known->rows) {
    right = prove_row(of, unit::objects, row.percent, row.fifo_objects, row.lru_objects) && right;
  }
  for (const expected_row& row : known->rows) {
    right = prove_row(of, unit::bytes, row.percent, row.fifo_bytes, row.lru_bytes) && right;
  }
  return right;
}

}  // namespace replay
