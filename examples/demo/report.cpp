// Rows of four columns: what it is, private caches, larder, gain.
#include "report.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>

#include "figures.hpp"

namespace demo {
namespace {

void print_row(const std::string& what, const std::string& left, const std::string& right, const std::string& gain) {
  std::cout << "  " << std::left << std::setw(37) << what << std::right << std::setw(16) << left << std::setw(16)
            << right << "   " << gain << '\n';
}

void print_rule() { std::cout << "  " << std::string(92, '-') << '\n'; }

// "2.5x fewer" or "1.1x more": how `now` compares with `before`. Empty if one of them is nothing.
std::string factor(double before, double now, const std::string& less, const std::string& more) {
  if (before <= 0 || now <= 0) return "";
  const double ratio = std::max(before / now, now / before);
  if (ratio < 1.005) return "same";
  return with_decimals(ratio, ratio < 1.095 ? 2 : 1) + "x " + (now < before ? less : more);
}

double hit_percentage(const run_result& run) {
  return 100.0 * static_cast<double>(run.hits) / static_cast<double>(run.requests);
}

double requests_per_second(const run_result& run) { return static_cast<double>(run.requests) / run.elapsed.count(); }

void print_hits(const run_result& before, const run_result& now) {
  const double points = hit_percentage(now) - hit_percentage(before);
  print_row("hit ratio", with_decimals(hit_percentage(before), 2) + " %", with_decimals(hit_percentage(now), 2) + " %",
            (points < 0 ? "" : "+") + with_decimals(points, 2) + " points");
  print_row("origin reads", with_commas(before.origin_reads), with_commas(now.origin_reads),
            factor(static_cast<double>(before.origin_reads), static_cast<double>(now.origin_reads), "fewer", "more"));
}

void print_memory(const comparison& of) {
  print_row("cache memory, configured", std::to_string(of.workers) + " x " + in_mebibytes(of.memory / of.workers),
            "1 x " + in_mebibytes(of.memory), "same");
  const auto row = [](const std::string& what, std::uint64_t before, std::uint64_t now) {
    print_row(what, in_mebibytes(before), in_mebibytes(now),
              factor(static_cast<double>(before), static_cast<double>(now), "less", "more"));
  };
  row("cache memory, used", of.private_caches.cache_bytes, of.larder.cache_bytes);
  row("added by the run, all processes (PSS)", of.private_caches.added_bytes, of.larder.added_bytes);
}

void print_latency(const std::string& what, const latency_histogram& before, const latency_histogram& now,
                   double quantile) {
  const auto microseconds = [&](const latency_histogram& of) {
    return std::chrono::duration<double, std::micro>(of.quantile(quantile)).count();
  };
  print_row(what, with_decimals(microseconds(before), 2) + " us", with_decimals(microseconds(now), 2) + " us",
            factor(microseconds(before), microseconds(now), "shorter", "longer"));
}

void print_daemon(const keeper_report& did, const run_result& beside) {
  std::cout << "  larderd, meanwhile: evicted " << with_commas(did.evicted) << " of " << with_commas(beside.evictions)
            << " items before a worker had to, moved " << with_commas(did.pages_moved) << " pages between sizes,\n"
            << "  enlarged " << with_commas(did.stripes_grown) << " stripes of the hash table, checked "
            << with_commas(did.cells_checked) << " cells and found " << with_commas(did.violations) << " wrong.\n\n";
}

}  // namespace

void print_table(const comparison& of) {
  const run_result& before = of.private_caches;
  const run_result& now = of.larder;
  std::cout << '\n';
  print_row("", "private caches", "larder", "gain");
  print_rule();
  print_hits(before, now);
  print_memory(of);
  print_row("throughput, 1000 requests a second", with_decimals(requests_per_second(before) / 1000, 1),
            with_decimals(requests_per_second(now) / 1000, 1),
            factor(requests_per_second(before), requests_per_second(now), "lower", "higher"));
  print_latency("a request, p50", before.all_latencies, now.all_latencies, 0.50);
  print_latency("a request, p99", before.all_latencies, now.all_latencies, 0.99);
  print_latency("a hit, p50", before.hit_latencies, now.hit_latencies, 0.50);
  print_latency("a hit, p99", before.hit_latencies, now.hit_latencies, 0.99);
  print_row("wrong values", with_commas(before.wrong_values), with_commas(now.wrong_values), "");
  print_rule();
  std::cout
      << "  Both: the same requests on the same workers, cold caches, the same SQLite file, which the operating "
         "system\n"
         "  holds in memory. Every value was checked to its last byte. A request ends when its value is at hand.\n\n";
  if (of.daemon) print_daemon(*of.daemon, now);
}

bool print_result(const comparison& of) {
  const run_result& before = of.private_caches;
  const run_result& now = of.larder;
  if (const auto wrong = before.wrong_values + now.wrong_values; wrong != 0) {
    std::cout << "result: FAILED, " << with_commas(wrong) << " values were wrong\n";
    return false;
  }
  if (now.origin_reads >= before.origin_reads) {
    std::cout << "result: FAILED, larder read the origin " << with_commas(now.origin_reads)
              << " times, the private caches only " << with_commas(before.origin_reads) << " times\n";
    return false;
  }
  std::cout << "result: from the same " << in_mebibytes(of.memory) << ", " << of.workers
            << " workers that share one larder read the origin "
            << with_decimals(static_cast<double>(before.origin_reads) / static_cast<double>(now.origin_reads), 1)
            << " times less often than with a cache each, and served "
            << with_decimals(requests_per_second(now) / requests_per_second(before), 1)
            << " times as many requests a second\n";
  return true;
}

}  // namespace demo
