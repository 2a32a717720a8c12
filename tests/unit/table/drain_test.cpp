// Draining pages for a run of several: what is moved out of them, and what names them meanwhile.
#include "table/drain.hpp"

#include <cstring>
#include <string>

#include "support/test.hpp"
#include "table/table.hpp"
#include "unit/memory/bare_segment.hpp"

namespace layout = larder::layout;
namespace mem = larder::memory;
namespace tbl = larder::table;

namespace {

struct fixture : support::bare_segment {
  fixture() : bare_segment(4 * support::mebibyte) {}
  support::attached_actor me{segment, classes, 0};

  // A linked item of so many bytes.
  [[nodiscard]] layout::cell_ref put(const std::string& key, std::size_t size) {
    const layout::item_shape shape(key.size(), false, false, false, size);
    const layout::cell_ref cell = mem::allocate(*me, layout::item_size(shape, size), me->slot->inflight);
    BOOST_REQUIRE(cell != layout::no_cell);
    layout::item& item = *segment.item_at(cell);
    item.shape_bits = shape.bits();
    if (shape.is_large()) item.large_size() = size;
    std::memcpy(item.at(shape.key_offset()), key.data(), key.size());
    const tbl::place at = tbl::place_of(segment, {key});
    const tbl::stripe_lock lock(*me, at.stripe);
    BOOST_REQUIRE(tbl::publish(*me, at, cell, me->slot->inflight));
    return cell;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_FIXTURE_TEST_SUITE(drain, fixture)

// A soak run found pages that nobody finished: to copy the run, pages were claimed for it, by the hint that named those
// that were drained.
BOOST_AUTO_TEST_CASE(pages_stay_named_when_a_run_over_several_pages_is_moved_out_of_them) {
  const std::size_t page = segment.geometry().page_size();
  const std::uint32_t first = segment.page_of(put("a run over two pages", page + page / 2));
  BOOST_REQUIRE(tbl::drain_window(*me, first, 2));
  BOOST_TEST(me->slot->page == first + 1);
  BOOST_TEST(me->slot->page_span == 2u);
  BOOST_TEST(mem::is_page_hinted_by(segment, first + 1, me->slot_index));
  for (const std::uint32_t each : {first, first + 1}) {
    BOOST_TEST((mem::word_of(segment, each).state() == layout::page_state::owned));
    mem::set_free(*me, each);
  }
  mem::clear_page_hint(*me);
}

// A run that crosses the border of a page: its hint names a cell of the first one.
BOOST_AUTO_TEST_CASE(a_page_is_not_cut_anew_while_a_run_that_reaches_into_it_is_being_claimed) {
  const layout::cell_ref run = mem::allocate_run(*me, 64, me->slot->inflight);
  mem::clear_hint(me->slot->inflight);
  const layout::cell_ref next = mem::allocate_run(*me, 64, me->slot->inflight);
  const std::uint32_t page = segment.page_of(next);
  BOOST_REQUIRE(page == segment.page_of(run) + 1);
  mem::free_run(*me, next);
  mem::clear_hint(me->slot->inflight);

  support::attached_actor claimant(segment, classes, 1);
  claimant->slot->run_borders = 1;
  claimant->slot->inflight = run;
  mem::hint_pages(*me, page, 1);
  BOOST_REQUIRE(mem::begin_drain(*me, page));
  BOOST_REQUIRE(mem::claim_free_cells(*me, page, 0) == layout::frames_per_page);
  BOOST_TEST(!mem::own_drained_page(*me, page));
  claimant->slot->run_borders = 0;  // all is claimed, or nothing will be
  BOOST_TEST(mem::own_drained_page(*me, page));
  claimant->slot->inflight = layout::no_cell;
  mem::set_free(*me, page);
  mem::clear_page_hint(*me);
}

BOOST_AUTO_TEST_CASE(an_item_that_reaches_into_a_page_leaves_it) {
  const std::size_t page_size = segment.geometry().page_size();
  BOOST_REQUIRE(put("first", page_size / 2) != layout::no_cell);
  const layout::cell_ref crossing = put("crossing", page_size);
  const std::uint32_t page = segment.page_of(crossing) + 1;
  const std::uint32_t border = page * layout::frames_per_page;
  BOOST_REQUIRE(segment.frame(border) == layout::stamp_tail);
  BOOST_REQUIRE(tbl::drain_window(*me, page, 1));
  BOOST_TEST(segment.frame(border) != layout::stamp_tail);
  BOOST_TEST((mem::word_of(segment, page).state() == layout::page_state::owned));
  const tbl::place at = tbl::place_of(segment, {"crossing"});
  const tbl::spot moved = tbl::locate(segment, at, {"crossing"});
  BOOST_REQUIRE(moved.item != nullptr);
  BOOST_TEST(moved.cell != crossing);
  mem::set_free(*me, page);
  mem::clear_page_hint(*me);
}

BOOST_AUTO_TEST_CASE(a_drain_that_is_abandoned_keeps_a_run_in_limbo_whose_tail_is_in_the_next_page) {
  for (const std::uint64_t frames : {63U, 20U}) {
    const layout::cell_ref run = mem::allocate_run(*me, frames, me->slot->inflight);
    mem::stamp_of(segment, run) = layout::stamp_linked;
    mem::clear_hint(me->slot->inflight);
    if (frames == 63U) continue;
    const std::uint32_t page = segment.page_of(run);
    BOOST_REQUIRE(mem::frame_of(segment, run) % layout::frames_per_page == 63u);  // its head is all that is in the page
    support::attached_actor reader(segment, classes, 1);
    reader->slot->pins[0] = run;
    mem::hint(me->slot->retiring, run);
    mem::retire(*me, run);
    mem::hint_pages(*me, page, 1);
    BOOST_REQUIRE(mem::begin_drain(*me, page));
    BOOST_TEST(mem::claim_free_cells(*me, page, 0) == 0u);
    mem::abandon_drain(*me, page);
    mem::clear_page_hint(*me);
    BOOST_TEST(segment.frame(mem::frame_of(segment, run)) == me->stamp());
    reader->slot->pins[0] = layout::no_cell;
    BOOST_TEST(mem::reclaim(*me) == 1u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
