// What the daemon does to segments, while real processes use them: sweeping, reaping, evicting ahead, pages, naming.
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/daemon_process.hpp"
#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using daemon_tests::daemon_process;
using larder::milliseconds;
using larder::status;
using support::child;
using support::eventually;
using support::generous;

namespace {

// Arguments: name, gate, number of keys. Holds handles of all of them, and a reservation, until it is killed.
LARDER_CHILD_ROLE(holds_until_it_is_killed) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  std::vector<larder::read_handle> held;
  for (long long i = 0; i < arguments.number(2); ++i) {
    held.push_back(cache.get("key" + std::to_string(i)));
    support::require(static_cast<bool>(held.back()), "the key is there");
  }
  auto room = cache.reserve("reserved", 1000);
  support::require(room.has_value(), "there is room for a reservation");
  gate->arrive();
  for (;;) ::pause();
}

std::unique_ptr<child> start_holder(const std::string& name, int keys) {
  const support::shared_object<support::start_gate> gate;
  auto started = std::make_unique<child>("holds_until_it_is_killed",
                                         std::vector<std::string>{name, gate.argument(), std::to_string(keys)});
  BOOST_REQUIRE(eventually(generous, [&] { return gate->arrived == 1; }));
  return started;
}

void store(larder::cache& cache, int first, int last, std::size_t size, milliseconds ttl = larder::forever) {
  const std::string value(size, 'v');
  for (int i = first; i < last; ++i)
    BOOST_REQUIRE(cache.put("key" + std::to_string(i), value, {.ttl = ttl}) == status::ok);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(chores)

BOOST_AUTO_TEST_CASE(expired_items_leave_without_anybody_asking) {
  support::temp_cache cache;
  daemon_process sut({cache.name()});
  sut.await_ready();
  store(*cache, 0, 1000, 100);
  store(*cache, 1000, 5000, 100, milliseconds(100));
  BOOST_TEST(eventually(generous, [&] { return cache->stats().items == 1000u; }));
  BOOST_TEST(cache->stats().expirations == 4000u);
  BOOST_TEST(eventually(generous, [&] { return sut.metric("larderd_swept_items_total", cache.name()) == 4000; }));
  BOOST_TEST(sut.end() == 0);
  cache->reap();  // and gives back what this thread has retired: a stripe's old buckets, if one grew twice
  BOOST_TEST(cache->check().cells_owned == 0u);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(items_of_every_size_and_with_a_changed_life_are_swept) {
  support::temp_cache cache;
  daemon_process sut({cache.name()});
  sut.await_ready();
  for (int i = 0; i < 40; ++i) store(*cache, i, i + 1, static_cast<std::size_t>(i) * 10'000, milliseconds(50));
  store(*cache, 100, 200, 100, std::chrono::hours(1));
  store(*cache, 200, 300, 100);
  for (int i = 100; i < 300; ++i) cache->touch("key" + std::to_string(i), milliseconds(50));
  store(*cache, 300, 400, 100, milliseconds(100));
  for (int i = 300; i < 400; ++i) cache->touch("key" + std::to_string(i), std::chrono::hours(1));
  BOOST_TEST(eventually(generous, [&] { return cache->stats().items == 100u; }));
  for (int i = 300; i < 400; ++i) BOOST_TEST(cache->contains("key" + std::to_string(i)));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(what_does_not_expire_is_not_looked_at) {
  support::temp_cache cache;
  store(*cache, 0, 10'000, 100);
  store(*cache, 10'000, 20'000, 100, std::chrono::hours(1));
  daemon_process sut({cache.name(), "--sweep-interval", "10ms"});
  sut.await_ready();
  std::this_thread::sleep_for(milliseconds(500));
  BOOST_TEST(sut.metric("larderd_swept_pages_total", cache.name()) == 0);
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(no_item_is_forgotten_however_many_are_stored_while_others_are_swept) {
  support::temp_cache cache(64 * support::mebibyte);
  daemon_process sut({cache.name(), "--sweep-interval", "10ms"});
  sut.await_ready();
  const auto end = std::chrono::steady_clock::now() + support::stress_time();
  std::vector<std::jthread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] {
      support::random_source random(static_cast<std::uint64_t>(w));
      while (std::chrono::steady_clock::now() < end) {
        const std::string key = "key" + std::to_string(random.number(20'000));
        cache->put(key, std::string(random.number(random.one_in(50) ? 20'000 : 300), 'v'),
                   {.ttl = milliseconds(random.number(500))});
        if (random.one_in(5)) cache->touch(key, milliseconds(random.number(500)));
        if (random.one_in(50)) std::this_thread::sleep_for(milliseconds(1));
      }
    });
  }
  writers.clear();
  BOOST_TEST(eventually(generous, [&] { return cache->stats().items == 0u; }));
  BOOST_TEST(cache->stats().evictions == 0u, "else it would not tell much");
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_held_is_taken_back) {
  support::temp_cache cache;
  store(*cache, 0, 50, 100);
  daemon_process sut({cache.name()});
  sut.await_ready();
  for (int round = 0; round < 5; ++round) {
    const auto holder = start_holder(cache.name(), 50);
    BOOST_TEST(cache->stats().pins >= 50u);
    holder->kill();
    BOOST_TEST(eventually(generous, [&] { return cache->stats().pins == 0 && cache->stats().attached_threads == 2; }));
    BOOST_TEST(sut.says("process " + std::to_string(holder->pid()) + " has died; taken back: 50 handles"));
  }
  BOOST_TEST(sut.metric("larderd_reclaimed_pins_total", cache.name()) == 250);
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(cache->check().cells_owned == 0u);
}

BOOST_AUTO_TEST_CASE(a_stopped_process_keeps_what_it_holds_and_is_named) {
  support::temp_cache cache;
  store(*cache, 0, 10, 100);
  daemon_process sut({cache.name(), "--hold-warning", "500ms"});
  sut.await_ready();
  const auto holder = start_holder(cache.name(), 10);
  holder->stop();
  BOOST_TEST(sut.says("process " + std::to_string(holder->pid()) + " (exe, stopped)"));
  BOOST_TEST(sut.log().find("holds 10 handles, one for at least ") != std::string::npos);
  BOOST_TEST(sut.log().find("1 reservations, one for at least ") != std::string::npos);
  BOOST_TEST(sut.metric("larderd_long_holders", cache.name()) == 1);
  BOOST_TEST(cache->stats().pins >= 10u);
  BOOST_TEST(sut.log().find("has died") == std::string::npos);
  store(*cache, 0, 10, 100);  // replaced under its hands: the old values stay until it is gone
  holder->kill();
  BOOST_TEST(sut.says("process " + std::to_string(holder->pid()) + " has died; taken back: 10 handles"));
  BOOST_TEST(eventually(generous, [&] { return sut.metric("larderd_long_holders", cache.name()) == 0; }));
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(writers_of_a_full_cache_find_free_cells) {
  support::temp_cache cache(32 * support::mebibyte);
  daemon_process sut({cache.name(), "--reserve", "2%"});
  sut.await_ready();
  int key = 0;
  while (cache->stats().free_pages > 0) store(*cache, key, key + 1000, 100), key += 1000;
  const std::uint64_t before = cache->stats().evictions;
  for (int round = 0; round < 100; ++round) {
    store(*cache, key, key + 500, 100);
    key += 500;
    std::this_thread::sleep_for(milliseconds(5));
  }
  const auto all = static_cast<double>(cache->stats().evictions - before);
  const double ahead = sut.metric("larderd_evicted_ahead_total", cache.name());
  BOOST_TEST(ahead > 0.5 * all, ahead << " of " << all << " were evicted ahead");
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(writers_who_come_in_bursts_find_free_cells_each_time) {
  support::temp_cache cache(32 * support::mebibyte);
  daemon_process sut({cache.name(), "--reserve", "1%"});
  sut.await_ready();
  int key = 0;
  while (cache->stats().free_pages > 0) store(*cache, key, key + 1000, 100), key += 1000;
  const std::uint64_t before = cache->stats().evictions;
  for (int round = 0; round < 50; ++round) {
    store(*cache, key, key + 1500, 100);  // of about 2,500 that are in reserve
    key += 1500;
    std::this_thread::sleep_for(milliseconds(20));
  }
  const auto all = static_cast<double>(cache->stats().evictions - before);
  const double ahead = sut.metric("larderd_evicted_ahead_total", cache.name());
  BOOST_TEST(ahead > 0.5 * all, ahead << " of " << all << " were evicted ahead");
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_evicted_from_a_segment_that_refuses_and_what_expires_makes_room) {
  const support::temp_name name;
  const daemon_tests::temp_directory directory;
  daemon_tests::write_file(directory.file("conf"),
                           "[segment " + name.str() + "]\ncreate = yes\ncapacity = 4MiB\nwhen-full = refuse\n");
  daemon_process sut({"--config", directory.file("conf"), "--reserve", "20%"});
  sut.await_ready();
  larder::cache cache = larder::cache::open(name.str());
  store(cache, 0, 1000, 100, std::chrono::seconds(1));
  int key = 1000;
  while (ok(cache.put("key" + std::to_string(key), std::string(100, 'v')))) ++key;
  for (int i = 0; i < 3000; ++i) {
    cache.put("other" + std::to_string(i), std::string(static_cast<std::size_t>(i) * 10, 'o'));
    if (i % 10 == 0) std::this_thread::sleep_for(milliseconds(1));
  }
  BOOST_TEST(eventually(generous, [&] { return sut.metric("larderd_swept_items_total", name.str()) > 0; }));
  for (int i = 1000; i < key; ++i) BOOST_REQUIRE(cache.contains("key" + std::to_string(i)));
  BOOST_TEST(eventually(generous, [&] { return ok(cache.put("after", std::string(100, 'v'))); }));
  BOOST_TEST(cache.stats().evictions == 0u);
  BOOST_TEST(sut.metric("larderd_evicted_ahead_total", name.str()) == 0);
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(cache) == "");
}

BOOST_AUTO_TEST_CASE(writers_of_large_items_find_free_frames) {
  support::temp_cache cache(32 * support::mebibyte);
  daemon_process sut({cache.name(), "--reserve", "10%"});
  sut.await_ready();
  support::random_source random(5);
  const auto store_some = [&](int first, int last) {
    for (int key = first; key < last; ++key) store(*cache, key, key + 1, 20'000 + random.number(40'000));
  };
  int key = 0;
  for (; cache->stats().free_pages > 0; key += 10) store_some(key, key + 10);
  const std::uint64_t before = cache->stats().evictions;
  for (int round = 0; round < 200; ++round, key += 2) {
    store_some(key, key + 2);
    std::this_thread::sleep_for(milliseconds(10));
  }
  const auto all = static_cast<double>(cache->stats().evictions - before);
  const double ahead = sut.metric("larderd_evicted_ahead_total", cache.name());
  BOOST_TEST(ahead > 0.5 * all, ahead << " of " << all << " were evicted ahead");
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(pages_follow_the_sizes_and_the_log_says_why) {
  support::temp_cache cache(16 * support::mebibyte);
  daemon_process sut({cache.name(), "--reserve", "5%"});
  sut.await_ready();
  for (int key = 0; cache->stats().free_pages > 0; key += 100) store(*cache, key, key + 100, 100);
  // Other sizes, and they are used.
  for (int round = 0; sut.metric("larderd_pages_moved_total", cache.name()) == 0 && round < 2000; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string key = "other" + std::to_string(round % 20 * 100 + i);
      cache->put(key, std::string(700, 'v'));
      static_cast<void>(cache->get(key));
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  BOOST_TEST(sut.says("a page went from items of up to "));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(pages_whose_items_have_expired_are_free_for_all_sizes) {
  support::temp_cache cache;
  daemon_process sut({cache.name()});
  sut.await_ready();
  const std::uint64_t before = cache->stats().free_pages;
  store(*cache, 0, 20'000, 200, milliseconds(200));
  BOOST_TEST(cache->stats().free_pages < before / 2 + before / 4);
  BOOST_TEST(eventually(generous, [&] { return cache->stats().free_pages + before / 10 >= before; }));
  BOOST_TEST(sut.metric("larderd_pages_freed_total", cache.name()) > 0);
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(the_check_goes_round_and_finds_nothing_while_others_write) {
  support::temp_cache cache;
  daemon_process sut({cache.name(), "--check-period", "200ms"});
  sut.await_ready();
  for (int round = 0; sut.metric("larderd_check_rounds_total", cache.name()) < 5; ++round)
    store(*cache, round % 7 * 100, round % 7 * 100 + 500, static_cast<std::size_t>(round) % 11 * 300,
          milliseconds(20 + round % 50));
  BOOST_TEST(sut.metric("larderd_violations_total", cache.name()) == 0);
  BOOST_TEST(sut.metric("larderd_checked_cells_total", cache.name()) > 1000);
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
