// Daemons that are killed at random, one after the other, while processes that are killed at random use the segment.
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/daemon_process.hpp"
#include "support/random.hpp"
#include "support/sealed_value.hpp"
#include "support/test.hpp"

using daemon_tests::daemon_process;
using larder::milliseconds;
using support::child;

namespace {

// Arguments: name. Stores, reads, holds and touches until it is killed; ends by itself only if a value is torn.
LARDER_CHILD_ROLE(uses_a_cache_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0), {.lock_timeout = support::generous});
  support::random_source random(static_cast<std::uint64_t>(::getpid()));
  std::vector<larder::read_handle> held(20);
  for (std::uint64_t i = 1;; ++i) {
    const std::string key = "key" + std::to_string(random.number(5000));
    const milliseconds ttl = random.one_in(2) ? larder::forever : milliseconds(1 + random.number(300));
    const std::size_t size = 16 + random.number(random.one_in(20) ? 20'000 : 600);
    cache.put(key, support::sealed_value(key, i, size), {.ttl = ttl});
    const std::string other = "key" + std::to_string(random.number(5000));
    larder::read_handle& handle = held[random.number(held.size())];
    handle = cache.get(other);
    support::require(!handle || support::unsealed(other, handle.view()).has_value(), "a value is whole");
    if (random.one_in(10)) cache.touch(key, milliseconds(random.number(100)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(soak)

BOOST_AUTO_TEST_CASE(killed_daemons_and_killed_users_leave_a_sound_segment) {
  support::temp_cache cache(8 * support::mebibyte);
  support::random_source random(11);
  std::vector<std::unique_ptr<child>> users(2);
  const auto end = std::chrono::steady_clock::now() + support::stress_time();
  int daemons = 0;
  while (std::chrono::steady_clock::now() < end || daemons < 5) {
    for (auto& user : users) {
      BOOST_REQUIRE(!user || user->running());
      if (!user || random.one_in(3)) user = std::make_unique<child>("uses_a_cache_for_ever", std::vector{cache.name()});
    }
    daemon_process sut({cache.name(), "--sweep-interval", "10ms", "--reap-interval", "5ms", "--check-period", "300ms",
                        "--reserve", "10%"});
    sut.await_ready();
    ++daemons;
    std::this_thread::sleep_for(milliseconds(random.number(200)));
    BOOST_TEST(sut.metric("larderd_violations_total", cache.name()) == 0, sut.log());
    sut.process().kill();
  }
  users.clear();
  daemon_process last({cache.name()});
  last.await_ready();
  BOOST_TEST(support::eventually(support::generous, [&] { return cache->stats().attached_threads <= 1u; }));
  BOOST_TEST(last.end() == 0);
  cache->reap();
  BOOST_TEST(support::violations(*cache) == "");
  BOOST_TEST(cache->check().cells_owned == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
