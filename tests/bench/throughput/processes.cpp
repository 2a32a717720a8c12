// Two processes against one, on 10^6 items: total throughput of gets and of mixed operations, and percentiles of get.
//
// Each process works for the same time, in blocks; only the blocks' own time counts. What one process does is measured
// on both processors in turn and the mean is taken, because two processors are not always equally fast.
#include <chrono>
#include <cstdio>
#include <memory>

#include "crew.hpp"
#include "floor_cache.hpp"
#include "larder_cache.hpp"
#include "latency.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr key_index items = 1'000'000;
constexpr std::size_t value_size = 100;
constexpr const char* data_name = "1M/100B";

// An endless stream of keys for each member, drawn before the fork.
class member_streams {
 public:
  // `first` and `second`: what the members ask for.
  member_streams(std::vector<key_index> first, std::vector<key_index> second)
      : all_{std::move(first), std::move(second)} {}

  std::span<const key_index> next(std::size_t member, std::size_t count) {
    if (at_[member] + count > all_[member].size()) at_[member] = 0;
    const auto part = std::span<const key_index>(all_[member]).subspan(at_[member], count);
    at_[member] += count;
    return part;
  }

 private:
  std::array<std::vector<key_index>, crew_size> all_;
  std::array<std::size_t, crew_size> at_{};
};

class process_suite {
 public:
  explicit process_suite(const context& ctx)
      : ctx_(ctx),
        slice_(ctx.chosen.quick ? 25 : 100),
        rounds_(ctx.chosen.quick ? 3 : 7),
        disjoint_(draw(distribution::uniform, 0, items / 2, stream_length, 1),
                  draw(distribution::uniform, items / 2, items / 2, stream_length, 2)),
        uniform_(draw(distribution::uniform, 0, items, stream_length, 3),
                 draw(distribution::uniform, 0, items, stream_length, 4)),
        zipf_(draw(distribution::zipf, 0, items, stream_length, 5),
              draw(distribution::zipf, 0, items, stream_length, 6)),
        hot_(draw(distribution::hot, items / 3, 1, block::capacity, 7),
             draw(distribution::hot, items / 3, 1, block::capacity, 8)),
        block_(value_size) {
    choose_cases();
  }

  void run() {
    if (names_.empty() && !wants_latency()) return;
    std::fprintf(stderr, "two processes: filling, then %zu rounds\n", rounds_);
    const bool huge = ctx_.chosen.huge_pages;
    floor_ = std::make_unique<floor_cache>(items, value_size, huge);
    larder_ = std::make_unique<larder_cache>(larder_cache::capacity_for(items, value_size), huge);
    fill(*floor_, in_order(0, items), block_);
    fill(*larder_, in_order(0, items), block_);
    if (wants_latency()) add_latency_steps();
    const auto readings = run_crew(rounds_, steps_, [this](std::size_t) { touch_everything(); });
    for (const auto& round : readings) record(round);
    print();
  }

 private:
  static constexpr std::size_t stream_length = std::size_t{1} << 20;
  static constexpr const char* latency_name = "2 processes get latency/1M/100B/larder";

  // Measures one process, the other, and both.
  void add(const std::string& operation, std::string_view subject, std::function<reading(std::size_t)> run) {
    const std::string name = operation + "/" + data_name + "/" + std::string(subject);
    if (!ctx_.chosen.wants("2 processes " + name)) return;
    names_.push_back(name);
    for (const who members : {who::first, who::second, who::both}) steps_.push_back({members, run});
  }

  // Million operations a second of a member that works for a slice of time.
  template <class Body>
  reading work(member_streams& stream, std::size_t member, bool writes, Body&& body) {
    const auto end = std::chrono::steady_clock::now() + slice_;
    block_timer timer;
    std::uint64_t wrong = 0;
    const bool one_key = &stream == &hot_;
    if (one_key) block_.make_items(stream.next(member, block::capacity));
    while (std::chrono::steady_clock::now() < end) {
      if (!one_key && writes) block_.make_items(stream.next(member, block::capacity));
      if (!one_key && !writes) block_.make_keys(stream.next(member, block::capacity));
      timer.time(block_.size(), [&] { wrong |= body(std::as_const(block_)); });
    }
    demand(wrong == 0, "two processes: a get returned a wrong value or none, or a put failed");
    return {1000 / timer.ns_per_operation(), 0, 0};
  }

  template <class Subject>
  void add_get(const std::string& order, member_streams& stream, std::unique_ptr<Subject>& subject) {
    add("get " + order, Subject::name, [this, &stream, &subject](std::size_t member) {
      return work(stream, member, false, [&](const block& b) { return read_all(b, by_get(*subject)); });
    });
  }

  void add_mix(const std::string& order, member_streams& stream, unsigned read_percent) {
    const std::string mix = "mix " + std::to_string(read_percent) + "/" + std::to_string(100 - read_percent);
    add(mix + " " + order, larder_cache::name, [this, &stream, read_percent](std::size_t member) {
      return work(stream, member, true, [&](const block& b) { return mix_all(*larder_, b, read_percent, ++salt_); });
    });
  }

