// Size classes: every size gets the smallest cell that fits it, and little is wasted.
#include <cstdint>
#include <vector>

#include "memory/memory.hpp"
#include "support/test.hpp"

using larder::layout::cell_shift;
using larder::layout::geometry;
using larder::memory::cell_class;
using larder::memory::size_classes;

namespace {

// One capacity for each page size and unit.
std::vector<geometry> all_kinds() {
  std::vector<geometry> all;
  for (std::uint64_t c = larder::layout::smallest_capacity; c <= larder::layout::largest_capacity; c *= 2) {
    all.push_back(larder::layout::plan(c, 0));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)
BOOST_AUTO_TEST_SUITE(classes)

BOOST_AUTO_TEST_CASE(every_request_gets_the_smallest_cell_that_fits) {
  for (const geometry& g : all_kinds()) {
    const size_classes sut(g);
    const std::uint64_t largest = g.page_size() / 8;
    std::size_t wrong = 0;  // counted, not asserted one by one: there are millions
    for (std::size_t size = 1; size <= largest; ++size) {
      const std::uint32_t c = sut.class_for(size);
      wrong += c < 1 || c >= sut.count() || sut[c].size < size || (c > 1 && sut[c - 1].size >= size);
    }
    BOOST_REQUIRE(wrong == 0u);
    BOOST_REQUIRE(sut.class_for(largest + 1) == larder::layout::large_class);
  }
}

BOOST_AUTO_TEST_CASE(cells_lie_behind_their_free_bits_and_inside_their_page) {
  for (const geometry& g : all_kinds()) {
    const size_classes sut(g);
    for (std::uint32_t c = 1; c < sut.count(); ++c) {
      const cell_class& cells = sut[c];
      BOOST_REQUIRE(cells.count > 0u);
      BOOST_REQUIRE(cells.size % (std::uint64_t{1} << g.unit_shift) == 0u);
      BOOST_REQUIRE(cells.area >= cells.bit_words() * 8);
      BOOST_REQUIRE(cells.area + std::uint64_t{cells.count} * cells.size + cell_shift <= g.page_size());
      std::uint32_t wrong = 0;
      for (std::uint32_t i = 0; i < cells.count; ++i) {
        wrong += cells.index_of(cells.area + std::uint64_t{i} * cells.size) != i;
      }
      BOOST_REQUIRE(wrong == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(classes_are_8_bytes_apart_up_to_128_and_about_a_twelfth_above) {
  for (const geometry& g : all_kinds()) {
    const size_classes sut(g);
    const std::uint32_t unit = 1U << g.unit_shift;
    for (std::uint32_t c = 2; c < sut.count(); ++c) {
      const std::uint32_t before = sut[c - 1].size;
      BOOST_REQUIRE(sut[c].size > before);
      if (sut[c].size <= 128) {
        BOOST_REQUIRE(sut[c].size == before + unit);
      } else {
        // A twelfth, and as much again where the tail of the page went to the cells.
        BOOST_REQUIRE_MESSAGE(sut[c].size - before <= 2 * before / 12 + unit,
                              before << " is followed by " << sut[c].size);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_is_used_up_but_for_a_small_tail) {
  for (const geometry& g : all_kinds()) {
    const size_classes sut(g);
    for (std::uint32_t c = 1; c < sut.count(); ++c) {
      const std::uint64_t in_cells = std::uint64_t{sut[c].count} * sut[c].size;
      const std::uint64_t bits = sut[c].count / 8 + 8;
      BOOST_REQUIRE_MESSAGE(in_cells + bits + g.page_size() / 32 >= g.page_size(),
                            sut[c].size << ": " << in_cells << " of " << g.page_size());
    }
  }
}

BOOST_AUTO_TEST_CASE(runs_have_as_many_frames_as_they_need_and_no_more) {
  for (const geometry& g : all_kinds()) {
    const size_classes sut(g);
    for (const std::uint64_t frames : {8U, 9U, 63U, 64U, 65U, 1000U}) {
      const std::uint64_t most = frames * g.frame_size() - cell_shift;
      BOOST_TEST(sut.frames_for(most) == frames);
      BOOST_TEST(sut.frames_for(most + 1) == frames + 1);
    }
    BOOST_TEST(sut.frames_for(sut.largest_request()) <=
               g.page_count / 2 * std::uint64_t{larder::layout::frames_per_page});
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
