// The registry of kill points times the scripts: a process is killed at each point that a script comes to, at the first,
// second, fifth, twentieth ... reach and at the last. A survivor, which was attached all the time, then looks at
// everything, uses everything, and must find nothing of the dead in the end (guarantees C, D and E, invariants I1 to I14).
//
// A new kill point is covered by being declared: a script that comes to it kills there, and where none does, the last
// case fails.
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "crash/survivor.hpp"
#include "crash/victim.hpp"
#include "support/test.hpp"

namespace {

using crash::first;
using crash::script;
using crash::stage;
using larder::platform::kill_point;

// A segment of its own with a survivor who is attached to it before anybody dies.
class survivor {
 public:
  explicit survivor(const script& what) : what_(what), options_(support::small(what.capacity)) {
    options_.max_threads = what.max_threads;
    if (what.refuses) options_.when_full = larder::full_policy::refuse;
    stage_.emplace(name_.str(),
                   larder::cache::create(name_.str(), options_, {.lock_timeout = std::chrono::seconds(20)}), *notes_);
    what_.prepare(*stage_);
  }

  [[nodiscard]] bool let_die(kill_point point, std::uint32_t reach) {
    return crash::die(what_, point, reach, name_.str(), notes_);
  }
  [[nodiscard]] std::vector<std::uint32_t> count_reaches() {
    crash::live(what_, name_.str(), notes_);
    return {notes_->reached.begin(), notes_->reached.end()};
  }
  [[nodiscard]] std::string go_on(first way) { return crash::go_on(*stage_, *notes_, {.evicts = what_.evicts}, way); }

 private:
  const script& what_;
  larder::create_options options_;
  support::temp_name name_;
  crash::shared_journal notes_;
  std::optional<stage> stage_;
};

// The first, second, fifth, twentieth ... reach, and the last.
std::vector<std::uint32_t> reaches_to_die_at(std::uint32_t count) {
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t reach : {1U, 2U, 5U, 20U, 100U, 1000U}) {
    if (reach < count) chosen.push_back(reach);
  }
  if (count > 0) chosen.push_back(count);
  return chosen;
}

// Points that no script can come to, and why.
constexpr std::array<kill_point, 0> out_of_reach{};

}  // namespace

BOOST_AUTO_TEST_SUITE(crash_safety)
BOOST_AUTO_TEST_SUITE(kill_points)

BOOST_DATA_TEST_CASE(a_process_may_die_at_any_point_of, boost::unit_test::data::make(crash::scripts()), what) {
  survivor lucky(what);
  const std::vector<std::uint32_t> counts = lucky.count_reaches();
  BOOST_TEST(lucky.go_on(first::writes) == "");
  int points = 0;
  int deaths = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto point = static_cast<kill_point>(i);
    points += counts[i] != 0;
    for (const std::uint32_t reach : reaches_to_die_at(counts[i])) {
      for (const first way : {first::writes, first::reaps}) {
        if (reach > 1 && way != (reach % 2 == 0 ? first::writes : first::reaps)) continue;
        survivor sut(what);
        // Where counts depend on hashes, which differ from segment to segment, the last reach may not come.
        deaths += sut.let_die(point, reach);
        const std::string wrong = sut.go_on(way);
        BOOST_TEST(wrong == "", what.name << ", dead at " << to_string(point) << ", reach " << reach << ", survivor "
                                          << (way == first::writes ? "writes" : "reaps") << " first:\n"
                                          << wrong);
      }
    }
  }
  std::fprintf(stderr, "%-35s %3d points, %4d deaths\n", std::string(what.name).c_str(), points, deaths);
}

BOOST_AUTO_TEST_CASE(every_kill_point_is_reached_by_some_script) {
  std::array<bool, crash::kill_point_count> seen{};
  for (const script& what : crash::scripts()) {
    const std::vector<std::uint32_t> counts = survivor(what).count_reaches();
    for (std::size_t i = 0; i < counts.size(); ++i) seen[i] = seen[i] || counts[i] != 0;
  }
  for (const kill_point point : out_of_reach) {
    BOOST_TEST(!seen[static_cast<std::size_t>(point)], to_string(point) << " is reached after all");
    seen[static_cast<std::size_t>(point)] = true;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    BOOST_TEST(seen[i], "no script comes to " << to_string(static_cast<kill_point>(i)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
