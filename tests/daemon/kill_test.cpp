// The registry of kill points times the steps of the housekeeper: a process that keeps house dies at each point that a step
// comes to. A survivor, which was attached all the time, must find every value whole, nothing of the dead in the end, and
// that another housekeeper goes on where the dead one stopped.
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/housekeeping.hpp"
#include "crash/audit.hpp"
#include "daemon/segment_file.hpp"
#include "platform/platform.hpp"
#include "support/child.hpp"
#include "support/sealed_value.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

namespace {

using larder::detail::housekeeper;
using larder::detail::time_budget;
using larder::platform::kill_point;
using support::child;

constexpr auto point_count = static_cast<std::size_t>(kill_point::count);
constexpr int keys = 4000;

struct tally {
  std::array<std::atomic<std::uint32_t>, point_count> reached;
};
using shared_tally = support::shared_object<tally>;

std::string key_of(int i) { return "key" + std::to_string(i); }

const time_budget& plenty() {
  static const time_budget budget{std::chrono::hours(1)};
  return budget;
}

void put(larder::cache& cache, int key, std::size_t size, larder::milliseconds ttl = larder::forever) {
  const std::string name = key_of(key);
  static_cast<void>(cache.put(name, support::sealed_value(name, 1, size), {.ttl = ttl}));
}

// --- What stands before a step ----------------------------------------------------------------------------------------

void with_expired_items(larder::cache& cache) {
  for (int i = 0; i < 300; ++i) put(cache, i, 200, i % 2 == 0 ? larder::milliseconds(1) : larder::forever);
  for (int i = 300; i < 310; ++i) put(cache, i, 5000, larder::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(150));  // until a sweep finds them due
}

void full(larder::cache& cache) {
  for (int i = 0; cache.stats().free_pages > 0; ++i) put(cache, i % keys, 400);
}

void full_of_large_items(larder::cache& cache) {
  for (int i = 0; cache.stats().free_pages > 0; ++i) put(cache, i % keys, 3000);
}

// Full of small items that nobody uses, and larger ones are used: theirs are the pages that are worth more.
void drifting(larder::cache& cache) {
  full(cache);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 300; ++i) {
      put(cache, keys + i, 900);
      static_cast<void>(cache.get(key_of(keys + i)));
    }
  }
}

void emptied(larder::cache& cache) {
  for (int i = 0; i < 1500; ++i) put(cache, i, 400);
  for (int i = 0; i < 60; ++i) put(cache, keys + i, 6000);
  cache.clear();
  cache.reap();
}

LARDER_CHILD_ROLE(holds_much_and_dies) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  std::vector<larder::read_handle> held;
  for (int i = 0; i < 40; ++i) held.push_back(cache.get(key_of(i)));
  for (int i = 0; i < 40; ++i) put(cache, i, 200);  // limbo is full of what is pinned, and the rest is nobody's
  auto reserved = cache.reserve("reserved", 3000);
  ::kill(::getpid(), SIGKILL);
  return 1;
}

void with_dead(larder::cache& cache) {
  for (int i = 0; i < 100; ++i) put(cache, i, 200);
}

// --- The steps ----------------------------------------------------------------------------------------------------------

struct step {
  const char* name;
  void (*prepare)(larder::cache&);
  void (*perform)(housekeeper&, const std::string& segment);
  std::uint64_t larder::stats::*grows;  // when nobody dies: the step is what its name says
  bool somebody_is_dead = false;
};

const step steps[] = {
    {"sweep", with_expired_items, [](housekeeper& sut, const std::string&) { sut.sweep(plenty()); },
     &larder::stats::expirations},
    {"reap", with_dead, [](housekeeper& sut, const std::string&) { sut.reap(); }, &larder::stats::recoveries, true},
    {"collect orphans", with_dead,
     [](housekeeper& sut, const std::string&) {
       sut.reap();
       sut.collect_orphans(plenty());
     },
     &larder::stats::reclaims, true},
    {"evict ahead", full, [](housekeeper& sut, const std::string&) { sut.evict_ahead(0.2, plenty()); },
     &larder::stats::evictions},
    {"evict large items ahead", full_of_large_items,
     [](housekeeper& sut, const std::string&) { sut.evict_ahead(0.2, plenty()); }, &larder::stats::evictions},
    {"move pages", drifting, [](housekeeper& sut, const std::string&) { sut.evict_ahead(0.4, plenty()); },
     &larder::stats::page_moves},
    {"balance pages", emptied, [](housekeeper& sut, const std::string&) { sut.balance_pages(0.01, plenty()); },
     &larder::stats::free_pages},
    {"tend tables", with_dead,
     // After each put, so that it is never the next one that finds its stripe crowded.
     [](housekeeper& sut, const std::string& segment) {
       larder::cache cache = larder::cache::open(segment);
       for (int i = 100; i < 1200; ++i) {
         put(cache, i, 16);
         sut.tend_tables(sut.stripe_count());
       }
     },
     &larder::stats::table_resizes},
    {"attach and detach", with_dead, [](housekeeper&, const std::string&) {}, &larder::stats::attaches},
};

