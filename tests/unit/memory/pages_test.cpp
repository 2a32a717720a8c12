// Pages on their way between classes: drained, given up, given back for the dead.
#include <vector>

#include "support/test.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::layout::cell_ref;
using larder::layout::no_cell;
using larder::layout::page_state;
using support::attached_actor;
namespace layout = larder::layout;
namespace mem = larder::memory;

namespace {

struct fixture : support::bare_segment {
  attached_actor mover{segment, classes, 0};
  attached_actor other{segment, classes, 1};
  const std::uint32_t size_class = classes.class_for(100);
  const std::uint32_t page = mem::claim_page(*mover, size_class);

  [[nodiscard]] page_state state() const { return mem::word_of(segment, page).state(); }
  [[nodiscard]] std::uint32_t free_cells() const {
    std::uint32_t free = 0;
    mem::for_each_cell(segment, classes, page,
                       [&](cell_ref, const layout::atomic_stamp& stamp) { free += stamp == layout::stamp_free; });
    return free;
  }
  [[nodiscard]] cell_ref take(attached_actor& who) {
    const cell_ref cell = mem::allocate(*who, 100, who->slot->inflight);
    who->slot->inflight = no_cell;
    return cell;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)
BOOST_FIXTURE_TEST_SUITE(pages, fixture)

BOOST_AUTO_TEST_CASE(an_empty_page_is_drained_and_cut_anew) {
  mem::hint_pages(*mover, page, 1);
  BOOST_REQUIRE(mem::begin_drain(*mover, page));
  BOOST_TEST(!mem::begin_drain(*other, page));
  const std::uint32_t claimed = mem::claim_free_cells(*mover, page, 0);
  BOOST_TEST(claimed == mem::cells_in(*mover, page));
  BOOST_REQUIRE(mem::own_drained_page(*mover, page));
  BOOST_TEST((state() == page_state::owned));
  mem::give_to_class(*mover, page, classes.class_for(300));
  mem::clear_page_hint(*mover);
  BOOST_TEST(mem::word_of(segment, page).size_class() == classes.class_for(300));
  BOOST_TEST(free_cells() == classes[classes.class_for(300)].count);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_from_a_page_that_is_drained) {
  BOOST_REQUIRE(mem::begin_drain(*mover, page));
  const cell_ref elsewhere = take(other);
  BOOST_TEST(segment.page_of(elsewhere) != page);
  mem::abandon_drain(*mover, page);
}

BOOST_AUTO_TEST_CASE(a_page_that_somebody_names_is_not_owned) {
  const cell_ref cell = take(other);
  BOOST_REQUIRE(segment.page_of(cell) == page);
  mem::free_cell(*other, cell);
  BOOST_REQUIRE(mem::begin_drain(*mover, page));
  BOOST_TEST(mem::claim_free_cells(*mover, page, 0) == mem::cells_in(*mover, page));
  for (layout::atomic_ref32* word : {&other->slot->pins[9], &other->slot->inflight, &other->slot->copy,
                                     &other->slot->retiring, &other->slot->reserved[7]}) {
    *word = cell;
    BOOST_TEST(!mem::own_drained_page(*mover, page));
    *word = no_cell;
  }
  BOOST_TEST(mem::own_drained_page(*mover, page));
}

BOOST_AUTO_TEST_CASE(a_drain_that_is_given_up_frees_what_it_claimed_and_nothing_else) {
  const cell_ref used = take(other);
  mem::stamp_of(segment, used) = layout::stamp_linked;
  const std::uint32_t before = free_cells();
  BOOST_REQUIRE(mem::begin_drain(*mover, page));
  BOOST_TEST(mem::claim_free_cells(*mover, page, 0) == before);
  mem::abandon_drain(*mover, page);
  BOOST_TEST((state() == page_state::cells));
  BOOST_TEST(free_cells() == before);
  BOOST_TEST(mem::stamp_of(segment, used) == layout::stamp_linked);
}

BOOST_AUTO_TEST_CASE(what_a_dead_mover_left_is_given_back_once) {
  const std::uint32_t before = free_cells();
  BOOST_REQUIRE(mem::begin_drain(*mover, page));
  static_cast<void>(mem::claim_free_cells(*mover, page, 0));
  for (int again = 0; again < 2; ++again) {
    mem::give_back_page(*other, page, mover->slot_index);
    BOOST_TEST((state() == page_state::cells));
    BOOST_TEST(free_cells() == before);
  }
  const std::uint32_t free_page = page + 1;
  BOOST_REQUIRE(mem::own_free_page(*mover, free_page));
  const std::uint32_t free_pages = segment.header().free_pages;
  mem::give_back_page(*other, free_page, other->slot_index);  // not that one's
  BOOST_TEST((mem::word_of(segment, free_page).state() == page_state::owned));
  mem::give_back_page(*other, free_page, mover->slot_index);
  BOOST_TEST((mem::word_of(segment, free_page).state() == page_state::free));
  BOOST_TEST(segment.header().free_pages == free_pages + 1);
}

BOOST_AUTO_TEST_CASE(every_page_is_claimed_once) {
  std::uint32_t claimed = 1;
  while (mem::claim_page(claimed % 2 != 0 ? *mover : *other, size_class) != layout::no_page) ++claimed;
  BOOST_TEST(claimed == segment.geometry().page_count);
  BOOST_TEST(segment.header().free_pages == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
