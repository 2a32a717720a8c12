// bucket_hints: seven ghosts in the order of their coming, and a count of what has spilled.
#include "table/hints.hpp"

#include <algorithm>

#include "support/test.hpp"

using larder::table::bucket_hints;

BOOST_AUTO_TEST_SUITE(table)
BOOST_AUTO_TEST_SUITE(hints)

BOOST_AUTO_TEST_CASE(the_eighth_ghost_drives_the_first_one_out) {
  bucket_hints sut(0);
  for (std::uint32_t tag = 1; tag <= 7; ++tag) sut = sut.with_ghost(tag);
  for (std::uint32_t tag = 1; tag <= 7; ++tag) BOOST_TEST(sut.has_ghost(tag));
  sut = sut.with_ghost(8);
  BOOST_TEST(!sut.has_ghost(1));
  for (std::uint32_t tag = 2; tag <= 8; ++tag) BOOST_TEST(sut.has_ghost(tag));
}

BOOST_AUTO_TEST_CASE(a_ghost_that_leaves_leaves_the_others_in_their_order) {
  bucket_hints sut(0);
  for (std::uint32_t tag = 1; tag <= 7; ++tag) sut = sut.with_ghost(tag);
  sut = sut.without_ghost(4);
  BOOST_TEST(!sut.has_ghost(4));
  sut = sut.with_ghost(8);  // into the free place: none goes
  for (const std::uint32_t tag : {1U, 2U, 3U, 5U, 6U, 7U, 8U}) BOOST_TEST(sut.has_ghost(tag));
  sut = sut.with_ghost(9);
  BOOST_TEST(!sut.has_ghost(1));
}

BOOST_AUTO_TEST_CASE(one_of_two_equal_ghosts_leaves_at_a_time) {
  bucket_hints sut = bucket_hints(0).with_ghost(5).with_ghost(5);
  sut = sut.without_ghost(5);
  BOOST_TEST(sut.has_ghost(5));
  BOOST_TEST(!sut.without_ghost(5).has_ghost(5));
}

BOOST_AUTO_TEST_CASE(no_fingerprint_is_an_empty_place) {
  for (std::uint32_t tag = 0; tag < 2000; ++tag) BOOST_REQUIRE(bucket_hints::fingerprint(tag) != 0);
  BOOST_TEST(!bucket_hints(0).has_ghost(0));
}

BOOST_AUTO_TEST_CASE(the_count_of_spilled_items_is_never_too_low) {
  bucket_hints sut = bucket_hints(0).with_ghost(3);
  BOOST_TEST(sut.spilled_less().spilled() == 0u);
  for (std::uint32_t i = 1; i <= 300; ++i) {
    sut = sut.spilled_more();
    BOOST_REQUIRE(sut.spilled() == std::min(i, 255U));
  }
  BOOST_TEST(sut.spilled_less().spilled() == 255u);  // nobody knows how many there are
  BOOST_TEST(sut.has_ghost(3));
  BOOST_TEST(sut.only_ghosts().spilled() == 0u);
  BOOST_TEST(sut.only_ghosts().has_ghost(3));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
