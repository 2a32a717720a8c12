// The worker processes of one run: forked, started together, watched, and their reports added up.
#ifndef LARDER_DEMO_FLEET_HPP
#define LARDER_DEMO_FLEET_HPP

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "gate.hpp"
#include "latency_histogram.hpp"
#include "progress_line.hpp"
#include "worker.hpp"

namespace demo {

struct run_result {
  std::uint64_t requests = 0;
  std::uint64_t hits = 0;
  std::uint64_t origin_reads = 0;
  std::uint64_t wrong_values = 0;
  std::uint64_t cache_bytes = 0;  // memory of the cache or caches when all was served
  std::uint64_t evictions = 0;    // of a shared cache, by all processes
  std::uint64_t added_bytes = 0;  // memory that the run added to the host, by the kernel's account of all processes
  std::chrono::duration<double> elapsed{};
  latency_histogram all_latencies, hit_latencies;
};

// Where all workers wait for each other: none serves before all are ready, and none leaves, and gives back memory, before
// all have finished and their memory was looked at.
struct worker_gates {
  gate start, leave;
};

class checkpoints {
 public:
  checkpoints(worker_report& report, worker_gates& gates) noexcept : report_(report), gates_(gates) {}

  [[nodiscard]] worker_report& report() noexcept { return report_; }

  void ready() noexcept;
  void finished() noexcept;
  void failed(const char* reason) noexcept;

 private:
  worker_report& report_;
  worker_gates& gates_;
};

// What a worker process does from its start to its end. It calls ready() and then finished().
using worker_body = std::function<void(std::size_t worker, checkpoints& checks)>;

// How the memory that a run adds is found: what proportional_memory said before the run began, and a process that belongs
// to the run besides this one and the workers; 0: none.
struct memory_account {
  std::uint64_t before = 0;
  pid_t beside = 0;
};

// Runs `workers` processes to their end. Throws if a worker fails or dies, or on an interrupt; no worker outlives the call.
[[nodiscard]] run_result run_fleet(std::size_t workers, std::size_t requests, memory_account memory,
                                   progress_line& progress, const worker_body& body);

}  // namespace demo

#endif  // LARDER_DEMO_FLEET_HPP
