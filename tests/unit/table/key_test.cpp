// Keys: however they are compared, every byte counts, none outside is read, and all types of them mean the same.
#include "table/key.hpp"

#include <sys/mman.h>

#include <cstring>
#include <string>

#include "support/random.hpp"
#include "support/test.hpp"

using larder::table::lookup_key;

namespace {

constexpr larder::platform::hash_seed seed{0x1234, 0x9E37'79B9'7F4A'7C15, 0xC2B2'AE3D'27D4'EB4F, 0x1656'67B1'9E37'79F9};
constexpr std::uint64_t prefix = 0x0000'0300'0000'0007;

std::string in_an_item(const lookup_key& key) {
  std::string bytes(key.size(), '\0');
  key.copy_to(reinterpret_cast<std::byte*>(bytes.data()));
  return bytes;
}

// Two pages, and nothing before and behind them that may be read.
class fenced_pages {
 public:
  fenced_pages() : all_(static_cast<char*>(::mmap(nullptr, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    BOOST_REQUIRE(::mprotect(all_ + page, 2 * page, PROT_READ | PROT_WRITE) == 0);
  }
  ~fenced_pages() { ::munmap(all_, 4 * page); }
  fenced_pages(const fenced_pages&) = delete;
  fenced_pages& operator=(const fenced_pages&) = delete;

  [[nodiscard]] char* at_the_beginning() const { return all_ + page; }
  [[nodiscard]] char* at_the_end(std::size_t size) const { return all_ + 3 * page - size; }

 private:
  static constexpr std::size_t page = 4096;
  char* all_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_AUTO_TEST_SUITE(key)

BOOST_AUTO_TEST_CASE(keys_that_differ_in_one_bit_are_told_apart_wherever_it_is) {
  support::random_source random(4);
  for (std::size_t size = 1; size <= larder::max_key_size - 8; size += size < 200 ? 1 : 103) {
    const std::string bytes = random.bytes(size);
    for (const lookup_key& sut : {lookup_key{bytes}, lookup_key{bytes, prefix}}) {
      std::string other = in_an_item(sut);
      BOOST_REQUIRE(other.size() == sut.size());
      BOOST_REQUIRE(sut.difference(other.data()) == 0u);
      for (std::size_t bit = 0; bit < 8 * other.size(); ++bit) {
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
        BOOST_REQUIRE(sut.difference(other.data()) != 0u);
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_beside_the_keys_is_read_or_written) {
  const fenced_pages mine;
  const fenced_pages theirs;
  for (std::size_t size = 1; size <= larder::max_key_size; ++size) {
    for (char* bytes : {mine.at_the_beginning(), mine.at_the_end(size)}) {
      std::memset(bytes, 'k', size);
      for (const lookup_key& sut : {lookup_key{{bytes, size}}, lookup_key{{bytes, size}, prefix}}) {
        if (!sut.is_valid()) continue;
        for (char* item_key : {theirs.at_the_beginning(), theirs.at_the_end(sut.size())}) {
          sut.copy_to(reinterpret_cast<std::byte*>(item_key));
          BOOST_REQUIRE(sut.difference(item_key) == 0u);
        }
        const std::string elsewhere(size, 'k');
        BOOST_REQUIRE((sut.hash(seed) == lookup_key{elsewhere, sut.prefix}.hash(seed)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_an_item_has_is_the_key_that_was_copied_there) {
  for (const std::size_t size : {1, 7, 8, 9, 16, 48, 49, 1016}) {
    const std::string bytes(size, 'k');
    for (const lookup_key& sut : {lookup_key{bytes}, lookup_key{bytes, prefix}}) {
      const std::string stored = in_an_item(sut);
      const lookup_key again = larder::table::parts_of(stored, sut.prefix.has_value());
      BOOST_TEST(again.bytes == bytes);
      BOOST_TEST((again.prefix == sut.prefix));
    }
  }
}

template <class Text, class Before>
void expect_same(std::string_view bytes, Before before) {
  using key_type = larder::table::known_key<Text, Before>;
  if (!key_type::takes(bytes)) return;
  const key_type sut(bytes, before);
  const lookup_key any = sut;
  BOOST_TEST_CONTEXT(bytes.size() << " bytes, of a keyspace: " << any.prefix.has_value()) {
    const std::string stored = in_an_item(any);
    std::string other = stored;
    other.back() = static_cast<char>(other.back() + 1);
    std::string foreign = stored;
    foreign.front() = static_cast<char>(foreign.front() + 1);
    BOOST_TEST(any.is_valid());
    BOOST_TEST(sut.size() == any.size());
    BOOST_TEST(sut.form().bits() == any.form().bits());
    BOOST_TEST(sut.hash(seed) == any.hash(seed));
    BOOST_TEST(sut.difference(stored.data()) == 0u);
    BOOST_TEST(sut.difference(other.data()) != 0u);
    BOOST_TEST(sut.difference(foreign.data()) != 0u);
  }
}

BOOST_AUTO_TEST_CASE(keys_of_which_more_is_known_mean_the_same) {
  support::random_source random(5);
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string bytes = random.bytes(size);
    expect_same<larder::table::usual_text>(bytes, larder::table::no_keyspace{});
    expect_same<larder::table::usual_text>(bytes, larder::table::some_keyspace{prefix});
    expect_same<larder::table::any_text>(bytes, larder::table::no_keyspace{});
    expect_same<larder::table::any_text>(bytes, larder::table::some_keyspace{prefix});
  }
}

BOOST_AUTO_TEST_CASE(of_one_zero_byte_no_key_is_made_of_which_more_is_known) {
  using larder::table::any_text;
  using larder::table::known_key;
  const std::string_view zero("\0", 1);
  BOOST_TEST((!known_key<any_text, larder::table::no_keyspace>::takes(zero)));
  BOOST_TEST(lookup_key{zero}.is_valid());
  BOOST_TEST((known_key<any_text, larder::table::some_keyspace>::takes("k")));
}

BOOST_AUTO_TEST_CASE(no_key_is_empty_or_longer_than_1024_bytes_in_an_item) {
  const std::string bytes(larder::max_key_size + 1, 'k');
  const auto of_size = [&](std::size_t size) { return std::string_view(bytes).substr(0, size); };
  BOOST_TEST(!lookup_key{}.is_valid());
  BOOST_TEST((!lookup_key{{}, prefix}.is_valid()));
  BOOST_TEST((lookup_key{of_size(1), prefix}.is_valid()));
  BOOST_TEST(lookup_key{of_size(1024)}.is_valid());
  BOOST_TEST(!lookup_key{of_size(1025)}.is_valid());
  BOOST_TEST((lookup_key{of_size(1016), prefix}.is_valid()));
  BOOST_TEST((!lookup_key{of_size(1017), prefix}.is_valid()));
}

BOOST_AUTO_TEST_CASE(a_damaged_key_that_is_too_short_for_its_keyspace_is_in_none_that_exists) {
  const lookup_key sut = larder::table::parts_of("short", true);
  BOOST_TEST(!sut.is_valid());
  BOOST_REQUIRE(sut.prefix.has_value());
  BOOST_TEST(larder::layout::keyspace_index(*sut.prefix) == 0xFF'FFFFu);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
