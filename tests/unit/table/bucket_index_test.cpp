// From a tag to its buckets, and from a whole hash.
#include "table/bucket_index.hpp"

#include "support/random.hpp"
#include "support/test.hpp"

using larder::table::alternate_bucket;
using larder::table::nearly_primary_bucket;
using larder::table::primary_bucket;
using larder::table::tag_of;

BOOST_AUTO_TEST_SUITE(table)
BOOST_AUTO_TEST_SUITE(bucket_index)

BOOST_AUTO_TEST_CASE(the_two_buckets_of_a_tag_are_two) {
  support::random_source random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto count = static_cast<std::uint32_t>(2 + random.number(0xFFFE));
    const auto tag = static_cast<std::uint32_t>(random.number(~0U));
    BOOST_REQUIRE(primary_bucket(tag, count) < count);
    BOOST_REQUIRE(alternate_bucket(tag, count) < count);
    BOOST_REQUIRE(primary_bucket(tag, count) != alternate_bucket(tag, count));
  }
}

BOOST_AUTO_TEST_CASE(a_whole_hash_leads_to_its_tags_bucket_or_by_a_hair_to_the_next_one) {
  support::random_source random(2);
  for (int i = 0; i < 100'000; ++i) {
    const auto count = static_cast<std::uint32_t>(1 + random.number(0xFFFF));
    const std::uint64_t hash = random.number(~std::uint64_t{0});
    const std::uint64_t lowest = hash & ~std::uint64_t{0xFFFF'FFFF};
    const std::uint64_t highest = hash | 0xFFFF'FFFF;
    const std::uint32_t exact = primary_bucket(tag_of(hash), count);
    BOOST_REQUIRE(nearly_primary_bucket(lowest, count) == exact);
    const std::uint64_t most = nearly_primary_bucket(highest, count);
    BOOST_REQUIRE((most == exact || most == exact + 1));
    BOOST_REQUIRE(most < count);
  }
  BOOST_TEST(primary_bucket(0x5555'5555, 3) == 0u);
  BOOST_TEST(nearly_primary_bucket(0x5555'5555'FFFF'FFFF, 3) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
