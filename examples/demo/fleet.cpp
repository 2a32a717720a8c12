// Starts the workers, waits for them at two gates, and adds up what they found.
#include "fleet.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "figures.hpp"
#include "process_memory.hpp"
#include "scratch.hpp"

namespace demo {
namespace {

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

// The workers' reports, in anonymous memory that survives fork() as shared.
class shared_reports {
 public:
  explicit shared_reports(std::size_t workers) : count_(workers) {
    void* const memory =
        mmap(nullptr, count_ * sizeof(worker_report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    reports_ = static_cast<worker_report*>(memory);
    std::uninitialized_value_construct_n(reports_, count_);
  }
  shared_reports(const shared_reports&) = delete;
  shared_reports& operator=(const shared_reports&) = delete;
  ~shared_reports() { munmap(reports_, count_ * sizeof(worker_report)); }

  [[nodiscard]] std::span<worker_report> all() const noexcept { return {reports_, count_}; }

 private:
  std::size_t count_;
  worker_report* reports_;
};

[[noreturn]] void fail_by(int outcome_of_child) {
  stop_if_interrupted();  // Ctrl-C reaches the children, too
  throw std::runtime_error(WIFSIGNALED(outcome_of_child)
                               ? "a worker died of signal " + std::to_string(WTERMSIG(outcome_of_child))
                               : "a worker ended early");
}

// The children. Whatever happens, they are gone when this is.
class child_processes {
 public:
  child_processes() = default;
  child_processes(const child_processes&) = delete;
  child_processes& operator=(const child_processes&) = delete;
  ~child_processes() {
    for (const pid_t child : children_) kill(child, SIGKILL);
    for (const pid_t child : children_) waitpid(child, nullptr, 0);
  }

  // `body` runs in the child, and must not return.
  template <class Body>
  void start(Body&& body) {
    const pid_t child = fork();
    if (child == -1) fail("fork");
    if (child == 0) body();
    children_.push_back(child);
  }

  // Throws if a child has ended.
  void expect_alive() {
    for (const pid_t child : children_) {
      int outcome = 0;
      if (waitpid(child, &outcome, WNOHANG) != child) continue;
      std::erase(children_, child);
      fail_by(outcome);
    }
  }

  // Throws if one does not end well.
  void wait() {
    while (!children_.empty()) {
      int outcome = 0;
      waitpid(children_.back(), &outcome, 0);
      children_.pop_back();
      if (outcome != 0) fail_by(outcome);
    }
  }

  [[nodiscard]] std::uint64_t memory() const {
    std::uint64_t bytes = 0;
    for (const pid_t child : children_) bytes += proportional_memory(child);
    return bytes;
  }

 private:
  std::vector<pid_t> children_;
};

[[noreturn]] void live_as_worker(const worker_body& body, std::size_t worker, checkpoints& checks, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  release_interrupts();
  try {
    body(worker, checks);
  } catch (const std::exception& problem) {
    checks.failed(problem.what());
  }
  _exit(0);
}

// Returns when all workers have come to `wanted`.
void watch(std::span<const worker_report> reports, worker_stage wanted, child_processes& children, std::size_t requests,
           progress_line& progress) {
  const auto there = [&](const worker_report& each) { return each.stage.load(std::memory_order_acquire) >= wanted; };
  while (!std::all_of(reports.begin(), reports.end(), there)) {
    children.expect_alive();
    progress.update([&] {
      std::uint64_t served = 0;
      for (const worker_report& each : reports) served += each.served.load(std::memory_order_relaxed);
      return with_commas(served) + " requests served, " + std::to_string(served * 100 / requests) + " %";
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(wanted == worker_stage::ready ? 1 : 20));
  }
  for (const worker_report& each : reports) {
    if (each.failure[0] != '\0') throw std::runtime_error(std::string("a worker failed: ") + each.failure);
  }
}

run_result sum_of(std::span<const worker_report> reports) {
  run_result sum;
  auto started = reports[0].started;
  auto ended = reports[0].ended;
  for (const worker_report& each : reports) {
    sum.requests += each.served.load(std::memory_order_relaxed);
    sum.hits += each.hits;
    sum.origin_reads += each.origin_reads;
    sum.wrong_values += each.wrong_values;
    sum.cache_bytes += each.private_bytes;
    sum.all_latencies.merge(each.all_latencies);
    sum.hit_latencies.merge(each.hit_latencies);
    started = std::min(started, each.started);
    ended = std::max(ended, each.ended);
  }
  sum.elapsed = ended - started;
  return sum;
}

}  // namespace

void checkpoints::ready() noexcept {
  report_.stage.store(worker_stage::ready, std::memory_order_release);
  gates_.start.wait();
}

void checkpoints::finished() noexcept {
  report_.stage.store(worker_stage::finished, std::memory_order_release);
  gates_.leave.wait();
}

void checkpoints::failed(const char* reason) noexcept {
  std::snprintf(report_.failure, sizeof report_.failure, "%s", reason);
  finished();
}

run_result run_fleet(std::size_t workers, std::size_t requests, memory_account memory, progress_line& progress,
                     const worker_body& body) {
  const shared_reports reports(workers);
  worker_gates gates;
  child_processes children;
  const pid_t parent = getpid();
  for (std::size_t worker = 0; worker < workers; ++worker) {
    children.start([&] {
      gates.start.enter_child();
      gates.leave.enter_child();
      checkpoints checks(reports.all()[worker], gates);
      live_as_worker(body, worker, checks, parent);
    });
  }
  watch(reports.all(), worker_stage::ready, children, requests, progress);
  gates.start.open();
  watch(reports.all(), worker_stage::finished, children, requests, progress);

  run_result result = sum_of(reports.all());
  std::uint64_t memory_now = proportional_memory(parent) + children.memory();
  if (memory.beside != 0) memory_now += proportional_memory(memory.beside);
  result.added_bytes = memory_now - std::min(memory.before, memory_now);
  gates.leave.open();
  children.wait();
  return result;
}

}  // namespace demo
