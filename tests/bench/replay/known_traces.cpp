// The columns of orm-busy, arc-p3 and synth-metakv were computed with libCacheSim (1a1a11a/libCacheSim, commit aa0fc404)
// and, to the same four digits, by a simulator written independently of it; those of the shorter trace that comes with
// larder by a program that shares nothing with this one.
#include "known_traces.hpp"

#include <algorithm>

namespace replay {
namespace {

constexpr std::array<known_trace, 4> all{{
    {"orm-busy.csv.zst",
     5'000'000,
     76'349,
     168'522'349,
     {{{0.1, 0.5023, 0.4981, 0.5140, 0.5121},
       {1, 0.2406, 0.2297, 0.2407, 0.2301},
       {10, 0.1321, 0.1199, 0.1325, 0.1203},
       {20, 0.0928, 0.0789, 0.0933, 0.0793}}},
     {{{10, 0.068}, {20, 0.050}}}},
    {"arc-p3.csv.zst",
     3'912'296,
     762'543,
     3'135'576'816,
     // All values have one size, so objects and bytes are the same.
     {{{0.1, 0.9905, 0.9906, 0.9905, 0.9906},
       {1, 0.9840, 0.9841, 0.9840, 0.9841},
       {10, 0.8237, 0.8319, 0.8237, 0.8319},
       {20, 0.5555, 0.4971, 0.5555, 0.4971}}},
     {{{10, 0.661}, {20, 0.466}}}},
    {"synth-metakv.csv.zst",
     1'982'481,
     468'826,
     1'026'522'786,
     {{{0.1, 0.7105, 0.6843, 0.7081, 0.6822},
       {1, 0.5035, 0.4679, 0.5031, 0.4673},
       {10, 0.3310, 0.3036, 0.3308, 0.3034},
       {20, 0.2875, 0.2665, 0.2873, 0.2664}}},
     {{{10, 0.266}, {20, 0.250}}}},
    {"orm-busy-1m.csv.zst",
     1'000'000,
     44'178,
     98'635'705,
     {{{0.1, 0.5579, 0.5854, 0.5893, 0.5960},
       {1, 0.3727, 0.3612, 0.3751, 0.3611},
       {10, 0.1525, 0.1420, 0.1516, 0.1408},
       {20, 0.1181, 0.1057, 0.1185, 0.1060}}},
     {}},
}};

}  // namespace

std::optional<double> known_trace::target_at(double percent) const noexcept {
  const auto* const found =
      std::find_if(targets.begin(), targets.end(), [&](const target& each) { return each.percent == percent; });
  if (found == targets.end() || percent == 0) return std::nullopt;
  return found->miss_ratio;
}

const known_trace* find_known(const trace& of) noexcept {
  const auto* const found = std::find_if(all.begin(), all.end(), [&](const known_trace& each) {
    return each.name == of.name && each.requests == of.requests.size() && each.keys == of.keys &&
           each.footprint == of.footprint;
  });
  return found == all.end() ? nullptr : found;
}

}  // namespace replay
