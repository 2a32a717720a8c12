// The hash: keyed, depends on every bit, reads nothing but its input.
#include <sys/mman.h>

#include <array>
#include <bit>
#include <set>
#include <string>

#include "platform/platform.hpp"
#include "support/random.hpp"
#include "support/test.hpp"

using larder::platform::hash_bytes;
using larder::platform::hash_seed;
using larder::platform::start_behind;

namespace {

constexpr hash_seed some_seed{0x1234, 0x9E37'79B9'7F4A'7C15, 0xC2B2'AE3D'27D4'EB4F, 0x1656'67B1'9E37'79F9};

std::uint64_t hash_of(const std::string& text, const hash_seed& seed = some_seed) {
  return hash_bytes(seed, 0, text.data(), text.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(hash)

BOOST_AUTO_TEST_CASE(equal_bytes_have_equal_hashes_wherever_they_stand) {
  support::random_source random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text = random.bytes(size);
    const std::string shifted = "x" + text;
    BOOST_REQUIRE(hash_of(text) == hash_bytes(some_seed, 0, shifted.data() + 1, size));
  }
}

BOOST_AUTO_TEST_CASE(nothing_outside_the_input_is_read) {
  constexpr std::size_t page = 4096;
  auto* pages = static_cast<char*>(::mmap(nullptr, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  BOOST_REQUIRE(::mprotect(pages + page, page, PROT_READ | PROT_WRITE) == 0);
  for (std::size_t size = 0; size <= 300; ++size) {
    const std::uint64_t at_the_start = hash_bytes(some_seed, 0, pages + page, size);
    BOOST_REQUIRE(at_the_start == hash_bytes(some_seed, 0, pages + 2 * page - size, size));  // all zeroes
  }
  ::munmap(pages, 3 * page);
}

BOOST_AUTO_TEST_CASE(seeds_are_random_and_the_factor_of_prefixes_odd) {
  const hash_seed first = larder::platform::make_hash_seed();
  const hash_seed second = larder::platform::make_hash_seed();
  std::set<std::uint64_t> words;
  for (const hash_seed& seed : {first, second}) words.insert({seed.a, seed.b, seed.c, seed.d});
  BOOST_TEST(words.size() == 8u);
  for (const hash_seed& seed : {first, second}) BOOST_TEST(seed.c % 2 == 1u);
}

#if LARDER_DEGENERATE_HASH

BOOST_AUTO_TEST_CASE(the_degenerate_build_has_sixteen_hashes) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(hash_of(std::to_string(i)));
  BOOST_TEST(seen.size() == 16u);
}

#else

// Processes of all builds look for keys where those of another one have put them.
BOOST_AUTO_TEST_CASE(every_build_has_the_same_hashes) {
  const struct {
    std::size_t size;
    std::uint64_t hash;
  } known[] = {
      {0, 0x972E'8507'03D0'B056},    {3, 0xBD31'61DB'0EC9'3A2E},  {7, 0x99C5'BC9C'0ADF'B0D6},
      {12, 0xD9EF'C432'AB4D'A768},   {16, 0x1836'7417'9CA7'F0EF}, {31, 0x237D'14AC'791E'1476},
      {48, 0x4F4F'2C85'57E0'909D},   {49, 0x6FA6'D8A7'04B3'16F1}, {100, 0x3880'EDFE'391D'5A76},
      {1000, 0xF8AB'57DF'8FAB'1C40},
  };
  for (const auto& [size, hash] : known) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    BOOST_TEST(hash_of(text) == hash, size << " bytes");
  }
}

BOOST_AUTO_TEST_CASE(the_same_byte_again_and_again_has_another_hash_each_time) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 2000; ++size) seen.insert(hash_of(std::string(size, 'k')));
  BOOST_TEST(seen.size() == 2000u);
}

BOOST_AUTO_TEST_CASE(another_seed_gives_other_hashes) {
  for (std::uint64_t hash_seed::*word : {&hash_seed::a, &hash_seed::b}) {
    hash_seed other = some_seed;
    other.*word += 1;
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text(size, 'k');
      BOOST_REQUIRE(hash_of(text) != hash_of(text, other));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_have_another_hash_behind_each_prefix) {
  support::random_source random(3);
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text = random.bytes(size);
    std::set<std::uint64_t> seen{hash_of(text)};
    for (std::uint64_t i = 0; i < 64; ++i) {
      for (const std::uint64_t prefix : {i, i << 40, ~i})
        seen.insert(hash_bytes(some_seed, start_behind(some_seed, prefix), text.data(), size));
    }
    BOOST_TEST(seen.size() == 1 + 3 * 64 - 1, size << " bytes");  // 0 and 0 << 40 are one prefix
  }
}

BOOST_AUTO_TEST_CASE(every_bit_of_the_input_changes_about_half_of_the_hash) {
  support::random_source random(2);
  for (std::size_t size = 1; size < 120; ++size) {
    const std::string text = random.bytes(size);
    double changed = 0;
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::string other = text;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      const int flips = std::popcount(hash_of(text) ^ hash_of(other));
      BOOST_REQUIRE(flips > 4);
      changed += flips;
    }
    const double mean = changed / static_cast<double>(size * 8);
    BOOST_TEST((mean > 26 && mean < 38), size << " bytes: " << mean << " of 64 bits change");
  }
}

// The lower bits choose the stripe, the upper 32 the bucket: both must spread keys that differ in a few digits only.
BOOST_AUTO_TEST_CASE(similar_keys_spread_over_stripes_and_buckets) {
  constexpr std::size_t keys = 1 << 16;
  std::array<int, 256> by_stripe{};
  std::array<int, 256> by_bucket{};
  for (std::size_t i = 0; i < keys; ++i) {
    const std::uint64_t h = hash_of("user:" + std::to_string(i));
    ++by_stripe[h & 0xFF];
    ++by_bucket[h >> 56];
  }
  for (const auto& counts : {by_stripe, by_bucket}) {
    for (const int count : counts) BOOST_TEST((count > 128 && count < 512), count << " keys where 256 are expected");
  }
}

#endif

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
