// Keys 0 to 99 are there before most scripts begin; new ones are numbered from 100 on. A cache of 4 MiB has pages of
// 16 KiB, so values of 2 KiB and more are runs of frames and those of 16 KiB and more cover several pages; a limbo of
// its threads holds 16 cells, and a stripe begins with 14 words.
#include "crash/script.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "support/child.hpp"
#include "support/temp_cache.hpp"

namespace crash {
namespace {

using larder::platform::kill_point;
using support::mebibyte;

constexpr std::size_t kept = 100;   // keys that stand before the script begins
constexpr std::size_t pinned = 40;  // more than a limbo holds, fewer than a thread has pins
constexpr std::size_t tight = mebibyte;

// --- Before -----------------------------------------------------------------------------------------------------------

void store_kept(stage& s) { s.hand.put_range(0, kept, 200); }

void store_kept_runs(stage& s) {
  for (std::size_t i = 0; i < 30; ++i) s.hand.put(i, 3000 + i * 300);
}

void store_kept_counters(stage& s) {
  for (std::size_t i = 0; i < 10; ++i) s.hand.increment(i);
  for (std::size_t i = 10; i < 30; ++i) s.hand.append(i, 100);
}

void fill_with_small_items(stage& s) { s.hand.put_range(0, 3000, 400); }

// Small items, of which some have been used, so that they are rescued when their page moves; a few cells wait in the
// survivor's limbo, so that some pages cannot be emptied.
void fill_and_use(stage& s) {
  fill_with_small_items(s);
  for (std::size_t i = 0; i < 3000; i += 2) static_cast<void>(s.cache->get(key_of(i)));
  for (std::size_t i = 2000; i < 3000; i += 150) {
    if (s.cache->contains(key_of(i))) s.hand.erase(i);
  }
}

void fill_with_runs(stage& s) {
  for (std::size_t i = 0; i < 600; ++i) s.hand.put(i, 1000 + i % 7 * 500);
}

// More than there is room for, where a full cache refuses.
void fill_until_refused(stage& s) {
  s.hand.may_be_refused = true;
  fill_with_small_items(s);
  for (std::size_t i = 3000; i < 3020; ++i) s.hand.put(i, 5000);
}

void store_expired(stage& s) {
  store_kept(s);
  for (std::size_t i = 100; i < 140; ++i) s.hand.put_expired(i, 300);
}

void hold_all(stage& s) {
  for (std::size_t i = 0; i < pinned; ++i) s.hand.hold(i);
}

// More than a limbo holds is retired while it is pinned, and then left behind.
void leave_orphans(stage& s) {
  store_kept(s);
  hold_all(s);
  s.hand.put_range(0, pinned, 200);
  s.hand.release();
}

void store_kept_and_hold(stage& s) {
  store_kept(s);
  hold_all(s);
}

void listen(stage& s) {
  s.ear.emplace(*s.cache);
  // Somebody who sleeps until something is announced, as far as writers know.
  static_cast<void>(s.cache->subscribe().wait(std::chrono::milliseconds(1)));
}

void store_kept_and_listen(stage& s) {
  store_kept(s);
  listen(s);
}

void fill_with_small_items_and_listen(stage& s) {
  fill_with_small_items(s);
  listen(s);
}

// --- In the midst -----------------------------------------------------------------------------------------------------

void put_new(stage& s) {
  for (std::size_t i = 100; i < 140; ++i) s.hand.put(i, 16 + i % 13 * 120);
}

void overwrite_in_place(stage& s) {
  s.hand.put_range(0, 40, 200);
  s.hand.put_range(0, 40, 200);
}

void overwrite_with_other_sizes(stage& s) {
  for (std::size_t i = 0; i < 40; ++i) s.hand.put(i, 16 + i * 70);
}

void put_runs(stage& s) {
  for (std::size_t i = 10; i < 50; ++i) s.hand.put(i, 2500 + i * 230);
}

void put_over_pages(stage& s) {
  for (std::size_t i = 20; i < 32; ++i) s.hand.put(i, 20'000 + i * 3000);
  for (std::size_t i = 20; i < 26; ++i) s.hand.put(i, 90'000);
}

void put_into_full(stage& s) { s.hand.put_range(3000, 3300, 400); }

void put_runs_into_full(stage& s) {
  for (std::size_t i = 600; i < 700; ++i) s.hand.put(i, 1200 + i % 5 * 600);
}

// Pages into which runs reach are given to other classes, and some come back.
void drift_among_runs(stage& s) {
  for (std::size_t i = 600; i < 1200; ++i) {
    s.hand.put(i, i % 20 == 0 ? 3000 + i : 150);
    static_cast<void>(s.cache->get(key_of(i)));
  }
}

void put_over_pages_into_full(stage& s) {
  for (std::size_t i = 3000; i < 3008; ++i) s.hand.put(i, 60'000);
}

void grow(stage& s) { s.hand.put_range(100, 3600, 16); }

// Sizes that the full cache has no pages for: other classes must give theirs.
void drift(stage& s) {
  for (std::size_t i = 3000; i < 3600; ++i) {
    s.hand.put(i, 100 + i % 4 * 300);
    static_cast<void>(s.cache->get(key_of(i)));
  }
}

// Stores are refused; what is erased makes room, also for other sizes: pages of which most is erased change hands.
void use_one_that_refuses(stage& s) {
  s.hand.may_be_refused = true;
  s.hand.put_range(3100, 3110, 400);
  s.hand.put_range(0, 20, 400);
  for (std::size_t i = 0; i < 1500; ++i) {
    if (i % 16 != 0 && s.cache->contains(key_of(i))) s.hand.erase(i);
  }
  for (std::size_t i = 3200; i < 3300; ++i) s.hand.put(i, 100 + i % 4 * 300);
  for (std::size_t i = 3300; i < 3320; ++i) s.hand.put(i, 3000);
  s.hand.put(3400, 40'000);
}

void erase_some(stage& s) {
  for (std::size_t i = 0; i < 40; ++i) s.hand.erase(i);
}

void clear_all(stage& s) { s.hand.clear(); }

void compare_and_set(stage& s) {
  for (std::size_t i = 0; i < 30; ++i) s.hand.cas(i, 100 + i * 10);
}

void count_up(stage& s) {
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 10; ++i) s.hand.increment(i);
  }
  for (std::size_t i = 100; i < 110; ++i) s.hand.increment(i);
}

void append_more(stage& s) {
  for (std::size_t i = 10; i < 30; ++i) s.hand.append(i, 150);
  for (std::size_t i = 10; i < 20; ++i) s.hand.append(i, 3000);
}

// The first touch of an item makes one that has room for an expiry, the second changes that.
void touch_some(stage& s) {
  for (std::size_t i = 0; i < 20; ++i) s.hand.touch(i);
  for (std::size_t i = 0; i < 20; ++i) s.hand.touch(i);
}

void reserve_and_commit(stage& s) {
  for (std::size_t i = 100; i < 115; ++i) s.hand.reserve_and_commit(i, 700, 700);
  for (std::size_t i = 0; i < 15; ++i) s.hand.reserve_and_commit(i, 5000, 100 + i * 300);
  for (std::size_t i = 120; i < 125; ++i) s.hand.reserve(i, 900);
  s.hand.put_range(130, 135, 300);
  s.hand.release();
}

void replace_what_is_held(stage& s) {
  hold_all(s);
  s.hand.put_range(0, pinned / 2, 200);
  for (std::size_t i = pinned / 2; i < pinned; ++i) s.hand.erase(i);
  support::require(s.hand.held_are_unchanged(), "what is held is unchanged");
  s.hand.release();
  s.hand.put_range(100, 120, 200);
}

// Threads that end with pinned cells in their limbo, and with a handle of theirs still out.
void end_threads(stage& s) {
  hold_all(s);
  std::jthread([&] { s.hand.put_range(0, 12, 200); }).join();
  larder::read_handle moved_out;
  std::jthread([&] { moved_out = s.cache->get(key_of(50)); }).join();
  moved_out.release();
  std::jthread([&] { s.hand.put_range(100, 105, 200); }).join();
}

void detach(stage& s) {
  s.hand.put_range(0, 12, 200);
  s.cache.reset();
}

void use_a_little(stage& s) { s.hand.put_range(100, 110, 200); }

void sweep(stage& s) { s.cache->sweep(); }

void reap(stage& s) { s.cache->reap(); }

// Keys of which a notice needs several records. The journal knows nothing of them.
void put_long_keys(stage& s) {
  for (std::size_t i = 1; i < 10; ++i) {
    const std::string key = std::string(i * 100, 'k') + std::to_string(i);
    support::require(ok(s.cache->put(key, "value")), "a long key is stored");
  }
}

void invalidate(stage& s) {
  larder::keyspace space = s.cache->keyspace(support::private_copy::keyspace);
  for (int i = 0; i < 3; ++i) {
    support::require(ok(space.put("key", "value")), "an item of a keyspace is stored");
    space.invalidate();
  }
}

void subscribe(stage& s) {
  for (std::size_t i = 100; i < 103; ++i) {
    larder::subscription feed = s.cache->subscribe();
    s.hand.put(i, 200);
    support::require(feed.next().has_value(), "a subscriber is told");
  }
}

// Comes to every stripe where somebody may have died.
void meet_the_dead(stage& s) {
  s.hand.put_range(0, kept, 200);
  s.hand.put_range(100, 200, 200);
}

// One that opens the cache after a death, and recovers whoever died; it may die while it does.
script opening_after(std::string_view name, act prepare, corpse dead) {
  return {.name = name, .prepare = prepare, .perform = use_a_little, .from_start = true, .before = {dead}};
}

// One that was attached all the time, and meets a lock of the dead.
script meeting(std::string_view name, corpse dead) {
  return {.name = name, .prepare = store_kept, .perform = meet_the_dead, .before = {dead}};
}

// One that finds no slot free but the dead one's, and so takes it over with all that it names.
script in_the_place_of(std::string_view name, act prepare, corpse dead) {
  script made = opening_after(name, prepare, dead);
  made.max_threads = 2;
  return made;
}

script in_a_full_cache(script made) {
  made.capacity = tight;
  made.evicts = true;
  return made;
}

script in_a_cache_that_refuses(script made) {
  made.capacity = tight;
  made.refuses = true;
  return made;
}

std::vector<script> all_scripts() {
  using enum kill_point;
  return {
      {"put new", store_kept, put_new},
      {"overwrite, same size", store_kept, overwrite_in_place},
      {"overwrite, other size", store_kept, overwrite_with_other_sizes},
      {"put large", store_kept_runs, put_runs},
      {"put over pages", store_kept_runs, put_over_pages},
      in_a_full_cache({"put, evicting", fill_with_small_items, put_into_full}),
      in_a_full_cache({"put large, evicting", fill_with_runs, put_runs_into_full}),
      in_a_full_cache({"put over pages, evicting", fill_and_use, put_over_pages_into_full}),
      {"table growth", store_kept, grow},
      in_a_full_cache({"page moves", fill_and_use, drift}),
      in_a_full_cache({"page moves among runs", fill_with_runs, drift_among_runs}),
      in_a_cache_that_refuses({"puts that are refused, and erases", fill_until_refused, use_one_that_refuses}),
      {"erase", store_kept, erase_some},
      {"clear", store_kept, clear_all},
      {"cas", store_kept, compare_and_set},
      {"incr", store_kept_counters, count_up},
      {"append", store_kept_counters, append_more},
      {"touch", store_kept, touch_some},
      {"reserve, commit, abandon", store_kept, reserve_and_commit},
      {"replace and erase what is held", store_kept, replace_what_is_held},
      {"replace what the survivor holds", store_kept_and_hold, overwrite_in_place},
      {"thread exit", store_kept, end_threads},
      {"detach", store_kept, detach},
      {"detach, others hold pins", store_kept_and_hold, detach},
      {.name = "attach", .prepare = store_kept, .perform = use_a_little, .from_start = true},
      {"sweep", store_expired, sweep},
      {"reap orphans", leave_orphans, reap},
      {"put new, others listen", store_kept_and_listen, put_new},
      {"overwrite, others listen", store_kept_and_listen, overwrite_in_place},
      {"erase, others listen", store_kept_and_listen, erase_some},
      {"clear, others listen", store_kept_and_listen, clear_all},
      {"long keys, others listen", store_kept_and_listen, put_long_keys},
      {"invalidate, others listen", store_kept_and_listen, invalidate},
      in_a_full_cache({"put, evicting, others listen", fill_with_small_items_and_listen, put_into_full}),
      {"subscribe", store_kept, subscribe},

      // Whoever finds the dead may die, too.
      opening_after("open after put", store_kept, {"put new", publish_published, 5}),
      opening_after("open after overwrite", store_kept, {"overwrite, same size", replace_published, 20}),
      opening_after("open after erase", store_kept, {"erase", take_out_unpublished, 7}),
      opening_after("open after put large", store_kept_runs, {"put large", run_frame_claimed, 30}),
      opening_after("open after put over pages", store_kept_runs, {"put over pages", page_in_class, 6}),
      opening_after("open after table growth", store_kept, {"table growth", resize_published, 3}),
      in_a_cache_that_refuses(opening_after("open after a page move without loss", fill_until_refused,
                                            {"puts that are refused, and erases", drain_claimed_cell, 3})),
      in_a_full_cache(opening_after("open after page move", fill_and_use, {"page moves", drain_claimed_cell, 3})),
      opening_after("open after pins", store_kept, {"replace and erase what is held", retire_orphaned, 3}),
      opening_after("open after recovery", store_kept, {"open after overwrite", recover_hinted, 1}),
      opening_after("open after overwrite, listening", store_kept_and_listen,
                    {"overwrite, same size", replace_published, 20}),
      opening_after("open after erase, listening", store_kept_and_listen, {"erase", take_out_unpublished, 7}),
      opening_after("open after an announcement", store_kept_and_listen,
                    {"overwrite, others listen", change_marked, 5}),
      opening_after("open after invalidate", store_kept_and_listen, {"invalidate, others listen", invalidated, 2}),
      opening_after("open after subscribe", store_kept, {"subscribe", listen_begun, 2}),
      meeting("meet a death in put", {"put new", publish_published, 5}),
      meeting("meet a death in overwrite", {"overwrite, same size", replace_published, 20}),
      meeting("meet a death in erase", {"erase", take_out_unpublished, 7}),
      meeting("meet a death in table growth", {"table growth", resize_retiring, 1}),
      in_the_place_of("in the place of a dead reader", store_kept,
                      {"replace and erase what is held", replace_published, 12}),
      in_the_place_of("in the place of a dead eraser", store_kept, {"erase", lock_taken, 7}),
      in_the_place_of("in the place of a dead subscriber", store_kept, {"subscribe", listen_begun, 2}),
      in_the_place_of("in the place of one who died while it invalidated", store_kept_and_listen,
                      {"invalidate, others listen", invalidated, 2}),
      in_the_place_of("in the place of a dead allocator", store_kept_runs, {"put over pages", run_frame_claimed, 400}),
      in_a_full_cache(
          in_the_place_of("in the place of a dead mover", fill_and_use, {"page moves", drain_claimed_cell, 3})),
  };
}

}  // namespace

const std::vector<script>& scripts() {
  static const std::vector<script> all = all_scripts();
  return all;
}

const script& script_called(std::string_view name) {
  const auto found = std::ranges::find(scripts(), name, &script::name);
  support::require(found != scripts().end(), "a script of this name exists");
  return *found;
}

}  // namespace crash
