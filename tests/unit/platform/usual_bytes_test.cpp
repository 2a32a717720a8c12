// usual_bytes: three overlapping pieces that together are all the bytes, and none beside them.
#include "platform/usual_bytes.hpp"

#include <cstring>
#include <string>

#include "support/random.hpp"
#include "support/test.hpp"

using larder::platform::bytes16;
using larder::platform::is_usual_size;
using larder::platform::usual_bytes;

namespace {

std::uint64_t word_at(const std::string& text, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + offset, sizeof word);
  return word;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(usual_bytes_of_a_key)

BOOST_AUTO_TEST_CASE(sixteen_to_48_bytes_are_usual) {
  for (std::size_t size = 0; size < 100; ++size) BOOST_TEST(is_usual_size(size) == (size >= 16 && size <= 48));
}

BOOST_AUTO_TEST_CASE(the_halves_of_16_bytes_are_their_first_and_last_eight) {
  const std::string text = support::random_source(1).bytes(40);
  const bytes16 sut(text.data() + 3);
  const bytes16 other(text.data() + 19);
  BOOST_TEST(sut.low() == word_at(text, 3));
  BOOST_TEST(sut.high() == word_at(text, 11));
  BOOST_TEST((sut ^ other).low() == (word_at(text, 3) ^ word_at(text, 19)));
  BOOST_TEST((sut & other).high() == (word_at(text, 11) & word_at(text, 27)));
}

BOOST_AUTO_TEST_CASE(a_copy_is_all_of_the_bytes_and_nothing_beside_them) {
  support::random_source random(3);
  for (std::size_t size = 16; size <= 48; ++size) {
    const std::string text = random.bytes(size);
    std::string copy(size + 2, '.');
    usual_bytes(text.data(), size).copy_to(reinterpret_cast<std::byte*>(copy.data() + 1));
    BOOST_REQUIRE(copy == "." + text + ".");
  }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_are_the_same_and_any_other_byte_is_seen) {
  support::random_source random(2);
  for (std::size_t size = 16; size <= 48; ++size) {
    const std::string text = random.bytes(size);
    const usual_bytes sut(text.data(), size);
    std::string other = text;
    BOOST_REQUIRE(sut.difference(other.data()) == 0u);
    for (char& byte : other) {
      byte = static_cast<char>(byte + 1);
      BOOST_REQUIRE(sut.difference(other.data()) != 0u);
      byte = static_cast<char>(byte - 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
