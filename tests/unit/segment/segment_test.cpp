// The segment: what it maps is what was planned, and a header that is not what this build writes is refused.
#include "segment/segment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "support/test.hpp"

using larder::segment;
using larder::platform::access;

BOOST_AUTO_TEST_SUITE(segments)

BOOST_AUTO_TEST_CASE(references_and_offsets_lead_to_each_other) {
  const support::temp_name name;
  const segment sut = segment::create(name.str(), support::small(8 * support::mebibyte));
  const larder::layout::geometry& g = sut.geometry();
  const std::uint64_t unit = std::uint64_t{1} << g.unit_shift;
  for (std::uint32_t page = 0; page < g.page_count; ++page) {
    for (const std::uint64_t inside : {std::uint64_t{0}, unit, g.page_size() - unit}) {
      const larder::layout::cell_ref cell = sut.ref_of(sut.page_offset(page) + inside);
      BOOST_REQUIRE(sut.in_pages(cell));
      BOOST_REQUIRE(sut.page_of(cell) == page);
      BOOST_REQUIRE(sut.offset_of(cell) == sut.page_offset(page) + inside);
    }
  }
  BOOST_TEST(!sut.in_pages(larder::layout::no_cell));
  BOOST_TEST(!sut.in_pages(sut.ref_of(g.pages) - 1));
  BOOST_TEST(!sut.in_pages(sut.ref_of(sut.page_offset(g.page_count))));
  BOOST_TEST(!sut.in_pages(0xFFFF'FFFF));
}

BOOST_AUTO_TEST_CASE(a_range_is_held_only_if_all_of_it_is) {
  const support::temp_name name;
  const segment sut = segment::create(name.str(), support::small(support::mebibyte));
  const std::byte* base = sut.base();
  BOOST_TEST(sut.holds(base, support::mebibyte));
  BOOST_TEST(sut.holds(base + support::mebibyte, 0));
  BOOST_TEST(!sut.holds(base, support::mebibyte + 1));
  BOOST_TEST(!sut.holds(base + support::mebibyte - 1, 2));
  BOOST_TEST(!sut.holds(base + 8, ~std::uint64_t{0}));
  BOOST_TEST(!sut.holds(base - 1, 1));
}

BOOST_AUTO_TEST_CASE(wherever_a_damaged_word_leads_a_reader_there_is_something_to_read) {
  for (const std::size_t capacity : {support::mebibyte, 8 * support::mebibyte, 20 * support::mebibyte}) {
    const support::temp_name name;
    const segment sut = segment::create(name.str(), support::small(capacity));
    const larder::reading_map& map = sut.map();
    BOOST_TEST(map.line_mask >= capacity / 64 - 1);  // all lines and cells of a sound segment are led to
    BOOST_TEST(map.cell_mask >= map.end_of_cells - 1);
    const auto* lines = reinterpret_cast<const larder::layout::bucket*>(sut.base());
    const larder::layout::bucket& farthest = lines[map.line_mask + larder::layout::max_buckets_per_stripe];
    BOOST_TEST(farthest.words[6].load() == 0u);
    const std::byte* item = sut.base() + sut.offset_of(map.cell_mask) + larder::layout::cell_shift;
    BOOST_TEST(std::all_of(item, item + 12 + 1024 + 65535, [](std::byte b) { return b == std::byte{0}; }));
  }
}

BOOST_AUTO_TEST_CASE(openers_find_what_was_made) {
  const support::temp_name name;
  const segment made = segment::create(name.str(), support::small(3 * support::mebibyte + 12'345));
  const segment sut = segment::open(name.str(), access::read_only);
  BOOST_TEST((sut.geometry() == made.geometry()));
  BOOST_TEST(sut.seed().a == made.seed().a);
  BOOST_TEST(sut.base() != made.base());
  BOOST_TEST((sut.header().fixed.id == made.header().fixed.id));
  made.stripe(3).changes = 77;
  BOOST_TEST(sut.stripe(3).changes == 77u);
}

BOOST_AUTO_TEST_CASE(openers_find_what_a_full_cache_does) {
  for (const larder::full_policy policy : {larder::full_policy::evict, larder::full_policy::refuse}) {
    const support::temp_name name;
    larder::create_options options = support::small(support::mebibyte);
    options.when_full = policy;
    BOOST_TEST(segment::create(name.str(), options).refuses_when_full() == (policy == larder::full_policy::refuse));
    BOOST_TEST(segment::open(name.str(), access::read_only).refuses_when_full() ==
               (policy == larder::full_policy::refuse));
  }
}

#if !LARDER_DEGENERATE_HASH  // whose check sum has 16 values only

BOOST_AUTO_TEST_CASE(a_change_of_any_byte_of_the_fixed_header_is_found) {
  const support::temp_name name;
  static_cast<void>(segment::create(name.str(), support::small(support::mebibyte)));
  const larder::platform::descriptor file(::open(name.path().c_str(), O_RDWR | O_CLOEXEC));
  for (off_t at = 0; at < static_cast<off_t>(sizeof(larder::layout::fixed_header)); ++at) {
    unsigned char byte = 0;
    BOOST_REQUIRE(::pread(file.get(), &byte, 1, at) == 1);
    for (const unsigned char flip : {0x01, 0x80}) {
      const auto other = static_cast<unsigned char>(byte ^ flip);
      BOOST_REQUIRE(::pwrite(file.get(), &other, 1, at) == 1);
      BOOST_CHECK_THROW(static_cast<void>(segment::open(name.str(), access::read_only)), larder::error);
    }
    BOOST_REQUIRE(::pwrite(file.get(), &byte, 1, at) == 1);
  }
  BOOST_CHECK_NO_THROW(static_cast<void>(segment::open(name.str(), access::read_only)));
}

#endif

BOOST_AUTO_TEST_SUITE_END()
