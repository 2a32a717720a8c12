// Guarantee H: hot calls neither allocate nor throw.
#include <array>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/allocation_counter.hpp"
#include "support/test.hpp"

namespace {

// How often `call` allocates when it is made a thousand times, after a first time that may register the thread.
template <class Call>
std::uint64_t allocations_of(Call&& call) {
  call(0);
  const std::uint64_t before = support::allocations();
  for (int i = 0; i < 1000; ++i) call(i);
  return support::allocations() - before;
}

// Keys made in advance, because making them allocates.
std::vector<std::string> make_keys(int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) keys.push_back("a key that is too long for a string's own room " + std::to_string(i));
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(hot_calls)

BOOST_AUTO_TEST_CASE(guarantee_H_the_counter_of_allocations_works) {
  BOOST_TEST(allocations_of([](int) { ::operator delete(::operator new(7)); }) >= 1000u);
}

BOOST_AUTO_TEST_CASE(guarantee_H_reads_do_not_allocate) {
  support::temp_cache sut;
  const std::vector<std::string> keys = make_keys(32);
  for (std::size_t i = 0; i < keys.size(); i += 2) sut->put(keys[i], std::string(500, 'v'));
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  std::array<larder::read_handle, 32> out;
  std::string copy(1000, ' ');
  const auto key = [&](int i) { return std::string_view(keys[static_cast<std::size_t>(i) % 32]); };
  BOOST_TEST(allocations_of([&](int i) { static_cast<void>(sut->get(key(i))); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) { static_cast<void>(sut->get_copy(key(i), copy)); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) { static_cast<void>(sut->contains(key(i))); }) == 0u);
  BOOST_TEST(allocations_of([&](int) { sut->multi_get(views, out); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) { static_cast<void>(sut->get_and_touch(key(i), larder::forever)); }) == 0u);
}

BOOST_AUTO_TEST_CASE(guarantee_H_holds_while_somebody_is_subscribed_and_for_the_subscriber) {
  support::temp_cache sut;
  const std::vector<std::string> keys = make_keys(32);
  larder::subscription feed = sut->subscribe({.prefix = "a key"});
  const auto key = [&](int i) { return std::string_view(keys[static_cast<std::size_t>(i) % 32]); };
  BOOST_TEST(allocations_of([&](int i) {
               sut->put(key(i), "value");
               while (feed.next()) {
               }
             }) == 0u);
  BOOST_TEST(feed.missed() == 0u);
  BOOST_TEST(sut->stats().changes == 1001u);
}

BOOST_AUTO_TEST_CASE(guarantee_H_writes_do_not_allocate_in_a_full_cache_either) {
  support::temp_cache sut(support::mebibyte);
  const std::vector<std::string> keys = make_keys(5000);
  const std::string value(500, 'v');
  for (const std::string& key : keys) sut->put(key, value);
  BOOST_TEST(sut->stats().evictions > 0u);
  const auto key = [&](int i) { return std::string_view(keys[static_cast<std::size_t>(i) * 7 % keys.size()]); };
  BOOST_TEST(allocations_of([&](int i) { sut->put(key(i), value); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) { sut->touch(key(i), larder::forever); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) { sut->erase(key(i)); }) == 0u);
  BOOST_TEST(allocations_of([&](int) { static_cast<void>(sut->incr("counter")); }) == 0u);
  BOOST_TEST(allocations_of([&](int i) {
               if (auto room = sut->reserve(key(i), 300)) room->commit();
             }) == 0u);
}

BOOST_AUTO_TEST_CASE(guarantee_H_hot_calls_are_noexcept) {
  larder::cache* sut = nullptr;
  static_assert(noexcept(sut->get("")));
  static_assert(noexcept(sut->multi_get({}, {})));
  static_assert(noexcept(sut->contains("")));
  static_assert(noexcept(sut->put("", larder::bytes_view())));
  static_assert(noexcept(sut->erase("")));
  static_assert(noexcept(sut->touch("", larder::forever)));
  static_assert(noexcept(sut->incr("")));
  static_assert(std::is_nothrow_move_constructible_v<larder::read_handle>);
  static_assert(std::is_nothrow_move_constructible_v<larder::cache>);
  static_assert(!std::is_copy_constructible_v<larder::read_handle>);
  static_assert(!std::is_copy_constructible_v<larder::cache>);
  static_assert(!std::is_copy_constructible_v<larder::reservation>);
  BOOST_TEST(sut == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
