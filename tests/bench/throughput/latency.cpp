// One process: percentiles of single gets of the three subjects at 10^6 items.
#include "latency.hpp"

#include <cstdio>

#include "flat_map_cache.hpp"
#include "floor_cache.hpp"
#include "larder_cache.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr key_index items = 1'000'000;
constexpr std::size_t value_size = 100;

std::string series_name(std::string_view order, const char* what, std::string_view subject) {
  return "get latency " + std::string(order) + " " + what + "/1M/100B/" + std::string(subject);
}

template <class Subject>
void take_round(const context& ctx, Subject& subject, std::string_view order, std::span<const key_index> indices,
                block& b) {
  latency_sample sample;
  for (std::size_t at = 0; at + block::capacity <= indices.size(); at += block::capacity) {
    b.make_keys(indices.subspan(at, block::capacity));
    sample.take<latency_sample::operations::gets>(subject, b, 0);
  }
  const reading ns = sample.percentiles();
  for (std::size_t what = 0; what < latency_names.size(); ++what) {
    ctx.into.add(series_name(order, latency_names[what], Subject::name), "ns", ns[what]);
  }
}

void print(const context& ctx) {
  table lines({"ns per get", "floor", "larder", "flat_map", "larder/floor", "larder/flat_map"});
  for (const char* order : {"uniform", "zipf"}) {
    for (const char* what : latency_names) {
      const auto time = [&](std::string_view s) { return cell(ctx.into.median_of(series_name(order, what, s)), 0); };
      const auto ratio = [&](std::string_view under) {
        return cell(ctx.into.ratio(series_name(order, what, "larder"), series_name(order, what, under)), 2);
      };
      lines.row({std::string(order) + " " + what, time("floor"), time("larder"), time("flat_map"), ratio("floor"),
                 ratio("flat_map")});
    }
  }
  std::printf("\nLatency, one process, 1M items, values 100 B, each get timed by itself\n%s", lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace

void run_latency(const context& ctx) {
  if (!ctx.chosen.wants("get latency/1M/100B")) return;
  std::fprintf(stderr, "latency: filling, then %zu rounds\n", ctx.chosen.rounds);
  block b(value_size);
  const std::vector<key_index> all = in_order(0, items);
  floor_cache floor(items, value_size, ctx.chosen.huge_pages);
  larder_cache larder(larder_cache::capacity_for(items, value_size), ctx.chosen.huge_pages);
  flat_map_cache map;
  fill(floor, all, b);
  fill(larder, all, b);
  fill(map, all, b);
  const std::size_t samples = ctx.chosen.quick ? 32'768 : 131'072;
  for (std::size_t round = 0; round < ctx.chosen.rounds; ++round) {
    for (const distribution order : {distribution::uniform, distribution::zipf}) {
      const std::string_view name = order == distribution::uniform ? "uniform" : "zipf";
      const std::vector<key_index> indices = draw(order, 0, items, samples, round);
      take_round(ctx, floor, name, indices, b);
      take_round(ctx, larder, name, indices, b);
      take_round(ctx, map, name, indices, b);
    }
  }
  print(ctx);
}

}  // namespace bench
