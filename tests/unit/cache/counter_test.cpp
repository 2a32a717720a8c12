// incr and decr.
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include "support/test.hpp"

using larder::status;

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(counters)

BOOST_AUTO_TEST_CASE(an_absent_counter_starts_at_its_initial_value) {
  support::temp_cache sut;
  BOOST_TEST(sut->incr("a").value() == 1);
  BOOST_TEST(sut->incr("b", 5, {.initial = 100}).value() == 105);
  BOOST_TEST(sut->decr("c", 3).value() == -3);
  BOOST_TEST(sut->incr("a", 0).value() == 1);
}

BOOST_AUTO_TEST_CASE(the_initial_value_counts_only_once) {
  support::temp_cache sut;
  BOOST_TEST(sut->incr("key", 1, {.initial = 10}).value() == 11);
  BOOST_TEST(sut->incr("key", 1, {.initial = 10}).value() == 12);
  BOOST_TEST(sut->decr("key", 20, {.initial = 10}).value() == -8);
}

BOOST_AUTO_TEST_CASE(a_counter_is_an_int64_in_host_order) {
  support::temp_cache sut;
  sut->put("key", larder::object_bytes(std::int64_t{41}));
  BOOST_TEST(sut->incr("key").value() == 42);
  const larder::read_handle stored = sut->get("key");
  BOOST_REQUIRE(stored.as<std::int64_t>() != nullptr);
  BOOST_TEST(*stored.as<std::int64_t>() == 42);
}

BOOST_AUTO_TEST_CASE(counters_wrap_around) {
  support::temp_cache sut;
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  BOOST_TEST(sut->incr("up", 1, {.initial = greatest}).value() == least);
  BOOST_TEST(sut->decr("down", 1, {.initial = least}).value() == greatest);
  BOOST_TEST(sut->decr("all", least, {.initial = -1}).value() == greatest);
}

BOOST_AUTO_TEST_CASE(what_is_no_counter_is_refused_and_stays) {
  support::temp_cache sut;
  sut->put("key", "1234567");
  BOOST_TEST(sut->incr("key").error() == status::not_numeric);
  BOOST_TEST(sut->decr("key").error() == status::not_numeric);
  BOOST_TEST(support::copy_of(*sut, "key") == "1234567");
}

BOOST_AUTO_TEST_CASE(a_handle_keeps_the_value_it_was_given_while_the_counter_runs_on) {
  support::temp_cache sut;
  BOOST_TEST(sut->incr("key").has_value());
  const larder::read_handle held = sut->get("key");
  for (int i = 0; i < 100; ++i) BOOST_REQUIRE(sut->incr("key").has_value());
  BOOST_TEST(*held.as<std::int64_t>() == 1);
  BOOST_TEST(*sut->get("key").as<std::int64_t>() == 101);
}

BOOST_AUTO_TEST_CASE(no_increment_of_many_threads_is_lost) {
  support::temp_cache sut;
  constexpr int threads = 4, each = 5000;
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&] {
      for (int i = 0; i < each; ++i) static_cast<void>(sut->incr("key"));
    });
  }
  workers.clear();
  BOOST_TEST(sut->incr("key", 0).value() == threads * each);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
