// Handles: guarantee B (bytes behind a handle never change), moving, releasing, and running out of pins.
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/sealed_value.hpp"
#include "support/test.hpp"

using larder::read_handle;

namespace {

constexpr std::size_t pins_of_a_thread = 64;

void fill_over(larder::cache& cache, int items) {
  for (int i = 0; i < items; ++i) cache.put("filler" + std::to_string(i), std::string(200, 'f'));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(pins)

BOOST_AUTO_TEST_CASE(guarantee_B_a_pinned_value_survives_erase_overwrite_and_clear) {
  support::temp_cache sut;
  const std::string value = support::sealed_value("key", 1, 500);
  const auto hold = [&] {
    sut->put("key", value);
    return sut->get("key");
  };
  const read_handle overwritten = hold();
  sut->put("key", std::string(500, 'x'));
  const read_handle erased = hold();
  sut->erase("key");
  const read_handle cleared = hold();
  sut->clear();
  fill_over(*sut, 1000);
  for (const read_handle* handle : {&overwritten, &erased, &cleared}) {
    BOOST_TEST((handle->view() == value));
    BOOST_TEST(handle->key() == "key");
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(guarantee_B_pinned_values_survive_eviction) {
  support::temp_cache sut(2 * support::mebibyte);
  std::vector<read_handle> held;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const std::string key = "pinned" + std::to_string(i);
    sut->put(key, support::sealed_value(key, i, 200));
    held.push_back(sut->get(key));
    BOOST_REQUIRE(static_cast<bool>(held.back()));
  }
  fill_over(*sut, 100'000);
  BOOST_TEST(sut->stats().evictions > 0u);
  for (std::uint64_t i = 0; i < 50; ++i)
    BOOST_TEST((support::unsealed("pinned" + std::to_string(i), held[i].view()) == i));
  held.clear();
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

// Holds values for a while beside a writer that overwrites and evicts, and looks at them at the end of the while.
BOOST_AUTO_TEST_CASE(guarantee_B_held_values_do_not_change_while_a_writer_works) {
  support::temp_cache sut(2 * support::mebibyte);
  const auto key_of = [](std::uint64_t i) { return "key" + std::to_string(i % 20'000); };
  std::atomic<bool> done{false};
  std::jthread writer([&] {
    for (std::uint64_t i = 0; !done; ++i)
      sut->put(key_of(i * 7919), support::sealed_value(key_of(i * 7919), i, 64 + i % 900));
  });
  int looked_at = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<read_handle> held;
    std::vector<std::string> copies;
    for (std::uint64_t i = 0; held.size() < 40 && i < 20'000; ++i) {
      read_handle handle = sut->get(key_of(i));
      if (!handle) continue;
      BOOST_REQUIRE(support::unsealed(key_of(i), handle.view()).has_value());
      copies.emplace_back(handle.view());
      held.push_back(std::move(handle));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (std::size_t i = 0; i < held.size(); ++i) BOOST_REQUIRE((held[i].view() == copies[i]));
    looked_at += static_cast<int>(held.size());
  }
  done = true;
  writer.join();
  BOOST_TEST(looked_at > 0);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(an_empty_handle_shows_nothing) {
  support::temp_cache sut;
  const read_handle missed = sut->get("key");
  const read_handle never;
  for (const read_handle* handle : {&missed, &never}) {
    BOOST_TEST(!*handle);
    BOOST_TEST(handle->bytes().empty());
    BOOST_TEST(handle->view() == "");
    BOOST_TEST(handle->as<char>() == nullptr);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_value_is_a_hit) {
  support::temp_cache sut;
  sut->put("key", "");
  const read_handle handle = sut->get("key");
  BOOST_TEST(static_cast<bool>(handle));
  BOOST_TEST(handle.bytes().empty());
}

BOOST_AUTO_TEST_CASE(moving_takes_the_pin_along) {
  support::temp_cache sut;
  sut->put("a", "value a");
  sut->put("b", "value b");
  read_handle first = sut->get("a");
  read_handle second = std::move(first);
  BOOST_TEST(!first);
  BOOST_TEST(second.view() == "value a");
  BOOST_TEST(sut->stats().pins == 1u);
  second = sut->get("b");
  BOOST_TEST(second.view() == "value b");
  BOOST_TEST(sut->stats().pins == 1u);
  read_handle& same = second;
  second = std::move(same);
  BOOST_TEST(second.view() == "value b");
  second.release();
  second.release();
  BOOST_TEST(!second);
  BOOST_TEST(sut->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(a_handle_may_be_read_and_released_by_another_thread) {
  support::temp_cache sut;
  sut->put("key", "value");
  std::jthread([&, handle = sut->get("key")]() mutable {
    BOOST_TEST(handle.view() == "value");
    handle.release();
  }).join();
  BOOST_TEST(sut->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(a_handle_outlives_the_thread_that_got_it) {
  support::temp_cache sut;
  const std::string value = support::sealed_value("key", 3, 300);
  sut->put("key", value);
  read_handle handle;
  std::jthread([&] { handle = sut->get("key"); }).join();
  sut->erase("key");
  sut->reap();
  fill_over(*sut, 100'000);
  BOOST_TEST((handle.view() == value));
  handle.release();
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(past_64_pins_a_get_is_a_miss_until_one_is_released) {
  support::temp_cache sut;
  sut->put("key", "value");
  std::vector<read_handle> held;
  for (std::size_t i = 0; i < pins_of_a_thread; ++i) held.push_back(sut->get("key"));
  BOOST_TEST(static_cast<bool>(held.back()));
  BOOST_TEST(!sut->get("key"));
  BOOST_TEST(sut->stats().pins_exhausted == 1u);
  std::jthread([&] { BOOST_TEST(static_cast<bool>(sut->get("key"))); }).join();
  BOOST_TEST(sut->put("key", "other") == larder::status::ok);
  held[17].release();
  BOOST_TEST(sut->get("key").view() == "other");
  BOOST_TEST(held[16].view() == "value");
}

BOOST_AUTO_TEST_CASE(handles_outlive_the_cache_object) {
  support::temp_name name;
  std::optional<larder::cache> sut = larder::cache::create(name.str(), support::small());
  const std::string value = support::sealed_value("key", 9, 4000);
  sut->put("key", value);
  read_handle handle = sut->get("key");
  sut.reset();
  BOOST_TEST((handle.view() == value));
  larder::cache again = larder::cache::open(name.str());
  again.erase("key");
  fill_over(again, 100'000);
  BOOST_TEST((handle.view() == value));
  handle.release();
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
