// Guarantee A: each key is linearizable across processes. Workers in several processes record what they called and saw;
// afterwards every key's history is proved. The segment is large, so that no miss can be an eviction.
#include "support/linearizability.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::status;
using support::call;
using support::operation;
using support::outcome;

namespace {

constexpr std::size_t workers = 4;
constexpr std::size_t keys = 6;
constexpr std::size_t log_size = 150'000;

struct worker_log {
  std::atomic<std::uint64_t> size;
  std::array<operation, log_size> operations;
};

struct recording {
  support::start_gate gate;
  std::atomic<bool> stop;
  std::array<worker_log, workers> logs;
};

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

outcome outcome_of(status s) {
  switch (s) {
    case status::ok:
      return outcome::done;
    case status::not_found:
      return outcome::absent;
    case status::exists:
      return outcome::exists;
    case status::version_mismatch:
      return outcome::mismatch;
    default:
      break;
  }
  support::require(false, "unexpected status " + std::string(to_string(s)));
  return outcome::unknown;
}

// Makes random calls and records each: first that it began, then what it came to. So a killed worker leaves one call
// whose outcome is unknown.
class recorder {
 public:
  recorder(larder::cache& cache, worker_log& log, std::size_t index)
      : cache_(cache), log_(log), index_(index), random_(100 + index) {}

  void step() {
    operation& o = log_.operations[log_.size.load(std::memory_order_relaxed)];
    o.what = static_cast<call>(random_.number(6));
    o.key = static_cast<std::uint32_t>(random_.number(keys));
    // No value is stored twice: increments stay below the next value of any worker.
    o.argument = static_cast<std::int64_t>((index_ + 1) << 52 | ++made_ << 16);
    o.seen = last_[o.key].value;
    o.came_to = outcome::unknown;
    o.invoked = now();
    log_.size.fetch_add(1, std::memory_order_release);
    const outcome result = make(o, "key" + std::to_string(o.key));
    o.responded = now();
    std::atomic_signal_fence(std::memory_order_release);
    o.came_to = result;
  }

 private:
  struct last_seen {
    std::int64_t value = 0;
    larder::version version{};
  };

  outcome make(operation& o, const std::string& key) {
    switch (o.what) {
      case call::get:
        return get(o, key);
      case call::put:
        return outcome_of(cache_.put(key, larder::object_bytes(o.argument)));
      case call::add:
        return outcome_of(cache_.add(key, larder::object_bytes(o.argument)));
      case call::erase:
        return random_.one_in(3) ? outcome_of(cache_.erase(key)) : get(o, key);
      case call::cas:
        return outcome_of(cache_.cas(key, last_[o.key].version, larder::object_bytes(o.argument)));
      case call::incr:
        break;
    }
    const larder::result<std::int64_t> counted = cache_.incr(key, 1, {.initial = o.argument});
    o.seen = counted.value_or(0);
    return outcome_of(counted.error());
  }

  outcome get(operation& o, const std::string& key) {
    o.what = call::get;
    const larder::read_handle handle = cache_.get(key);
    if (!handle) return outcome::absent;
    support::require(handle.as<std::int64_t>() != nullptr, "a value has eight bytes");
    o.seen = *handle.as<std::int64_t>();
    last_[o.key] = {o.seen, handle.version()};
    return outcome::done;
  }