  void choose_cases() {
    add_get("disjoint", disjoint_, floor_);
    add_get("disjoint", disjoint_, larder_);
    add_get("one hot key", hot_, floor_);
    add_get("one hot key", hot_, larder_);
    add_get("zipf", zipf_, floor_);
    add_get("zipf", zipf_, larder_);
    for (const unsigned read_percent : {95U, 50U}) {
      add_mix("uniform", uniform_, read_percent);
      add_mix("zipf", zipf_, read_percent);
    }
  }

  [[nodiscard]] bool wants_latency() const { return ctx_.chosen.wants(latency_name); }

  template <latency_sample::operations What>
  reading timed_gets(std::size_t member, std::size_t samples) {
    latency_sample sample;
    while (sample.size() < samples) {
      block_.make_items(uniform_.next(member, block::capacity));
      sample.take<What>(*larder_, block_, ++salt_);
    }
    return sample.percentiles();
  }

  void add_latency_steps() {
    const std::size_t samples = ctx_.chosen.quick ? 20'000 : 100'000;
    using enum latency_sample::operations;
    const auto alone = [this, samples](std::size_t member) { return timed_gets<gets>(member, samples); };
    const auto mixed = [this, samples](std::size_t member) { return timed_gets<gets_and_puts>(member, samples); };
    latency_step_ = steps_.size();
    steps_.push_back({who::first, alone});
    steps_.push_back({who::second, alone});
    steps_.push_back({who::both, mixed});
  }

  // A forked process has no page tables for the shared memory yet; this makes them.
  void touch_everything() {
    const std::vector<key_index> all = in_order(0, items);
    time_reads(all, block_,
               [&](const block& b) { return read_all(b, by_get(*floor_)) | read_all(b, by_get(*larder_)); });
  }

  static double mean_alone(const std::vector<step_readings>& round, std::size_t step, std::size_t what) {
    return (round[step][0][what] + round[step + 1][1][what]) / 2;
  }

  void record(const std::vector<step_readings>& round) {
    for (std::size_t at = 0; at < names_.size(); ++at) {
      const double together = round[3 * at + 2][0][0] + round[3 * at + 2][1][0];
      ctx_.into.add("1 process " + names_[at], "M/s", mean_alone(round, 3 * at, 0));
      ctx_.into.add("2 processes " + names_[at], "M/s", together);
    }
    if (!wants_latency()) return;
    for (std::size_t what = 0; what < latency_names.size(); ++what) {
      const std::string tail = std::string(latency_names[what]) + "/" + data_name + "/larder";
      const auto& both = round[latency_step_ + 2];
      ctx_.into.add("get alone " + tail, "ns", mean_alone(round, latency_step_, what));
      ctx_.into.add("get in mix 50/50 of 2 processes " + tail, "ns", (both[0][what] + both[1][what]) / 2);
    }
  }

  void print() const {
    if (!names_.empty()) {
      table lines({"million operations per second", "1 process", "2 processes", "2 / 1"});
      for (const std::string& name : names_) {
        const std::string one = "1 process " + name;
        const std::string two = "2 processes " + name;
        lines.row({name, cell(ctx_.into.median_of(one), 2), cell(ctx_.into.median_of(two), 2),
                   cell(ctx_.into.ratio(two, one), 2)});
      }
      std::printf("\nOne and two processes, 1M items, keys 16-40 B, values 100 B\n%s", lines.text().c_str());
    }
    if (wants_latency()) {
      table lines({"ns per get of larder, uniform", "p50", "p99", "p99.9"});
      for (const char* kind : {"get alone", "get in mix 50/50 of 2 processes"}) {
        std::vector<std::string> row = {kind};
        for (const char* what : latency_names) {
          row.push_back(cell(ctx_.into.median_of(std::string(kind) + " " + what + "/" + data_name + "/larder"), 0));
        }
        lines.row(std::move(row));
      }
      std::printf("\nLatency beside another process, each get timed by itself\n%s", lines.text().c_str());
    }
    std::fflush(stdout);
  }

  const context& ctx_;
  std::chrono::milliseconds slice_;
  std::size_t rounds_;
  member_streams disjoint_, uniform_, zipf_, hot_;
  block block_;
  std::unique_ptr<floor_cache> floor_;
  std::unique_ptr<larder_cache> larder_;
  std::vector<std::string> names_;  // of the cases; three steps each
  std::vector<crew_step> steps_;
  std::size_t latency_step_ = 0;
  std::uint64_t salt_ = 0;
};

}  // namespace

void run_processes(const context& ctx) {
  if (usable_processors().size() < crew_size) {
    ctx.into.note("one processor only: the comparison of two processes with one is left out");
    return;
  }
  process_suite(ctx).run();
}

}  // namespace bench
