// The whole cache with hashes of 4 bits: only 16 different ones, so that keys collide all the time. Two buckets hold what
// has one hash, so most items are evicted early; what is there must be right.
#include <cstdint>
#include <string>
#include <unordered_map>

#include "larder/larder.hpp"
#include "support/random.hpp"
#include "support/temp_cache.hpp"
#include "support/test.hpp"

BOOST_AUTO_TEST_SUITE(degenerate)

BOOST_AUTO_TEST_CASE(what_is_stored_last_is_there_and_what_is_there_is_right) {
  support::temp_cache sut(4 * support::mebibyte);
  support::random_source random(41);
  std::unordered_map<std::string, std::string> expected;
  std::uint64_t hits = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string key = "key" + std::to_string(random.number(2000));
    if (random.one_in(8)) {
      static_cast<void>(sut->erase(key));
      expected.erase(key);
      BOOST_REQUIRE(!sut->contains(key));
    } else if (random.one_in(2)) {
      const std::string value = key + "=" + std::to_string(i) + std::string(random.number(300), 'v');
      BOOST_REQUIRE(sut->put(key, value) == larder::status::ok);
      expected[key] = value;
      BOOST_REQUIRE(sut->get(key).view() == value);
    } else if (const larder::read_handle found = sut->get(key)) {
      ++hits;
      BOOST_REQUIRE(expected.contains(key));
      BOOST_REQUIRE(found.view() == expected[key]);
    }
    if (i % 10'000 == 0) BOOST_REQUIRE(support::violations(*sut) == "");
  }
  BOOST_TEST(hits > 0u);
  BOOST_TEST(sut->stats().evictions > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(counters_and_versions_work_among_collisions) {
  support::temp_cache sut(2 * support::mebibyte);
  for (int i = 1; i <= 1000; ++i) {
    for (int counter = 0; counter < 8; ++counter) {
      const auto now = sut->incr("counter" + std::to_string(counter));
      BOOST_REQUIRE(now.has_value());
      BOOST_REQUIRE((*now >= 1 && *now <= i));
    }
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
