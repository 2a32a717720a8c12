// Memory that a forked child finds wiped.
#include <algorithm>
#include <cstring>

#include "platform/platform.hpp"
#include "support/child.hpp"
#include "support/test.hpp"

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(wiped_memory)

BOOST_AUTO_TEST_CASE(a_forked_child_and_its_child_read_zeroes_and_the_parent_what_it_wrote) {
  constexpr std::size_t size = 3 * larder::platform::wiped_alignment;
  auto* memory = static_cast<unsigned char*>(larder::platform::allocate_wiped(size));
  BOOST_REQUIRE(memory != nullptr);
  const auto all_are = [memory](unsigned char byte) {
    return std::all_of(memory, memory + size, [=](unsigned char b) { return b == byte; });
  };
  BOOST_TEST(all_are(0));
  std::memset(memory, 7, size);
  support::child child = support::child::fork([&] {
    support::require(all_are(0), "the child's memory is zero");
    std::memset(memory, 8, size);
    support::child grandchild = support::child::fork([&] { return all_are(0) ? 0 : 1; });
    support::require(grandchild.wait() == 0, "the grandchild's memory is zero");
    return all_are(8) ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(all_are(7));
  larder::platform::free_wiped(memory, size);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
