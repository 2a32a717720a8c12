// The suites: groups of series that share their data. Each measures what the filter wants, adds it to the results and
// prints its table.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_SUITES_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_SUITES_HPP

#include "options.hpp"
#include "results.hpp"

namespace bench {

struct context {
  const options& chosen;
  results& into;
};

// One process, caches that are full of present keys: get (single, dependent, batch, copying), put, mixed.
void run_present_keys(const context& ctx);
// One process: get of items with an expiry, with flags, in a keyspace, beside those of plain ones.
void run_forms(const context& ctx);
// One process, changing sets of keys: fill, evicting inserts, add and erase, incr.
void run_changing_keys(const context& ctx);
// One process, a full cache of large values: puts, and how much of the capacity is used.
void run_large_values(const context& ctx);
// One process: what notices of changes cost.
void run_changes(const context& ctx);
// One process, each operation timed by itself: percentiles.
void run_latency(const context& ctx);
// Two processes against one: total throughput, and percentiles of get.
void run_processes(const context& ctx);
// Bytes an item takes beyond its key and value.
void run_memory(const context& ctx);
// Time to attach to a large segment.
void run_attach(const context& ctx);

// Each goal with what was measured.
void print_goals(const results& measured);
// Throws std::system_error.
void write_json(const options& chosen, const results& measured);

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_SUITES_HPP
