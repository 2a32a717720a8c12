// The measured loops, one template for all subjects, and the order in which cases take turns.
//
// Each loop returns nanoseconds per operation and checks what it read: a wrong value throws wrong_value, because a fast
// wrong answer is no result.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_MEASURE_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_MEASURE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "options.hpp"
#include "results.hpp"
#include "ticks.hpp"
#include "workload.hpp"

namespace bench {

class wrong_value : public std::runtime_error {
 public:
  explicit wrong_value(const std::string& what) : std::runtime_error(what) {}
};

inline void demand(bool right, const char* what) {
  if (!right) throw wrong_value(what);
}

// Reads value after value by `mark_of_key(key)`. 0 if all marks were right.
template <class Read>
std::uint64_t read_all(const block& b, Read&& mark_of_key) {
  std::uint64_t wrong = 0;
  for (std::size_t at = 0; at < b.size(); ++at) wrong |= mark_of_key(b.key(at)) ^ b.mark(at);
  return wrong;
}

// The same, but which key is next is known only after the last value was read: `drift` is always 0, which the
// processor cannot know.
template <class Read>
std::uint64_t read_all_dependent(const block& b, Read&& mark_of_key) {
  std::uint64_t wrong = 0;
  std::uint64_t drift = 0;
  for (std::size_t at = 0; at < b.size(); ++at) {
    drift = mark_of_key(b.key((at + drift) % block::capacity)) ^ b.mark(at);
    wrong |= drift;
  }
  return wrong;
}

template <class Subject>
auto by_get(Subject& subject) {
  return [&subject](std::string_view key) { return subject.get(key); };
}

template <class Subject>
auto by_get_copy(Subject& subject, std::string& out) {
  return [&subject, &out](std::string_view key) { return subject.get_copy(key, out) ? mark_in(out) : 0; };
}

template <class Subject>
std::uint64_t get_all_batched(Subject& subject, const block& b) {
  std::uint64_t wrong = 0;
  std::array<std::uint64_t, Subject::batch> marks;
  for (std::size_t at = 0; at < b.size(); at += Subject::batch) {
    const std::size_t count = std::min(Subject::batch, b.size() - at);
    subject.get_batch(b.keys().subspan(at, count), marks);
    for (std::size_t i = 0; i < count; ++i) wrong |= marks[i] ^ b.mark(at + i);
  }
  return wrong;
}

// Reads are `read_percent` of a hundred operations; a hash of key, place and salt chooses them.
template <class Subject>
std::uint64_t mix_all(Subject& subject, const block& b, unsigned read_percent, std::uint64_t salt) {
  std::uint64_t wrong = 0;
  for (std::size_t at = 0; at < b.size(); ++at) {
    const std::uint64_t dice = ((b.mark(at) + salt + at) * 0x9e3779b97f4a7c15U) >> 32;
    if ((dice * 100) >> 32 < read_percent) {
      wrong |= subject.get(b.key(at)) ^ b.mark(at);
    } else {
      wrong |= static_cast<std::uint64_t>(!subject.put(b.key(at), b.value(at)));
    }
  }
  return wrong;
}

// Calls body(block) for all indices, block by block; only the body is timed. The body returns 0 if all was right.
template <class Body>
double time_reads(std::span<const key_index> indices, block& b, Body&& body) {
  block_timer timer;
  std::uint64_t wrong = 0;
  for (std::size_t at = 0; at < indices.size(); at += block::capacity) {
    b.make_keys(indices.subspan(at, std::min(block::capacity, indices.size() - at)));
    timer.time(b.size(), [&] { wrong |= body(std::as_const(b)); });
  }
  demand(wrong == 0, "a get returned a wrong value or none");
  return timer.ns_per_operation();
}

// The same with values that are ready to be written.
template <class Body>
double time_writes(std::span<const key_index> indices, block& b, Body&& body) {
  block_timer timer;
  std::uint64_t wrong = 0;
  for (std::size_t at = 0; at < indices.size(); at += b.writes()) {
    b.make_items(indices.subspan(at, std::min(b.writes(), indices.size() - at)));
    timer.time(b.size(), [&] { wrong |= body(std::as_const(b)); });
  }
  demand(wrong == 0, "a write failed, or a get beside it returned a wrong value");
  return timer.ns_per_operation();
}

template <class Subject>
double fill(Subject& subject, std::span<const key_index> indices, block& b) {
  return time_writes(indices, b, [&](const block& ready) {
    bool done = true;
    for (std::size_t at = 0; at < ready.size(); ++at) done &= subject.insert(ready.key(at), ready.value(at));
    return static_cast<std::uint64_t>(!done);
  });
}

// Cases that take turns: A B C, C B A, A B C, ... so that slow drifts of the machine cancel out of their ratios.
class turns {
 public:
  turns(const options& chosen, results& into) : options_(chosen), results_(into) {}

  // `run` is called once a round and returns the value of the series in this round.
  void add(std::string name, std::string unit, std::function<double()> run) {
    if (options_.wants(name)) cases_.push_back({std::move(name), std::move(unit), std::move(run)});
  }
  [[nodiscard]] bool empty() const noexcept { return cases_.empty(); }

  // `prepare(round)` is called before each round.
  void run(const std::string& title, std::size_t rounds, const std::function<void(std::size_t)>& prepare) {
    for (std::size_t round = 0; round < rounds; ++round) {
      std::fprintf(stderr, "%s: round %zu of %zu\n", title.c_str(), round + 1, rounds);
      prepare(round);
      std::vector<double> values(cases_.size());
      for (std::size_t step = 0; step < cases_.size(); ++step) {
        const std::size_t at = round % 2 == 0 ? step : cases_.size() - 1 - step;
        values[at] = cases_[at].run();
      }
      for (std::size_t at = 0; at < cases_.size(); ++at) results_.add(cases_[at].name, cases_[at].unit, values[at]);
    }
  }

 private:
  struct one_case {
    std::string name;
    std::string unit;
    std::function<double()> run;
  };

  const options& options_;
  results& results_;
  std::vector<one_case> cases_;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_MEASURE_HPP