  larder::cache& cache_;
  worker_log& log_;
  std::size_t index_;
  std::uint64_t made_ = 0;
  support::random_source random_;
  std::array<last_seen, keys> last_;
};

LARDER_CHILD_ROLE(records_random_calls) {
  larder::cache cache = larder::cache::open(arguments.text(0), {.lock_timeout = std::chrono::minutes(2)});
  const support::shared_object<recording> shared(arguments.number(1));
  const auto index = static_cast<std::size_t>(arguments.number(2));
  recorder sut(cache, shared->logs[index], index);
  shared->gate.arrive_and_pass();
  while (!shared->stop && shared->logs[index].size < log_size) sut.step();
  return 0;
}

// The history of one key, by process.
std::vector<support::call_sequence> history_of(const recording& shared, std::uint32_t key) {
  std::vector<support::call_sequence> history(workers);
  for (std::size_t w = 0; w < workers; ++w) {
    const worker_log& log = shared.logs[w];
    for (std::uint64_t i = 0; i < log.size; ++i) {
      if (log.operations[i].key == key) history[w].push_back(log.operations[i]);
    }
  }
  return history;
}

std::vector<std::unique_ptr<support::child>> start_workers(const std::string& name,
                                                           const support::shared_object<recording>& shared) {
  std::vector<std::unique_ptr<support::child>> children;
  for (std::size_t w = 0; w < workers; ++w) {
    children.push_back(std::make_unique<support::child>(
        "records_random_calls", std::vector<std::string>{name, shared.argument(), std::to_string(w)}));
  }
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return shared->gate.arrived == workers; }));
  shared->gate.open();
  return children;
}

void check_histories(const recording& shared) {
  std::size_t total = 0;
  for (std::uint32_t key = 0; key < keys; ++key) {
    const std::vector<support::call_sequence> history = history_of(shared, key);
    for (const support::call_sequence& calls : history) total += calls.size();
    BOOST_TEST(support::is_linearizable(history), "the history of key " << key << " is linearizable");
  }
  BOOST_TEST(total > 1000u);
  BOOST_TEST_MESSAGE(total << " calls recorded");
}

// What four threads see of one variable behind a lock: a stand-in for a cache of which it is known whether it is right.
// With stale reads, a thread is now and then shown what the variable held before its own last store.
std::vector<support::call_sequence> history_of_variable(bool stale_reads) {
  std::vector<support::call_sequence> history(workers);
  std::mutex lock;
  std::int64_t held = 0;
  support::start_gate gate{};
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < workers; ++t) {
    threads.emplace_back([&, t] {
      std::int64_t before_my_store = 0;
      gate.meet(workers);
      for (std::int64_t i = 1; i <= 5000; ++i) {
        const auto what = i % 3 == 1 ? call::put : call::get;
        operation o{what, outcome::done, 0, static_cast<std::int64_t>(t) << 32 | i, 0, now(), 0};
        {
          const std::lock_guard guard(lock);
          if (what == call::put) before_my_store = std::exchange(held, o.argument);
          o.seen = stale_reads && i % 300 == 0 ? before_my_store : held;
        }
        o.responded = now();
        history[t].push_back(o);
        if (i % 16 == 0) std::this_thread::yield();
      }
    });
  }
  threads.clear();
  return history;
}

operation made(call what, outcome came_to, std::int64_t argument, std::int64_t seen, std::int64_t invoked,
               std::int64_t responded) {
  return {what, came_to, 0, argument, seen, invoked, responded};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stress)
BOOST_AUTO_TEST_SUITE(linearizability)

BOOST_AUTO_TEST_CASE(guarantee_A_histories_of_several_processes_are_linearizable) {
  support::temp_cache sut(64 * support::mebibyte);
  const support::shared_object<recording> shared;
  const auto children = start_workers(sut.name(), shared);
  std::this_thread::sleep_for(support::stress_time());
  shared->stop = true;
  for (const auto& child : children) BOOST_TEST(child->wait() == 0);
  check_histories(*shared);
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(guarantee_A_holds_when_workers_are_killed) {
  support::random_source random(7);
  for (int round = 0; round < 4; ++round) {
    support::temp_cache sut(64 * support::mebibyte);
    const support::shared_object<recording> shared;
    const auto children = start_workers(sut.name(), shared);
    for (std::size_t victim = 0; victim < 2; ++victim) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random.number(100)));
      children[victim]->kill();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    shared->stop = true;
    for (std::size_t w = 2; w < workers; ++w) BOOST_TEST(children[w]->wait() == 0);
    check_histories(*shared);
    BOOST_TEST(support::violations(*sut) == "");
  }
}

// The checker itself: a proof by a checker that accepts everything would be worth nothing.

