// match_tags: the vector forms find what the plain one finds.
#include "table/tag_match.hpp"

#include "support/random.hpp"
#include "support/test.hpp"

using larder::layout::bucket_word;

namespace {

#if LARDER_WIDE_VECTORS
auto match_wide(const larder::layout::bucket& bucket, std::uint32_t tag) {
  return larder::table::match_tags_wide(bucket, larder::platform::bytes16(std::uint64_t{tag} << 32));
}
#endif

// The words that every form finds, as bits.
std::uint32_t found_by_all(const larder::layout::bucket& bucket, std::uint32_t tag) {
  const auto bits = [](auto matches) {
    std::uint32_t set = 0;
    for (; !matches.none(); matches = matches.without_first()) set |= 1U << matches.first();
    return set;
  };
  const std::uint32_t found = bits(larder::table::match_tags_scalar(bucket, tag));
  BOOST_REQUIRE(bits(larder::table::match_tags(bucket, tag)) == found);
#if LARDER_WIDE_VECTORS
  if (larder::platform::has_wide_vectors()) BOOST_REQUIRE(bits(match_wide(bucket, tag)) == found);
#endif
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_AUTO_TEST_SUITE(tag_match)

BOOST_AUTO_TEST_CASE(all_forms_find_the_same_words) {
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
      std::uint32_t expected = 0;
      for (std::size_t at = 0; at < larder::layout::words_per_bucket; ++at) {
        if (bucket_word{sut.words[at]}.tag() == tag) expected |= 1U << at;
      }
      BOOST_REQUIRE(found_by_all(sut, tag) == expected);
    }
    static_cast<void>(found_by_all(sut, static_cast<std::uint32_t>(sut.hints >> 32)));
  }
}

BOOST_AUTO_TEST_CASE(a_match_is_found_at_its_own_place) {
  for (std::size_t place = 0; place < larder::layout::words_per_bucket; ++place) {
    larder::layout::bucket sut{};
    sut.words[place] = bucket_word::make(0x8000'0001, 99).bits;
    BOOST_TEST(found_by_all(sut, 0x8000'0001) == 1U << place);
    BOOST_TEST(found_by_all(sut, 99) == 0u);  // a cell is no tag
    BOOST_TEST(&larder::table::match_tags(sut, 0x8000'0001).first_of(sut) == &sut.words[place]);
#if LARDER_WIDE_VECTORS
    if (larder::platform::has_wide_vectors())
      BOOST_TEST(&match_wide(sut, 0x8000'0001).first_of(sut) == &sut.words[place]);
#endif
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
