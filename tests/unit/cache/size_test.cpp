// Keys and values of every size, up to what can never fit.
#include <cstdint>
#include <string>
#include <vector>

#include "support/random.hpp"
#include "support/test.hpp"

using larder::status;

namespace {

constexpr std::size_t capacity = 16 * support::mebibyte;

std::vector<std::size_t> value_sizes() {
  std::vector<std::size_t> sizes{0, 1, 2, 3, 7, 8, 9, 15, 16, 17};
  for (std::size_t power = 32; power < capacity / 4; power *= 2)
    sizes.insert(sizes.end(), {power - 1, power, power + 1, power + power / 2});
  sizes.push_back(capacity / 4);
  return sizes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(sizes)

BOOST_AUTO_TEST_CASE(values_of_all_sizes_up_to_a_quarter_of_the_segment_come_back) {
  support::temp_cache sut(capacity);
  support::random_source random(1);
  for (const std::size_t size : value_sizes()) {
    BOOST_TEST_CONTEXT("value of " << size << " bytes") {
      const std::string value = random.bytes(size);
      BOOST_REQUIRE(sut->put("key", value) == status::ok);
      const larder::read_handle stored = sut->get("key");
      BOOST_REQUIRE(static_cast<bool>(stored));
      BOOST_TEST(stored.bytes().size() == size);
      BOOST_TEST((stored.view() == value));
      BOOST_TEST(reinterpret_cast<std::uintptr_t>(stored.bytes().data()) % 8 == 0u);
    }
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_full_cache_makes_room_for_a_value_of_a_quarter_of_the_segment) {
  support::temp_cache sut(capacity);
  for (int i = 0; i < 100'000; ++i) sut->put("small" + std::to_string(i), std::string(100, 'x'));
  const std::string large(capacity / 4, 'L');
  BOOST_REQUIRE(sut->put("large", large) == status::ok);
  BOOST_TEST((sut->get("large").view() == large));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(large_values_follow_one_another_without_wearing_the_segment_out) {
  support::temp_cache sut(capacity);
  for (int round = 0; round < 60; ++round) {
    const std::size_t size = capacity / 4 - static_cast<std::size_t>(round) * 50'001;
    const std::string key = "large" + std::to_string(round);
    BOOST_REQUIRE(sut->put(key, std::string(size, static_cast<char>('a' + round % 26))) == status::ok);
    BOOST_REQUIRE(sut->get(key).bytes().size() == size);
    BOOST_REQUIRE(sut->put("small", "value") == status::ok);
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(what_can_never_fit_is_too_large_and_disturbs_nothing) {
  support::temp_cache sut(capacity);
  sut->put("key", "value");
  sut->put("other", "value");
  const std::string huge(capacity + 1, 'x');
  BOOST_TEST(sut->put("key", huge) == status::too_large);
  BOOST_TEST(sut->add("new", huge) == status::too_large);
  BOOST_TEST(sut->replace("key", huge) == status::too_large);
  BOOST_TEST(sut->reserve("key", huge.size()).error() == status::too_large);
  BOOST_TEST(sut->reserve("key", ~std::size_t{0}).error() == status::too_large);
  BOOST_TEST(sut->append("other", huge) == status::too_large);
  BOOST_TEST(support::copy_of(*sut, "key") == "value");
  BOOST_TEST(support::copy_of(*sut, "other") == "value");
  BOOST_TEST(sut->stats().too_large >= 4u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(keys_of_1_to_1024_bytes_are_told_apart) {
  support::temp_cache sut;
  for (std::size_t size = 1; size <= larder::max_key_size; ++size) {
    BOOST_REQUIRE(sut->put(std::string(size, 'k'), std::to_string(size)) == status::ok);
  }
  for (std::size_t size = 1; size <= larder::max_key_size; ++size) {
    const std::string key(size, 'k');
    const larder::read_handle stored = sut->get(key);
    BOOST_REQUIRE(stored.view() == std::to_string(size));
    BOOST_REQUIRE(stored.key() == key);
  }
}

BOOST_AUTO_TEST_CASE(keys_and_values_may_hold_any_bytes) {
  support::temp_cache sut;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key{'a', static_cast<char>(byte), '\0'};
    BOOST_REQUIRE(sut->put(key, key + key) == status::ok);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key{'a', static_cast<char>(byte), '\0'};
    BOOST_REQUIRE(sut->get(key).view() == key + key);
    BOOST_REQUIRE(!sut->contains(key.substr(0, 2)));
  }
}

BOOST_AUTO_TEST_CASE(empty_and_overlong_keys_are_too_large_to_store_and_never_found) {
  support::temp_cache sut;
  for (const std::string& key :
       {std::string(), std::string(larder::max_key_size + 1, 'k'), std::string(100'000, 'k')}) {
    BOOST_TEST(sut->put(key, "value") == status::too_large);
    BOOST_TEST(sut->add(key, "value") == status::too_large);
    BOOST_TEST(sut->reserve(key, 5).error() == status::too_large);
    BOOST_TEST(sut->incr(key).error() == status::too_large);
    BOOST_TEST(!sut->get(key));
    BOOST_TEST(!sut->get_copy(key).has_value());
    BOOST_TEST(!sut->contains(key));
    BOOST_TEST(!ok(sut->erase(key)));
    BOOST_TEST(!ok(sut->touch(key, larder::forever)));
  }
}

BOOST_AUTO_TEST_CASE(the_longest_key_goes_with_a_large_value) {
  support::temp_cache sut(capacity);
  const std::string key(larder::max_key_size, 'k');
  BOOST_TEST(sut->put(key, std::string(capacity / 4, 'v')) == status::ok);
  BOOST_TEST(sut->get(key).bytes().size() == capacity / 4);
}

BOOST_AUTO_TEST_CASE(the_smallest_segment_holds_a_quarter_of_itself) {
  support::temp_cache sut(larder::min_capacity);
  BOOST_TEST(sut->put("key", std::string(larder::min_capacity / 4, 'v')) == status::ok);
  BOOST_TEST(sut->contains("key"));
  for (int i = 0; i < 50'000; ++i)
    BOOST_REQUIRE(sut->put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i % 300), 'v')) ==
                  status::ok);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