BOOST_AUTO_TEST_CASE(the_checker_accepts_what_threads_see_of_a_locked_variable) {
  BOOST_TEST(support::is_linearizable(history_of_variable(false)));
}

BOOST_AUTO_TEST_CASE(the_checker_rejects_what_threads_see_through_stale_copies) {
  BOOST_TEST(!support::is_linearizable(history_of_variable(true)));
}

BOOST_AUTO_TEST_CASE(the_checker_accepts_calls_that_overlap_in_either_order) {
  const std::vector<support::call_sequence> history{
      {made(call::put, outcome::done, 10, 0, 0, 100), made(call::get, outcome::done, 0, 20, 110, 120)},
      {made(call::get, outcome::absent, 0, 0, 10, 20), made(call::put, outcome::done, 20, 0, 30, 90)},
      {made(call::cas, outcome::mismatch, 30, 10, 130, 140), made(call::cas, outcome::done, 40, 20, 150, 160)}};
  BOOST_TEST(support::is_linearizable(history));
}

BOOST_AUTO_TEST_CASE(the_checker_rejects_an_older_value_after_a_newer_one) {
  const std::vector<support::call_sequence> history{
      {made(call::put, outcome::done, 10, 0, 0, 10), made(call::put, outcome::done, 20, 0, 20, 30)},
      {made(call::get, outcome::done, 0, 20, 40, 50), made(call::get, outcome::done, 0, 10, 60, 70)}};
  BOOST_TEST(!support::is_linearizable(history));
}

BOOST_AUTO_TEST_CASE(the_checker_rejects_a_stale_read_a_lost_item_and_a_value_from_nowhere) {
  const operation stored = made(call::put, outcome::done, 10, 0, 0, 10);
  BOOST_TEST(!support::is_linearizable(
      std::vector<support::call_sequence>{{stored}, {made(call::get, outcome::absent, 0, 0, 20, 30)}}));
  BOOST_TEST(!support::is_linearizable(
      std::vector<support::call_sequence>{{stored}, {made(call::get, outcome::done, 0, 11, 20, 30)}}));
  BOOST_TEST(!support::is_linearizable(
      std::vector<support::call_sequence>{{stored}, {made(call::add, outcome::done, 12, 0, 20, 30)}}));
}

BOOST_AUTO_TEST_CASE(the_checker_rejects_a_lost_increment_and_two_winners_of_one_version) {
  const std::vector<support::call_sequence> increments{{made(call::incr, outcome::done, 100, 101, 0, 50)},
                                                       {made(call::incr, outcome::done, 200, 201, 0, 50)}};
  BOOST_TEST(!support::is_linearizable(increments));
  const std::vector<support::call_sequence> winners{
      {made(call::put, outcome::done, 10, 0, 0, 10), made(call::cas, outcome::done, 20, 10, 20, 50)},
      {made(call::cas, outcome::done, 30, 10, 20, 50)}};
  BOOST_TEST(!support::is_linearizable(winners));
}

BOOST_AUTO_TEST_CASE(the_checker_lets_a_dead_process_have_acted_or_not_but_not_both) {
  const operation dying = made(call::put, outcome::unknown, 10, 0, 0, 0);
  const auto with = [&](std::vector<operation> reads) {
    return std::vector<support::call_sequence>{{dying}, std::move(reads)};
  };
  const operation hit_early = made(call::get, outcome::done, 0, 10, 20, 30),
                  miss_early = made(call::get, outcome::absent, 0, 0, 20, 30);
  const operation hit_late = made(call::get, outcome::done, 0, 10, 40, 50),
                  miss_late = made(call::get, outcome::absent, 0, 0, 40, 50);
  BOOST_TEST(support::is_linearizable(with({hit_early, hit_late})));
  BOOST_TEST(support::is_linearizable(with({miss_early, miss_late})));
  BOOST_TEST(support::is_linearizable(with({miss_early, hit_late})));
  BOOST_TEST(!support::is_linearizable(with({hit_early, miss_late})));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
