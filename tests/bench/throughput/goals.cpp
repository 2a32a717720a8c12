// The goals that larder sets itself, each with what this run measured.
#include <cstdio>
#include <functional>

#include "suites.hpp"

namespace bench {
namespace {

struct goal {
  std::string text;
  std::optional<double> measured;
  double target;
  enum { at_most, at_least } direction;
  std::string unit;

  [[nodiscard]] std::string verdict() const {
    if (!measured) return "not measured";
    return (direction == at_most ? *measured <= target : *measured >= target) ? "met" : "NOT MET";
  }
};

std::vector<goal> reading_goals(const results& r) {
  std::vector<goal> goals;
  for (const char* items : {"10k", "1M", "5M"}) {
    for (const char* order : {"uniform", "zipf"}) {
      const std::string name = std::string("get ") + order + "/" + items + "/100B/";
      goals.push_back({std::string("get / floor, ") + items + " " + order, r.ratio(name + "larder", name + "floor"),
                       1.2, goal::at_most, "x"});
    }
  }
  for (const char* order : {"uniform", "zipf"}) {
    const std::string name = std::string("get ") + order + "/1M/100B/";
    goals.push_back({std::string("get / flat_map, 1M ") + order, r.ratio(name + "larder", name + "flat_map"), 0.45,
                     goal::at_most, "x"});
  }
  const std::string batch = "batch get uniform/1M/100B/larder";
  const std::string single = "get uniform/1M/100B/larder";
  goals.push_back({"batch of 32 / single get, independent", r.ratio(batch, single), 0.8, goal::at_most, "x"});
  goals.push_back(
      {"batch of 32 / single get, dependent", r.ratio(batch, "dependent " + single), 0.3, goal::at_most, "x"});
  for (const char* kind : {"", "dependent "}) {
    const auto copy_over_get = [&](const std::string& subject) {
      const std::string tail = " uniform/1M/100B/" + subject;
      return r.ratio(kind + ("get_copy" + tail), kind + ("get" + tail));
    };
    goals.push_back({std::string(kind) + "get_copy / get, 1M uniform (floor: " + cell(copy_over_get("floor"), 2) + ")",
                     copy_over_get("larder"), 1.1, goal::at_most, "x"});
  }
  goals.push_back({"put / get, 1M uniform", r.ratio("put uniform/1M/100B/larder", single), 2.5, goal::at_most, "x"});
  return goals;
}

std::vector<goal> other_goals(const results& r) {
  const auto two_over_one = [&](const std::string& name) {
    return r.ratio("2 processes " + name, "1 process " + name);
  };
  const std::string tail = "p99.9/1M/100B/larder";
  return {
      {"2 processes / 1, get, disjoint keys", two_over_one("get disjoint/1M/100B/larder"), 1.9, goal::at_least, "x"},
      {"2 processes / 1, get, one hot key", two_over_one("get one hot key/1M/100B/larder"), 1.9, goal::at_least, "x"},
      {"p99.9 of get, mix 50/50 of 2 processes / alone",
       r.ratio("get in mix 50/50 of 2 processes " + tail, "get alone " + tail), 2.0, goal::at_most, "x"},
      {"fill, 1M items", r.median_of("fill/1M/100B/larder"), 3.0, goal::at_least, "M/s"},
      {"evicting inserts", r.median_of("evicting insert/128MiB/100B/larder"), 2.0, goal::at_least, "M/s"},
      {"memory beyond key and value, 1M of 16 + 100 B", r.median_of("memory/1M/16+100B/larder"), 26, goal::at_most,
       "B"},
      {"attach to 4 GiB", r.median_of("attach/4GiB/larder"), 1.0, goal::at_most, "ms"},
  };
}

}  // namespace

void print_goals(const results& measured) {
  std::vector<goal> goals = reading_goals(measured);
  for (goal& g : other_goals(measured)) goals.push_back(std::move(g));
  table lines({"goal", "measured", "target", ""});
  std::size_t met = 0;
  std::size_t known = 0;
  for (const goal& g : goals) {
    const std::string target = (g.direction == goal::at_most ? "<= " : ">= ") + cell(g.target, 2) + " " + g.unit;
    lines.row({g.text, cell(g.measured, 2), target, g.verdict()});
    met += g.verdict() == "met";
    known += g.measured.has_value();
  }
  if (!measured.notes().empty()) std::printf("\nNotes\n");
  for (const std::string& note : measured.notes()) std::printf("  %s\n", note.c_str());
  std::printf("\nGoals (ratios: median of the ratios of each round)\n%s", lines.text().c_str());
  std::printf("\nresult: %zu of %zu measured goals met\n", met, known);
}

}  // namespace bench
