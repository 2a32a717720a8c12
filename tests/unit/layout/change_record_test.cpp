// The words of a record of the feed of changes.
#include "layout/change_record.hpp"

#include "support/test.hpp"

using namespace larder::layout;
using larder::change_kind;

BOOST_AUTO_TEST_SUITE(layout)
BOOST_AUTO_TEST_SUITE(a_change_record)

BOOST_AUTO_TEST_CASE(has_a_turn_that_names_position_and_writer) {
  for (const std::uint64_t position : {0ULL, 1ULL, 63ULL, 0xFFFF'FFFEULL, 0xFFFF'FFFFULL, 0x1'0000'0000ULL}) {
    const change_turn whole = change_turn::whole(position);
    BOOST_TEST(!whole.is_marked());
    BOOST_TEST(whole.is_of(position));
    BOOST_TEST(!whole.is_of(position + 1));
    const change_turn marked = change_turn::marked(position, lock_word::make(16383, 0xFFFF));
    BOOST_TEST(marked.is_marked());
    BOOST_TEST(marked.is_of(position));
    BOOST_TEST(marked.writer().slot() == 16383u);
    BOOST_TEST(marked.writer().generation() == 0xFFFFu);
    BOOST_TEST(change_turn::marked(position, lock_word::make(0, 0)).is_marked());
  }
}

BOOST_AUTO_TEST_CASE(that_was_never_written_is_of_no_position_of_the_first_round) {
  for (std::uint64_t position = 0; position < 65536; ++position) BOOST_REQUIRE(!change_turn{}.is_of(position));
}

BOOST_AUTO_TEST_CASE(has_a_summary_that_keeps_every_field) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{48}, larder::max_key_size}) {
    for (const bool in_keyspace : {false, true}) {
      const change_summary sut(change_kind::evicted, version_mask, size, in_keyspace);
      BOOST_TEST((sut.kind() == change_kind::evicted));
      BOOST_TEST(sut.version() == version_mask);
      BOOST_TEST(sut.key_size() == size);
      BOOST_TEST(sut.in_keyspace() == in_keyspace);
    }
  }
}

BOOST_AUTO_TEST_CASE(turns_the_feed_off_without_forgetting_who_needs_fences) {
  const listeners_word none{listeners_word::fence_first};
  const listeners_word one = none.with_one_more();
  BOOST_TEST(!none.somebody());
  BOOST_TEST(one.somebody());
  BOOST_TEST(!one.with_nobody().somebody());
  BOOST_TEST((one.with_nobody().bits & listeners_word::fence_first) != 0u);
  BOOST_TEST(one.with_nobody().bits != none.bits);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
