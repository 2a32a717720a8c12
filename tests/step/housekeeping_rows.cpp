// The steps of the daemon's housekeeper, its coming and its going. The daemon does nothing else to a segment, so what is
// killed here is the daemon; that its process is one with configuration, metrics and a log makes no difference to a segment.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cache/housekeeping.hpp"
#include "daemon/segment_file.hpp"
#include "step/setting.hpp"
#include "support/child.hpp"

namespace step {
namespace {

using crash::stage;
using larder::detail::housekeeper;

constexpr std::size_t cell_value = 900;  // fills a cell of another class than small_size
constexpr std::size_t tiny_value = 60;
constexpr double reserve = 0.02;

const larder::detail::time_budget& plenty() {
  static const larder::detail::time_budget budget{std::chrono::hours(1)};
  return budget;
}

// --- What is there before ---------------------------------------------------------------------------------------------

// What has expired is due when the tick in which it did has passed.
void store_what_is_due(stage& s) {
  with_expired_items().prepare(s);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

// Handles, cells in limbo, orphans and an open reservation: a dead process held them all.
void let_somebody_die(const stage& s) {
  const pid_t process = ::fork();
  if (process == 0) {
    larder::cache own = larder::cache::open(s.name);
    std::vector<larder::read_handle> held;
    for (std::size_t i = 0; i < small_keys; ++i) {
      const std::string key = "of the dead " + std::to_string(i);
      static_cast<void>(own.put(key, std::string(small_size, 'v')));
      held.push_back(own.get(key));
      static_cast<void>(own.put(key, std::string(small_size, 'w')));
    }
    const auto reserved = own.reserve("reserved by the dead", run_size);
    ::kill(::getpid(), SIGKILL);
  }
  support::require(::waitpid(process, nullptr, 0) == process, "somebody dies");
}

void leave_somebody_dead(stage& s) {
  usual().prepare(s);
  let_somebody_die(s);
}

// All pages are in use; of the few tiny items every cell is taken, and of the many others a page's worth is free.
void fill_and_leave_a_page_to_spare(stage& s) {
  std::size_t key = 0;
  s.hand.put(key++, tiny_value);
  std::size_t last = key;
  while (has_room(cell_value)) s.hand.put(last++, cell_value);
  for (std::size_t tiny = last; has_room(tiny_value);) s.hand.put(tiny++, tiny_value);
  for (; key < last; key += 12) {
    if (s.cache->contains(crash::key_of(key))) s.hand.erase(key);  // a stripe that grew may have evicted it
  }
}

// Pages of a class of which nothing is left.
void fill_pages_and_empty_them(stage& s) {
  usual().prepare(s);
  for (std::size_t key = 100; key < 200; ++key) s.hand.put(key, cell_value);
  for (std::size_t key = 100; key < 200; ++key) s.hand.erase(key);
  s.cache->reap();
}

void hold_some(stage& s) {
  for (std::size_t key = 1; key < 20; key += 2) {
    if (s.cache->contains(crash::key_of(key))) s.hand.hold(key);  // a stripe that grew may have evicted it
  }
}

setting with_items_that_are_due() { return {.prepare = store_what_is_due}; }
setting with_somebody_dead() { return {.prepare = leave_somebody_dead}; }
setting with_a_page_to_spare() {
  return {.prepare = fill_and_leave_a_page_to_spare, .evicts = true, .keys = crash::most_keys};
}
setting with_empty_pages() { return {.prepare = fill_pages_and_empty_them}; }
setting full_and_held() {
  setting made = full_of_cells();
  made.beside = hold_some;
  return made;
}

// --- The steps --------------------------------------------------------------------------------------------------------

// Attached before the step begins, as a daemon is that has long been there.
template <class Step>
void keep_house(stage& s, Step step) {
  const daemon_tests::segment_file file(s.name);
  housekeeper keeper(file.descriptor());
  marked([&] { step(keeper); });
}

void sweep(stage& s) {
  keep_house(s, [](housekeeper& keeper) { keeper.sweep(plenty()); });
}
// Somebody dies while it looks on: whoever attaches takes the dead back, too.
void reap(stage& s) {
  const daemon_tests::segment_file file(s.name);
  housekeeper keeper(file.descriptor());
  let_somebody_die(s);
  marked([&] { keeper.reap(); });
}
void collect_orphans(stage& s) {
  keep_house(s, [](housekeeper& keeper) { static_cast<void>(keeper.collect_orphans(plenty())); });
}
void evict_ahead(stage& s) {
  keep_house(s, [](housekeeper& keeper) { keeper.evict_ahead(reserve, plenty()); });
}
void balance_pages(stage& s) {
  keep_house(s, [](housekeeper& keeper) { keeper.balance_pages(reserve, plenty()); });
}
void tend_tables(stage& s) {
  keep_house(s, [](housekeeper& keeper) { keeper.tend_tables(keeper.stripe_count()); });
}
void check(stage& s) {
  keep_house(s, [](housekeeper& keeper) {
    support::require(keeper.check_round(keeper.page_count()).violations.empty(), "the segment is sound");
  });
}

// A daemon that comes after one that died.
void take_over(stage& s) {
  const daemon_tests::segment_file file(s.name);
  marked([&] {
    housekeeper keeper(file.descriptor());
    keeper.reap();
    static_cast<void>(keeper.collect_orphans(plenty()));
  });
}

// What it evicted and somebody still holds waits in its limbo when it goes.
void shut_down(stage& s) {
  const daemon_tests::segment_file file(s.name);
  std::optional<housekeeper> keeper(file.descriptor());
  keeper->evict_ahead(reserve * 10, plenty());
  marked([&] { keeper.reset(); });
}

std::vector<row> rows() {
  return {
      {.name = "daemon: sweep",
       .before = with_items_that_are_due(),
       .perform = sweep,
       .counter = &larder::stats::expirations},
      {.name = "daemon: reap", .before = with_somebody_dead(), .perform = reap, .counter = &larder::stats::recoveries},
      {.name = "daemon: collect orphans",
       .before = with_orphans(),
       .perform = collect_orphans,
       .counter = &larder::stats::reclaims},
      {.name = "daemon: evict ahead",
       .before = full_of_cells(),
       .perform = evict_ahead,
       .counter = &larder::stats::evictions},
      {.name = "daemon: evict ahead, runs of frames",
       .before = full_of_runs(),
       .perform = evict_ahead,
       .counter = &larder::stats::evictions},
      {.name = "daemon: page move",
       .before = with_a_page_to_spare(),
       .perform = evict_ahead,
       .counter = &larder::stats::page_moves},
      {.name = "daemon: pages given back",
       .before = with_empty_pages(),
       .perform = balance_pages,
       .counter = &larder::stats::free_pages},
      {.name = "daemon: growth",
       .before = stripe_about_to_grow(),
       .perform = tend_tables,
       .counter = &larder::stats::table_resizes},
      {.name = "daemon: check", .before = usual(), .perform = check},
      {.name = "daemon: takeover",
       .before = with_somebody_dead(),
       .perform = take_over,
       .by = entry::inherits,
       .counter = &larder::stats::recoveries},
      {.name = "daemon: shutdown",
       .before = full_and_held(),
       .perform = shut_down,
       .counter = &larder::stats::evictions},
  };
}

}  // namespace

const std::vector<row>& housekeeping_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
