// Time to live: never gone early, gone at most 10 ms late, at millisecond resolution.
#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "support/eventually.hpp"
#include "support/test.hpp"

using larder::milliseconds;
using larder::status;
using std::chrono::hours;
using steady = std::chrono::steady_clock;

namespace {

constexpr milliseconds lateness{10};

// Follows a key that was stored between `before` and `after` until it is gone.
void check_lifetime(larder::cache& cache, std::string_view key, milliseconds ttl, steady::time_point before,
                    steady::time_point after) {
  for (bool by_get = false;; by_get = !by_get) {
    const auto asked = steady::now();
    const bool there = by_get ? static_cast<bool>(cache.get(key)) : cache.contains(key);
    const auto answered = steady::now();
    if (!there) {
      BOOST_TEST((answered - before).count() >= std::chrono::nanoseconds(ttl).count(), "not gone early");
      return;
    }
    BOOST_REQUIRE_MESSAGE(asked < after + ttl + lateness, "gone at most 10 ms late");
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(expiry)

BOOST_DATA_TEST_CASE(an_item_lives_as_long_as_it_was_told, boost::unit_test::data::make({1, 2, 5, 17, 50, 120}), ttl) {
  support::temp_cache sut;
  for (int round = 0; round < 5; ++round) {
    const auto before = steady::now();
    sut->put("key", "value", {.ttl = milliseconds(ttl)});
    check_lifetime(*sut, "key", milliseconds(ttl), before, steady::now());
  }
}

BOOST_AUTO_TEST_CASE(a_time_to_live_of_zero_or_less_has_expired_already) {
  support::temp_cache sut;
  sut->put("key", "old");
  BOOST_TEST(sut->put("key", "new", {.ttl = milliseconds(0)}) == status::ok);
  BOOST_TEST(!sut->contains("key"));
  BOOST_TEST(sut->put("key", "new", {.ttl = milliseconds(-5)}) == status::ok);
  BOOST_TEST(!sut->contains("key"));
  BOOST_TEST(sut->put("key", "new", {.ttl = milliseconds::min()}) == status::ok);
  BOOST_TEST(!sut->contains("key"));
}

BOOST_AUTO_TEST_CASE(very_long_times_do_not_overflow) {
  support::temp_cache sut;
  for (const milliseconds ttl :
       {larder::forever, larder::forever - milliseconds(1), milliseconds(hours(24 * 365 * 10))}) {
    sut->put("key", "value", {.ttl = ttl});
    BOOST_TEST(sut->contains("key"));
  }
}

BOOST_AUTO_TEST_CASE(touch_gives_a_new_time_from_now) {
  support::temp_cache sut;
  BOOST_TEST(sut->touch("key", hours(1)) == status::not_found);
  sut->put("key", "value", {.ttl = hours(1)});
  const auto before = steady::now();
  BOOST_TEST(sut->touch("key", milliseconds(30)) == status::ok);
  check_lifetime(*sut, "key", milliseconds(30), before, steady::now());
  BOOST_TEST(sut->touch("key", hours(1)) == status::not_found);
}

BOOST_AUTO_TEST_CASE(touch_prolongs_and_can_take_the_end_away) {
  support::temp_cache sut;
  sut->put("key", "value", {.ttl = milliseconds(500)});
  BOOST_REQUIRE(sut->touch("key", larder::forever) == status::ok);
  std::this_thread::sleep_for(milliseconds(600));
  BOOST_TEST(sut->contains("key"));
}

BOOST_AUTO_TEST_CASE(get_and_touch_reads_and_prolongs) {
  support::temp_cache sut;
  BOOST_TEST(!sut->get_and_touch("key", hours(1)));
  sut->put("key", "value", {.ttl = hours(1)});
  const auto before = steady::now();
  const larder::read_handle handle = sut->get_and_touch("key", milliseconds(30));
  const auto after = steady::now();
  BOOST_TEST(handle.view() == "value");
  check_lifetime(*sut, "key", milliseconds(30), before, after);
  BOOST_TEST(handle.view() == "value");
}

BOOST_AUTO_TEST_CASE(an_expired_item_is_absent_for_every_call) {
  support::temp_cache sut;
  const auto expired = [&] {
    sut->put("key", larder::object_bytes(std::int64_t{9}), {.ttl = milliseconds(0)});
    return std::string_view("key");
  };
  BOOST_TEST(!sut->get(expired()));
  BOOST_TEST(!sut->get_copy(expired()).has_value());
  BOOST_TEST(!sut->get_and_touch(expired(), hours(1)));
  BOOST_TEST(sut->replace(expired(), "new") == status::not_found);
  BOOST_TEST(sut->append(expired(), "new") == status::not_found);
  BOOST_TEST(sut->cas(expired(), larder::version{1}, "new") == status::not_found);
  BOOST_TEST(sut->touch(expired(), hours(1)) == status::not_found);
  BOOST_TEST(sut->erase(expired()) == status::not_found);
  BOOST_TEST(sut->incr(expired()).value() == 1);
  BOOST_TEST(sut->add(expired(), "new") == status::ok);
  BOOST_TEST(support::copy_of(*sut, "key") == "new");
}

BOOST_AUTO_TEST_CASE(the_writing_calls_set_or_keep_the_expiry_as_they_say) {
  support::temp_cache sut;
  sut->put("appended", "value", {.ttl = milliseconds(300)});
  BOOST_TEST(sut->append("appended", "tail") == status::ok);
  BOOST_TEST(sut->incr("counter", 1, {.ttl = milliseconds(300)}).has_value());
  BOOST_TEST(sut->incr("counter", 1, {.ttl = larder::forever}).has_value());
  sut->put("replaced", "value", {.ttl = milliseconds(300)});
  BOOST_TEST(sut->replace("replaced", "value") == status::ok);
  BOOST_TEST(
      support::eventually(support::generous, [&] { return !sut->contains("appended") && !sut->contains("counter"); }));
  BOOST_TEST(sut->contains("replaced"));
}

BOOST_AUTO_TEST_CASE(items_are_found_whichever_form_was_read_before) {
  support::temp_cache sut(support::small(64 * support::mebibyte));
  larder::keyspace space = sut->keyspace("space");
  const std::string large(100'000, 'l');
  struct form {
    std::string value;
    larder::put_options options;
    bool lives = true;
  };
  const std::array<form, 6> forms = {{{"plain", {}},
                                      {"expiring", {.ttl = hours(1)}},
                                      {"marked", {.flags = 7}},
                                      {"both", {.ttl = hours(1), .flags = 7}},
                                      {large, {.ttl = hours(1)}},
                                      {"expired", {.ttl = milliseconds(0)}, false}}};
  const std::array<std::string, 3> prefixes = {"k", "a key of usual size ", std::string(80, 'k')};
  const auto read = [&](const form& of, const std::string& key) {
    const std::string expected = of.lives ? of.value : "";
    BOOST_REQUIRE(sut->get(key).view() == expected);
    BOOST_REQUIRE(space.get(key).view() == expected);
    BOOST_REQUIRE(sut->get_copy(key).has_value() == of.lives);
  };
  for (const std::string& prefix : prefixes) {
    for (std::size_t i = 0; i < forms.size(); ++i) {
      BOOST_REQUIRE(ok(sut->put(prefix + std::to_string(i), forms[i].value, forms[i].options)));
      BOOST_REQUIRE(ok(space.put(prefix + std::to_string(i), forms[i].value, forms[i].options)));
    }
  }
  for (std::size_t first = 0; first < forms.size(); ++first) {
    for (std::size_t then = 0; then < forms.size(); ++then) {
      for (const std::string& prefix : prefixes) {
        for (int time = 0; time < 40; ++time) read(forms[first], prefix + std::to_string(first));
        read(forms[then], prefix + std::to_string(then));
        BOOST_REQUIRE(!sut->get(prefix + "x"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(sweep_removes_what_has_expired_and_nothing_else) {
  support::temp_cache sut;
  for (int i = 0; i < 300; ++i) sut->put("short" + std::to_string(i), "value", {.ttl = milliseconds(1)});
  for (int i = 0; i < 200; ++i) sut->put("long" + std::to_string(i), "value", {.ttl = hours(1)});
  std::this_thread::sleep_for(milliseconds(1) + 2 * lateness);
  sut->sweep();
  BOOST_TEST(sut->stats().items == 200u);
  BOOST_TEST(sut->stats().expirations == 300u);
  BOOST_TEST(sut->sweep() == 0u);
  BOOST_TEST(sut->contains("long7"));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_pinned_value_survives_its_expiry_and_the_sweep) {
  support::temp_cache sut;
  sut->put("key", "value", {.ttl = milliseconds(40)});
  larder::read_handle held = sut->get("key");
  BOOST_REQUIRE(held);
  BOOST_TEST(support::eventually(support::generous, [&] { return !sut->contains("key"); }));
  sut->sweep();
  BOOST_TEST(held.view() == "value");
  held.release();
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
