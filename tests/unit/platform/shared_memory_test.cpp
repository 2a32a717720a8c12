// Named shared memory: nobody sees it half made, and one of many makers wins.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "platform/platform.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

namespace sut = larder::platform;

namespace {

constexpr std::size_t size = 64 * 1024;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

// MiB of addresses that this process uses.
std::size_t mebibytes_mapped() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages;
  return pages / 256;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(shared_memory)

BOOST_AUTO_TEST_CASE(names_that_are_no_file_names_are_refused_with_a_reason) {
  using namespace std::string_literals;
  for (const std::string& bad : {""s, "."s, ".."s, "a/b"s, "/a"s, "a\0b"s, std::string(201, 'n')})
    BOOST_TEST(!sut::name_problem(bad).empty());
  for (const std::string& good : {"a"s, "..."s, ".hidden"s, "with space"s, "caf\xC3\xA9"s, std::string(200, 'n')}) {
    BOOST_TEST(sut::name_problem(good) == "");
  }
}

BOOST_AUTO_TEST_CASE(what_is_unnamed_is_not_found_and_what_is_linked_is_whole) {
  const support::temp_name name;
  std::error_code why;
  const sut::descriptor object = sut::make_unnamed(size, 0600);
  BOOST_TEST(sut::size_of(object) == size);
  BOOST_TEST(sut::open_named(name.str(), sut::access::read_write, why).get() == -1);
  BOOST_TEST((why == std::errc::no_such_file_or_directory));
  BOOST_TEST(sut::reserve_memory(object, size));
  const sut::mapping writer(object, sut::access::read_write, size, size);
  writer.base()[size - 1] = std::byte{42};
  BOOST_TEST(!sut::link_name(object, name.str()));
  why.clear();
  const sut::descriptor opened = sut::open_named(name.str(), sut::access::read_only, why);
  BOOST_TEST(!why);
  const sut::mapping reader(opened, sut::access::read_only, size, size);
  BOOST_TEST(reader.size() == size);
  BOOST_TEST((reader.base()[size - 1] == std::byte{42}));
  std::byte last[2]{};
  BOOST_TEST(sut::read_at(opened, last, 2, size - 1) == 1u);
  BOOST_TEST((last[0] == std::byte{42}));
  BOOST_TEST(sut::remove_name(name.str()));
  BOOST_TEST(!sut::remove_name(name.str()));
}

BOOST_AUTO_TEST_CASE(behind_a_mapping_there_are_zeroes_which_go_with_it) {
  for (const std::size_t used : {mebibyte, mebibyte + 1, 3 * mebibyte}) {
    const sut::descriptor object = sut::make_unnamed(used, 0600);
    const std::size_t before = mebibytes_mapped();
    for (int i = 0; i < 100; ++i) {
      const sut::mapping memory(object, sut::access::read_write, used, 4 * mebibyte);
      BOOST_TEST(reinterpret_cast<std::uintptr_t>(memory.base()) % (2 * mebibyte) == 0u);
      memory.base()[used - 1] = std::byte{1};
      const std::byte* base = memory.base();
      BOOST_TEST(std::all_of(base + used, base + 4 * mebibyte, [](std::byte b) { return b == std::byte{0}; }));
    }
    BOOST_TEST(mebibytes_mapped() < before + 20);  // the heap may have grown a little
  }
}

BOOST_AUTO_TEST_CASE(one_of_many_who_link_a_name_wins) {
  constexpr int makers = 8;
  for (int round = 0; round < 50; ++round) {
    const support::temp_name name;
    support::start_gate gate{};
    std::atomic<int> winner{-1}, losers{0};
    std::vector<std::jthread> threads;
    for (int maker = 0; maker < makers; ++maker) {
      threads.emplace_back([&, maker] {
        const sut::descriptor object = sut::make_unnamed(size, 0600);
        *sut::mapping(object, sut::access::read_write, size, size).base() = static_cast<std::byte>(maker);
        gate.meet(makers);
        const std::error_code why = sut::link_name(object, name.str());
        if (!why) winner = maker;
        losers += why == std::errc::file_exists;
      });
    }
    threads.clear();
    BOOST_TEST(losers == makers - 1);
    std::error_code why;
    std::byte first{};
    BOOST_TEST(sut::read_at(sut::open_named(name.str(), sut::access::read_only, why), &first, 1, 0) == 1u);
    BOOST_TEST(static_cast<int>(first) == winner);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_shared_memory_has_no_size) {
  std::error_code why;
  BOOST_TEST(sut::duplicate(-1, why).get() == -1);
  BOOST_TEST((why == std::errc::bad_file_descriptor));
  int ends[2]{};
  BOOST_REQUIRE(::pipe(ends) == 0);
  const sut::descriptor reading(ends[0]), writing(ends[1]);
  BOOST_TEST(sut::size_of(reading) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
