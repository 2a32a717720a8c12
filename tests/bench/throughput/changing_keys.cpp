// One process, sets of keys that change: filling an empty cache, inserting into a full one, add and erase, counters.
#include <cstdio>
#include <memory>

#include "flat_map_cache.hpp"
#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr std::size_t value_size = 100;

double millions_per_second(double ns) { return 1000 / ns; }

// Fresh, empty caches in each round. Nobody is told the number of items beforehand.
void run_fill(const context& ctx) {
  for (const std::size_t items : {10'000U, 1'000'000U, 5'000'000U}) {
    if (ctx.chosen.quick && items > 1'000'000) continue;
    const std::string name = "fill/" + count_name(items) + "/100B/";
    const std::vector<key_index> all = in_order(0, items);
    block b(value_size);
    turns plan(ctx.chosen, ctx.into);
    plan.add(name + "larder", "M/s", [&] {
      larder_cache fresh(larder_cache::capacity_for(items, value_size), ctx.chosen.huge_pages);
      const double rate = millions_per_second(fill(fresh, all, b));
      demand(fresh.stats().evictions == 0, "larder evicted items from a cache with room to spare");
      return rate;
    });
    plan.add(name + "flat_map", "M/s", [&] {
      flat_map_cache fresh;
      return millions_per_second(fill(fresh, all, b));
    });
    const std::size_t rounds = items > 1'000'000 ? 3 : std::min<std::size_t>(ctx.chosen.rounds, 5);
    if (!plan.empty()) plan.run("fill " + count_name(items), rounds, [](std::size_t) {});
  }
}

// A full cache: each insert of a key that was never there before makes another one leave.
void run_evicting_inserts(const context& ctx) {
  constexpr std::size_t capacity = std::size_t{128} << 20;
  turns plan(ctx.chosen, ctx.into);
  std::unique_ptr<larder_cache> full;
  block b(value_size);
  key_index fresh_key = 0;
  const auto insert_more = [&](std::size_t count) {
    const std::vector<key_index> more = in_order(fresh_key, count);
    fresh_key += static_cast<key_index>(count);
    return fill(*full, more, b);
  };
  plan.add("evicting insert/128MiB/100B/larder", "M/s", [&] {
    const std::uint64_t before = full->stats().evictions;
    const double rate = millions_per_second(insert_more(ctx.chosen.quick ? 100'000 : 500'000));
    demand(full->stats().evictions > before, "larder evicted nothing from a full cache");
    b.make_keys(in_order(fresh_key - 512, 512));
    for (std::size_t at = 0; at < b.size(); ++at) {
      const std::uint64_t mark = full->get(b.key(at));
      demand(mark == b.mark(at) || mark == 0, "a get returned a wrong value");
    }
    return rate;
  });
  if (plan.empty()) return;
  full = std::make_unique<larder_cache>(capacity, ctx.chosen.huge_pages);
  while (full->stats().evictions == 0) insert_more(10'000);
  insert_more(fresh_key);  // as much again, so that the steady state is measured
  plan.run("evicting inserts", ctx.chosen.rounds, [](std::size_t) {});
}

// A block of new keys, then the same keys erased.
template <class Subject>
double time_add_and_erase(Subject& subject, std::span<const key_index> indices, block& b) {
  return time_writes(indices, b, [&](const block& ready) {
    bool done = true;
    for (std::size_t at = 0; at < ready.size(); ++at) done &= subject.add(ready.key(at), ready.value(at));
    for (std::size_t at = 0; at < ready.size(); ++at) done &= subject.erase(ready.key(at));
    return static_cast<std::uint64_t>(!done);
  });
}

void run_add_and_erase(const context& ctx) {
  constexpr std::size_t items = 1'000'000;
  turns plan(ctx.chosen, ctx.into);
  block b(value_size);
  const std::vector<key_index> absent = in_order(items, ctx.chosen.quick ? 50'000 : 300'000);
  std::unique_ptr<larder_cache> larder;
  flat_map_cache map;
  plan.add("add and erase/1M/100B/larder", "ns", [&] { return time_add_and_erase(*larder, absent, b); });
  plan.add("add and erase/1M/100B/flat_map", "ns", [&] { return time_add_and_erase(map, absent, b); });
  if (plan.empty()) return;
  larder = std::make_unique<larder_cache>(larder_cache::capacity_for(items, value_size), ctx.chosen.huge_pages);
  fill(*larder, in_order(0, items), b);
  fill(map, in_order(0, items), b);
  plan.run("add and erase", ctx.chosen.rounds, [](std::size_t) {});
}

template <class Subject>
double time_incr(Subject& counters, std::span<const key_index> indices, block& b) {
  return time_reads(indices, b, [&](const block& ready) {
    std::uint64_t wrong = 0;
    for (std::size_t at = 0; at < ready.size(); ++at)
      wrong |= static_cast<std::uint64_t>(counters.incr(ready.key(at)) <= 0);
    return wrong;
  });
}

// 10^6 counters; those that a round asks for first are created.
void run_incr(const context& ctx) {
  constexpr key_index items = 1'000'000;
  turns plan(ctx.chosen, ctx.into);
  block b(sizeof(std::int64_t));
  std::unique_ptr<larder_cache> larder;
  flat_map_cache map;
  std::vector<key_index> indices;
  plan.add("incr zipf/1M/8B/larder", "ns", [&] { return time_incr(*larder, indices, b); });
  plan.add("incr zipf/1M/8B/flat_map", "ns", [&] { return time_incr(map, indices, b); });
  if (plan.empty()) return;
  larder =
      std::make_unique<larder_cache>(larder_cache::capacity_for(items, sizeof(std::int64_t)), ctx.chosen.huge_pages);
  time_incr(*larder, in_order(0, items), b);
  time_incr(map, in_order(0, items), b);
  plan.run("incr", ctx.chosen.rounds, [&](std::size_t round) {
    indices = draw(distribution::zipf, 0, items, ctx.chosen.quick ? 65'536 : 393'216, round);
  });
}

void print(const results& measured, const char* title, std::string unit, const std::vector<std::string>& names) {
  table lines({std::move(unit), "larder", "flat_map", "larder/flat_map"});
  for (const std::string& name : names) {
    const std::string larder = name + "/larder";
    const std::string map = name + "/flat_map";
    if (!measured.median_of(larder) && !measured.median_of(map)) continue;
    lines.row({name, cell(measured.median_of(larder), 2), cell(measured.median_of(map), 2),
               cell(measured.ratio(larder, map), 2)});
  }
  if (!lines.empty()) std::printf("\n%s\n%s", title, lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace

void run_changing_keys(const context& ctx) {
  run_fill(ctx);
  run_evicting_inserts(ctx);
  run_add_and_erase(ctx);
  run_incr(ctx);
  print(ctx.into, "Inserting new keys", "million per second",
        {"fill/10k/100B", "fill/1M/100B", "fill/5M/100B", "evicting insert/128MiB/100B"});
  print(ctx.into, "Other writes (add and erase: one of each)", "ns per operation",
        {"add and erase/1M/100B", "incr zipf/1M/8B"});
}

}  // namespace bench
