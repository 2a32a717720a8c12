// stripe_reader under a writer that never lets its stripe settle: what is there throughout is found, once, and whole.
#include "tool/source/stripe_reader.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/eventually.hpp"
#include "support/random.hpp"
#include "support/test.hpp"
#include "tool/telling_value.hpp"

using namespace larder::tool;
using tool_tests::is_value_of;
using tool_tests::value_of;

namespace {

// Keys of one stripe.
std::vector<std::string> keys_of_stripe(const larder::segment& memory, std::uint32_t stripe, std::size_t count) {
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < count; ++i) {
    std::string key = "key" + std::to_string(i);
    if (memory.stripe_of(larder::table::hash_of(memory, {key})) == stripe) keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(stripe_reading)

BOOST_AUTO_TEST_CASE(a_restless_stripe_is_read_whole_item_by_item) {
  support::temp_cache sut(4 * support::mebibyte);
  const source from = source::open(sut.name());
  const image in = image::of(from);
  constexpr std::uint32_t stripe = 5;
  constexpr std::size_t steady = 60;
  const std::vector<std::string> keys = keys_of_stripe(in.memory, stripe, 2 * steady);
  for (std::size_t i = 0; i < steady; ++i) sut->put(keys[i], value_of(keys[i], 16'000));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    support::random_source random(1);
    while (!stop) {
      // Mostly small items that come and go, so that many changes fall into one look; now and then a large one.
      const std::size_t i = random.one_in(50) ? random.number(steady) : steady + random.number(steady);
      const bool goes = i >= steady && random.one_in(2);
      goes ? sut->erase(keys[i]) : sut->put(keys[i], value_of(keys[i], i < steady ? 16'000 : random.number(50)));
    }
  });
  stripe_reader reader(in, want::keys_and_values);
  const auto begin = std::chrono::steady_clock::now();
  const auto passed = [&](std::chrono::milliseconds time) { return std::chrono::steady_clock::now() - begin >= time; };
  do {
    std::set<std::string> seen;
    for (const item_facts& item : reader.read(stripe)) {
      BOOST_REQUIRE(seen.insert(std::string(item.key)).second);
      BOOST_REQUIRE(is_value_of(std::string(item.key), std::string(item.value)));
    }
    for (std::size_t i = 0; i < steady; ++i) BOOST_REQUIRE(seen.contains(keys[i]));
  } while (!passed(support::stress_time()) || (reader.restless_stripes() < 10 && !passed(support::generous)));
  stop = true;
  writer.join();
  BOOST_TEST(reader.restless_stripes() >= 10u);
  BOOST_TEST(reader.damaged_words() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
