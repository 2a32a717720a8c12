// A round of AES: the same in whichever way it is made.
#include "platform/aes.hpp"

#include <string>
#include <string_view>

#include "support/random.hpp"
#include "support/test.hpp"

using larder::platform::aes_by_table;
using larder::platform::bytes16;

namespace {

bytes16 from_hex(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  unsigned char bytes[16];
  for (std::size_t i = 0; i < 16; ++i)
    bytes[i] = static_cast<unsigned char>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  return bytes16(static_cast<const void*>(bytes));
}

bool same(bytes16 a, bytes16 b) { return a.low() == b.low() && a.high() == b.high(); }

// For many states and keys, whatever makes a round in this way makes the one of the tables.
template <class Way>
void expect_the_tables_rounds() {
  support::random_source random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::string bytes = random.bytes(32);
    const bytes16 state(static_cast<const void*>(bytes.data()));
    const bytes16 key(static_cast<const void*>(bytes.data() + 16));
    BOOST_REQUIRE(same(Way::round(state, key), aes_by_table::round(state, key)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(a_round_of_aes)

BOOST_AUTO_TEST_CASE(is_the_one_of_the_standard) {  // FIPS 197, appendix B, rounds 1 and 2
  const bytes16 start = from_hex("193de3bea0f4e22b9ac68d2ae9f84808");
  const bytes16 after_one = aes_by_table::round(start, from_hex("a0fafe1788542cb123a339392a6c7605"));
  BOOST_TEST(same(after_one, from_hex("a49c7ff2689f352b6b5bea43026a5049")));
  const bytes16 after_two = aes_by_table::round(after_one, from_hex("f2c295f27a96b9435935807a7359f67f"));
  BOOST_TEST(same(after_two, from_hex("aa8f5f0361dde3ef82d24ad26832469a")));
}

#if LARDER_AES_INSTRUCTION
BOOST_AUTO_TEST_CASE(is_the_same_by_the_processors_instruction) {
  if (larder::platform::has_aes_instruction()) expect_the_tables_rounds<larder::platform::aes_by_instruction>();
}
#endif

#if LARDER_WIDE_VECTORS
BOOST_AUTO_TEST_CASE(is_the_same_by_the_instruction_of_wide_vectors) {
  if (larder::platform::has_wide_vectors()) expect_the_tables_rounds<larder::platform::aes_by_wide_instruction>();
}
#endif

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
