// multi_get: the same answers as single gets, for any number of keys.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/test.hpp"

using larder::read_handle;

namespace {

struct request {
  std::vector<std::string> names;
  std::vector<std::string_view> keys;
  std::vector<read_handle> out;

  explicit request(std::size_t count) : out(count) {
    for (std::size_t i = 0; i < count; ++i) names.push_back("key" + std::to_string(i));
    keys.assign(names.begin(), names.end());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(batches)

BOOST_DATA_TEST_CASE(each_answer_belongs_to_its_key,
                     boost::unit_test::data::make({0, 1, 2, 7, 8, 9, 31, 32, 33, 63, 64}), count) {
  support::temp_cache sut;
  request batch(static_cast<std::size_t>(count));
  std::size_t stored = 0;
  for (std::size_t i = 0; i < batch.names.size(); ++i) {
    if (i % 3 == 2) continue;
    sut->put(batch.names[i], "value of " + batch.names[i]);
    ++stored;
  }
  BOOST_TEST(sut->multi_get(batch.keys, batch.out) == stored);
  for (std::size_t i = 0; i < batch.names.size(); ++i) {
    BOOST_TEST(batch.out[i].view() == (i % 3 == 2 ? "" : "value of " + batch.names[i]));
  }
}

BOOST_AUTO_TEST_CASE(keys_past_the_pins_of_a_thread_are_misses) {
  support::temp_cache sut;
  request batch(100);
  for (const std::string& name : batch.names) sut->put(name, name);
  BOOST_TEST(sut->multi_get(batch.keys, batch.out) == 64u);
  for (std::size_t i = 0; i < 100; ++i) BOOST_TEST(batch.out[i].view() == (i < 64 ? batch.names[i] : ""));
}

BOOST_AUTO_TEST_CASE(the_same_key_may_be_asked_for_twice) {
  support::temp_cache sut;
  sut->put("key", "value");
  const std::array<std::string_view, 3> keys{"key", "other", "key"};
  std::array<read_handle, 3> out;
  BOOST_TEST(sut->multi_get(keys, out) == 2u);
  BOOST_TEST(out[0].view() == "value");
  BOOST_TEST(!out[1]);
  BOOST_TEST(out[2].view() == "value");
}

BOOST_AUTO_TEST_CASE(the_same_output_serves_again_and_again) {
  support::temp_cache sut;
  request batch(64);
  for (const std::string& name : batch.names) sut->put(name, name);
  for (int round = 0; round < 10; ++round) {
    for (read_handle& handle : batch.out) handle.release();
    BOOST_REQUIRE(sut->multi_get(batch.keys, batch.out) == 64u);
  }
  sut->clear();
  BOOST_TEST(batch.out[63].view() == "key63");
  for (read_handle& handle : batch.out) handle.release();
  BOOST_TEST(sut->multi_get(batch.keys, batch.out) == 0u);
  BOOST_TEST(sut->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(a_miss_empties_a_handle_that_held_something) {
  support::temp_cache sut;
  sut->put("key", "value");
  std::array<read_handle, 1> out{sut->get("key")};
  BOOST_TEST(sut->multi_get(std::array<std::string_view, 1>{"other"}, out) == 0u);
  BOOST_TEST(!out[0]);
  BOOST_TEST(sut->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(hits_and_misses_are_counted_by_key) {
  support::temp_cache sut;
  request batch(10);
  for (std::size_t i = 0; i < 4; ++i) sut->put(batch.names[i], "value");
  sut->multi_get(batch.keys, batch.out);
  BOOST_TEST(sut->stats().hits == 4u);
  BOOST_TEST(sut->stats().misses == 6u);
}

BOOST_AUTO_TEST_CASE(bad_keys_are_misses_among_good_ones) {
  support::temp_cache sut;
  sut->put("key", "value");
  const std::string overlong(larder::max_key_size + 1, 'k');
  const std::array<std::string_view, 4> keys{"", "key", overlong, "key"};
  std::array<read_handle, 4> out;
  BOOST_TEST(sut->multi_get(keys, out) == 2u);
  BOOST_TEST((!out[0] && out[1] && !out[2] && out[3]));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
