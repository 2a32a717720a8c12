// Threads register themselves on first use and may end at any time, by the thousand.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/test.hpp"

using larder::status;

namespace {

// `waves` times sixteen threads that each use the cache and end. Returns how many of them were refused.
int come_and_go(larder::cache& cache, int waves) {
  std::atomic<int> refused{0};
  for (int wave = 0; wave < waves; ++wave) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&cache, &refused, wave, t] {
        const std::string key = std::to_string(wave) + "-" + std::to_string(t);
        if (!ok(cache.put(key, key)) || cache.get(key).view() != key) ++refused;
        if (!cache.incr("threads")) ++refused;
      });
    }
  }
  return refused;
}

LARDER_CHILD_ROLE(uses_many_threads) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  support::require(come_and_go(cache, static_cast<int>(arguments.number(1))) == 0, "every thread was served");
  return 0;
}

// Counts once more when it is destroyed.
struct last_words {
  larder::cache* cache;
  ~last_words() { support::require(cache->incr("last words").has_value(), "a destructor that runs late is served"); }
};

// Arguments: segment. Ends by itself, with everything destroyed that is destroyed then.
LARDER_CHILD_ROLE(has_a_static_cache) {
  static larder::cache cache = larder::cache::open(arguments.text(0));
  static const last_words speaker{&cache};
  support::require(ok(cache.put("key", "value")) && cache.get("key"), "it is served");
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(threads_come_and_go_by_the_thousand) {
  support::temp_cache sut;
  BOOST_TEST(come_and_go(*sut, 150) == 0);
  BOOST_TEST(sut->incr("threads", 0).value() == 150 * 16);
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(threads_of_several_processes_come_and_go_at_once) {
  larder::create_options options = support::small(32 * support::mebibyte);
  options.max_threads = 128;
  support::temp_cache sut(options);
  support::child first("uses_many_threads", {sut.name(), "50"}), second("uses_many_threads", {sut.name(), "50"});
  BOOST_TEST(first.wait() == 0);
  BOOST_TEST(second.wait() == 0);
  BOOST_TEST(sut->incr("threads", 0).value() == 2 * 50 * 16);
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_static_cache_is_left_cleanly_and_serves_destructors_until_its_own) {
  support::temp_cache sut;
  sut->put("key", "value");
  support::child child("has_a_static_cache", {sut.name()});
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(sut->incr("last words", 0).value() == 1);
  BOOST_TEST(sut->stats().attached_threads == 1u);
}

BOOST_AUTO_TEST_CASE(what_ends_with_a_thread_may_use_a_cache_after_the_thread_itself_has_left_it) {
  support::temp_cache sut;
  std::jthread([&] {
    thread_local const last_words speaker{&*sut};
    sut->put("key", "value");
  }).join();
  BOOST_TEST(sut->incr("last words", 0).value() == 1);
  BOOST_TEST(sut->stats().attached_threads == 1u);
}

BOOST_AUTO_TEST_CASE(one_thread_may_use_many_caches) {
  std::vector<support::temp_cache> caches(20);
  for (std::size_t i = 0; i < caches.size(); ++i) caches[i]->put("key", std::to_string(i));
  for (std::size_t i = 0; i < caches.size(); ++i) BOOST_TEST(support::copy_of(*caches[i], "key") == std::to_string(i));
  std::jthread([&] {
    for (support::temp_cache& cache : caches) cache->put("key", "thread");
  }).join();
  for (support::temp_cache& cache : caches) BOOST_TEST(support::copy_of(*cache, "key") == "thread");
}

BOOST_AUTO_TEST_CASE(a_cache_destroyed_while_its_threads_live_on_is_left_cleanly) {
  support::temp_cache sut;
  std::atomic<int> phase{0};
  auto second = std::make_unique<larder::cache>(larder::cache::open(sut.name()));
  std::jthread thread([&] {
    second->put("key", "value");
    phase = 1;
    phase.notify_all();
    phase.wait(1);
  });
  phase.wait(0);
  second.reset();
  phase = 2;
  phase.notify_all();
  thread.join();
  sut->reap();
  BOOST_TEST(sut->contains("key"));
  BOOST_TEST(sut->stats().attached_threads <= 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
