// What a worker process does: it serves its share of the trace through a cache, and reports.
#ifndef LARDER_DEMO_WORKER_HPP
#define LARDER_DEMO_WORKER_HPP

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "content.hpp"
#include "latency_histogram.hpp"
#include "origin.hpp"
#include "trace.hpp"

namespace demo {

enum class worker_stage : std::uint8_t { starting, ready, finished };

// A worker's results, in memory that it shares with its parent. The parent reads `served` at any time and everything else
// at the stage `finished`.
struct worker_report {
  std::atomic<std::uint64_t> served;  // relaxed: a stale count only makes the progress line late
  std::atomic<worker_stage> stage;    // release: what was written before is final; pairs with acquire in the parent
  std::uint64_t hits;
  std::uint64_t origin_reads;
  std::uint64_t wrong_values;
  std::uint64_t private_bytes;  // memory of this worker's own cache
  std::chrono::steady_clock::time_point started, ended;
  latency_histogram all_latencies, hit_latencies;
  char failure[256];  // why the worker gave up; empty if it did not
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<worker_stage>::is_always_lock_free,
              "the atomics of a report work between processes");

// Requests first, first + workers, first + 2 * workers, ...: what a load balancer in front of the workers would give this one.
struct share {
  std::size_t first;
  std::size_t workers;
};

// The same code serves from both caches: get() gives something that is false on a miss and has view(), put() stores.
// The latency of a request ends when its value is at hand; checking the value comes after it.
template <class Cache>
void serve(Cache& cache, origin& source, const trace& requests, share mine, worker_report& report) {
  using clock = std::chrono::steady_clock;
  report.started = clock::now();
  for (std::size_t i = mine.first; i < requests.requests.size(); i += mine.workers) {
    const std::uint32_t object = requests.requests[i];
    const std::string_view key = requests.key(object);

    const auto asked = clock::now();
    const auto hit = cache.get(key);
    std::string_view value = hit.view();
    if (!hit) {
      value = source.fetch(key);
      cache.put(key, value);
    }
    const auto latency = clock::now() - asked;

    report.all_latencies.record(latency);
    if (hit) report.hit_latencies.record(latency);
    ++(hit ? report.hits : report.origin_reads);
    if (!has_content(key, requests.objects[object].value_size, value)) ++report.wrong_values;
    report.served.fetch_add(1, std::memory_order_relaxed);
  }
  report.ended = clock::now();
}

}  // namespace demo

#endif  // LARDER_DEMO_WORKER_HPP
