// match_tags: the vector form finds what the plain one finds.
#include "table/tag_match.hpp"

#include "support/random.hpp"
#include "support/test.hpp"

using larder::layout::bucket_word;

BOOST_AUTO_TEST_SUITE(table)
BOOST_AUTO_TEST_SUITE(tag_match)

BOOST_AUTO_TEST_CASE(both_forms_find_the_same_words) {
  support::random_source random(6);
  for (int round = 0; round < 20'000; ++round) {
    larder::layout::bucket sut{};
    const std::uint64_t tags = 1 + random.number(8);  // few, so that several match
    for (auto& word : sut.words) {
      if (!random.one_in(4))
        word = bucket_word::make(static_cast<std::uint32_t>(random.number(tags) * 0x2492'4925),
                                 static_cast<std::uint32_t>(random.number(~0U)))
                   .bits;
    }
    sut.hints =
        random.number(2) != 0 ? ~std::uint64_t{0} : random.number(~std::uint64_t{0});  // no word: must never match
    for (std::uint64_t i = 0; i < tags; ++i) {
      const auto tag = static_cast<std::uint32_t>(i * 0x2492'4925);
      BOOST_REQUIRE(larder::table::match_tags(sut, tag) == larder::table::match_tags_scalar(sut, tag));
    }
    const auto of_the_hints = static_cast<std::uint32_t>(sut.hints >> 32);
    BOOST_REQUIRE(larder::table::match_tags(sut, of_the_hints) == larder::table::match_tags_scalar(sut, of_the_hints));
  }
}

BOOST_AUTO_TEST_CASE(a_match_is_reported_at_its_own_place) {
  for (std::size_t place = 0; place < larder::layout::words_per_bucket; ++place) {
    larder::layout::bucket sut{};
    sut.words[place] = bucket_word::make(0x8000'0001, 99).bits;
    const larder::table::tag_matches matches = larder::table::match_tags(sut, 0x8000'0001);
    BOOST_REQUIRE(!matches.none());
    BOOST_TEST(matches.first() == place);
    BOOST_TEST(matches.without_first().none());
    BOOST_TEST(larder::table::match_tags(sut, 99).none());  // a cell is no tag
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
