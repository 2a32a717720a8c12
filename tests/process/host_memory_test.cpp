// Segments as large as the host has memory, and larger.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "support/test.hpp"

using larder::status;

namespace {

constexpr std::size_t gibibyte = std::size_t{1} << 30;

std::uint64_t free_shared_memory() {
  struct statvfs info {};
  BOOST_REQUIRE(::statvfs("/dev/shm", &info) == 0);
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

std::uint64_t memory_taken(const std::string& path) {
  struct stat file {};
  BOOST_REQUIRE(::stat(path.c_str(), &file) == 0);
  return static_cast<std::uint64_t>(file.st_blocks) * 512;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(host_memory)

BOOST_AUTO_TEST_CASE(more_than_the_host_has_is_an_error_that_says_what_to_do) {
  support::temp_name name;
  const std::uint64_t before = free_shared_memory();
  const larder::create_options options = support::small(before + 2 * gibibyte);
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::create(name.str(), options)), larder::error,
                        support::failure(status::no_memory, "--shm-size"));
  BOOST_CHECK_EXCEPTION(static_cast<void>(larder::cache::open_or_create(name.str(), options)), larder::error,
                        support::failure(status::no_memory));
  BOOST_TEST(!name.exists());
  BOOST_TEST(free_shared_memory() + gibibyte > before, "what was tried has been given back");
}

BOOST_AUTO_TEST_CASE(memory_is_taken_at_creation_unless_asked_otherwise) {
  const support::temp_cache reserved(support::small(8 * support::mebibyte));
  BOOST_TEST(memory_taken(reserved.path()) >= 8 * support::mebibyte * 99 / 100);
  larder::create_options options = support::small(8 * support::mebibyte);
  options.reserve_memory = false;
  const support::temp_cache sparse(options);
  BOOST_TEST(memory_taken(sparse.path()) < 4 * support::mebibyte);
}

BOOST_AUTO_TEST_CASE(a_sparse_segment_of_64_GiB_works) {
  larder::create_options options = support::small(64 * gibibyte);
  options.reserve_memory = false;
  support::temp_cache sut(options);
  BOOST_TEST(sut->stats().capacity == 64 * gibibyte);
  for (int i = 0; i < 10'000; ++i)
    BOOST_REQUIRE(sut->put("key" + std::to_string(i), "value" + std::to_string(i)) == status::ok);
  larder::cache again = larder::cache::open(sut.name());
  for (int i = 0; i < 10'000; ++i)
    BOOST_REQUIRE(again.get("key" + std::to_string(i)).view() == "value" + std::to_string(i));
  BOOST_TEST(memory_taken(sut.path()) < 2 * gibibyte);
}

BOOST_AUTO_TEST_CASE(a_value_may_be_larger_than_4_GiB) {
  larder::create_options options = support::small(64 * gibibyte);
  options.reserve_memory = false;
  support::temp_cache sut(options);
  constexpr std::size_t size = 5 * gibibyte;
  auto room = sut->reserve("large", size);
  BOOST_REQUIRE(room.has_value());
  room->bytes().front() = std::byte{1};
  room->bytes().back() = std::byte{2};
  BOOST_TEST(room->commit() == status::ok);
  const larder::read_handle stored = sut->get("large");
  BOOST_TEST(stored.bytes().size() == size);
  BOOST_TEST((stored.bytes().front() == std::byte{1} && stored.bytes().back() == std::byte{2}));
  BOOST_TEST(memory_taken(sut.path()) < 2 * gibibyte);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
