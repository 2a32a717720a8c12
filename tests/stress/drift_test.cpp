// Sizes that drift under a full cache while values are held: memory must follow, held values must stay.
#include <chrono>
#include <string>
#include <vector>

#include "support/random.hpp"
#include "support/sealed_value.hpp"
#include "support/test.hpp"

using larder::status;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::size_t capacity = 8 * support::mebibyte;
constexpr std::size_t most_held = 32;

struct held_value {
  larder::read_handle handle;
  std::string key;
  std::uint64_t sequence;
};

bool unchanged(const held_value& held) { return support::unsealed(held.key, held.handle.view()) == held.sequence; }

// One phase: stores and reads values of about one size, four times as many bytes as the segment has, and holds some.
void phase(larder::cache& cache, std::size_t size, std::vector<held_value>& held, support::random_source& random) {
  const std::uint64_t keys = capacity / 2 / (size + 64);
  for (std::uint64_t i = 0; i < keys * 8; ++i) {
    const std::string key = std::to_string(size) + "/" + std::to_string(random.number(keys));
    larder::read_handle handle = cache.get(key);
    if (!handle) {
      BOOST_REQUIRE(cache.put(key, support::sealed_value(key, i, size + random.number(size / 4))) == status::ok);
      continue;
    }
    const auto sequence = support::unsealed(key, handle.view());
    BOOST_REQUIRE(sequence.has_value());
    if (!random.one_in(200)) continue;
    if (held.size() == most_held) {
      std::swap(held[random.number(most_held)], held.back());
      BOOST_REQUIRE(unchanged(held.back()));
      held.pop_back();
    }
    held.push_back({std::move(handle), key, *sequence});
  }
}

// How many of the working set's items are there, in percent.
std::uint64_t percent_present(larder::cache& cache, std::size_t size) {
  const std::uint64_t keys = capacity / 2 / (size + 64);
  std::uint64_t present = 0;
  for (std::uint64_t i = 0; i < keys; ++i) present += cache.contains(std::to_string(size) + "/" + std::to_string(i));
  return present * 100 / keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stress)
BOOST_AUTO_TEST_SUITE(drift)

BOOST_AUTO_TEST_CASE(memory_follows_the_sizes_there_and_back_while_values_are_held) {
  support::temp_cache sut(capacity);
  support::random_source random(11);
  std::vector<held_value> held;
  const auto end = steady::now() + support::stress_time();
  do {
    for (const std::size_t size : {std::size_t{100}, std::size_t{1000}, std::size_t{100}, std::size_t{20'000}}) {
      phase(*sut, size, held, random);
      // The mover weighs uses per page, and what the sizes before were worth fades with the bytes that are stored: large
      // values take over by and by. Slabs that have calcified would leave them the two or three pages they began with.
      BOOST_TEST(percent_present(*sut, size) >= 10u, percent_present(*sut, size)
                                                         << " % of the items of " << size << " bytes are there");
      BOOST_REQUIRE(support::violations(*sut) == "");
    }
  } while (steady::now() < end);
  for (const held_value& value : held) BOOST_REQUIRE(unchanged(value));
  held.clear();
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
