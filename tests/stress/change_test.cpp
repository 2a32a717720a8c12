// Subscribers beside writers, in a cache that evicts and expires: each keeps a private copy by what it is told, and when
// all is quiet it has what the cache has.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/private_copy.hpp"
#include "support/random.hpp"
#include "support/test.hpp"

namespace {

constexpr int writers = 3;
constexpr int subscribers = 2;

void change_something(larder::cache& cache, larder::keyspace& space, support::random_source& random) {
  const std::uint64_t number = random.number(1500);
  const std::string key = "key" + std::to_string(number) + std::string(number % 7 == 0 ? 100 : 0, '-');
  switch (random.number(10)) {
    case 0:
      cache.erase(key);
      break;
    case 1:
      cache.put(key, random.bytes(500), {.ttl = std::chrono::milliseconds(random.number(50))});
      break;
    case 2:
      static_cast<void>(cache.append(key, "more"));
      break;
    case 3:
      cache.incr("counter" + std::to_string(number % 10));
      break;
    case 4:
      space.put(key, "value");
      if (random.one_in(20)) space.invalidate();
      break;
    default:
      cache.put(key, random.bytes(random.number(3000)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stress)
BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(private_copies_are_right_when_all_is_quiet_guarantee_F) {
  support::temp_cache sut(support::mebibyte);
  const auto end = std::chrono::steady_clock::now() + support::stress_time();
  for (std::uint64_t round = 0; std::chrono::steady_clock::now() < end; ++round) {
    std::vector<support::private_copy> copies;
    for (int s = 0; s < subscribers; ++s) copies.emplace_back(*sut);
    std::atomic<bool> quiet{false};
    {
      std::vector<std::jthread> listening;
      for (support::private_copy& copy : copies)
        listening.emplace_back([&] {
          while (!quiet) copy.refresh();
        });
      std::vector<std::jthread> writing;
      for (std::uint64_t w = 0; w < writers; ++w)
        writing.emplace_back([&, w] {
          support::random_source random(round * writers + w);
          larder::keyspace space = sut->keyspace(support::private_copy::keyspace);
          for (int i = 0; i < 3000; ++i) change_something(*sut, space, random);
        });
      writing.clear();
      quiet = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60));  // what was stored with a time to live has expired
    sut->sweep();
    for (support::private_copy& copy : copies) BOOST_REQUIRE(copy.catch_up() == "");
  }
  BOOST_TEST(sut->stats().evictions > 0u);
  BOOST_TEST(sut->stats().expirations > 0u);
  BOOST_TEST(sut->stats().subscriptions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