kill_point fatal = kill_point::count;
std::uint32_t reaches_left = 0;
tally* counting = nullptr;

void reached(kill_point point) {
  counting->reached[static_cast<std::size_t>(point)].fetch_add(1);
  if (point == fatal && --reaches_left == 0) ::kill(::getpid(), SIGKILL);
}

// Arguments: segment, tally, step, kill point, reach.
LARDER_CHILD_ROLE(keeps_house_and_dies) {
  const shared_tally shared(arguments.number(1));
  counting = &*shared;
  fatal = static_cast<kill_point>(arguments.number(3));
  reaches_left = static_cast<std::uint32_t>(arguments.number(4));
  const daemon_tests::segment_file file(arguments.text(0));
  larder::platform::on_kill_point = &reached;
  {
    housekeeper sut(file.descriptor());
    steps[arguments.number(2)].perform(sut, arguments.text(0));
  }
  larder::platform::on_kill_point = nullptr;
  return 0;
}

// A segment in which a step is to be done.
class scene {
 public:
  explicit scene(std::size_t which) : which_(which), cache_(options(), {.lock_timeout = std::chrono::seconds(20)}) {
    steps[which].prepare(*cache_);
    if (!steps[which].somebody_is_dead) return;
    BOOST_REQUIRE(child("holds_much_and_dies", {cache_.name()}).wait() == -SIGKILL);
  }

  [[nodiscard]] std::uint64_t count() { return cache_->stats().*steps[which_].grows; }

  // True if it died.
  bool let_die(const shared_tally& shared, kill_point point, std::uint32_t reach) {
    const int ended = child("keeps_house_and_dies", {cache_.name(), shared.argument(), std::to_string(which_),
                                                     std::to_string(static_cast<int>(point)), std::to_string(reach)})
                          .wait();
    BOOST_REQUIRE((ended == 0 || ended == -SIGKILL));
    return ended != 0;
  }

  // Everything that is wrong afterwards, a line each.
  std::string look() {
    std::string wrong;
    for (int i = 0; i < keys * 2; ++i) {
      const larder::read_handle handle = cache_->get(key_of(i));
      if (handle && !support::unsealed(key_of(i), handle.view())) wrong += key_of(i) + " is torn\n";
    }
    for (int i = 0; i < 50; ++i) {
      put(*cache_, i, 200);
      if (!cache_->contains(key_of(i))) wrong += key_of(i) + " cannot be stored\n";
    }
    cache_->reap();
    wrong += support::violations(*cache_) + crash::leftovers(cache_.name());
    if (cache_->stats().attached_threads != 1) wrong += "others seem to be attached\n";
    return wrong;
  }

  // Another housekeeper removes all that has expired; what the dead one was just sweeping, when its marks have passed.
  bool another_finishes_the_sweep() {
    const daemon_tests::segment_file file(cache_.name());
    housekeeper another(file.descriptor());
    return support::eventually(support::generous, [&] {
      another.sweep(plenty());
      return another.stats().items ==
             150 + 50 / 2;  // the lasting ones, and those of look() in the place of expired ones
    });
  }

 private:
  static larder::create_options options() { return support::small(support::mebibyte); }

  std::size_t which_;
  support::temp_cache cache_;
};

// The first, second, fifth, twentieth ... reach, and the last.
std::vector<std::uint32_t> reaches_to_die_at(std::uint32_t count) {
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t reach : {1U, 2U, 5U, 20U, 100U}) {
    if (reach < count) chosen.push_back(reach);
  }
  if (count > 0) chosen.push_back(count);
  return chosen;
}

std::vector<std::uint32_t> count_reaches(std::size_t which) {
  const shared_tally shared;
  scene sut(which);
  const std::uint64_t before = sut.count();
  sut.let_die(shared, kill_point::count, 0);
  BOOST_TEST(sut.count() > before, steps[which].name << " does not do what its name says");
  return {shared->reached.begin(), shared->reached.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(kill_points)

BOOST_DATA_TEST_CASE(a_housekeeper_may_die_at_any_point_of, boost::unit_test::data::xrange(std::size(steps)), which) {
  const std::vector<std::uint32_t> counts = count_reaches(which);
  int points = 0;
  int deaths = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    points += counts[i] != 0;
    for (const std::uint32_t reach : reaches_to_die_at(counts[i])) {
      const shared_tally shared;
      scene sut(which);
      // Where counts depend on hashes, which differ from segment to segment, the last reach may not come.
      deaths += sut.let_die(shared, static_cast<kill_point>(i), reach);
      const std::string wrong = sut.look();
      const auto where = std::string(steps[which].name) + ", dead at " +
                         std::string(to_string(static_cast<kill_point>(i))) + ", reach " + std::to_string(reach);
      BOOST_TEST(wrong == "", where << ":\n" << wrong);
      if (which == 0 && reach == 1)
        BOOST_TEST(sut.another_finishes_the_sweep(), where << ": what has expired is never removed");
    }
  }
  std::fprintf(stderr, "%-20s %3d points, %4d deaths\n", steps[which].name, points, deaths);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
