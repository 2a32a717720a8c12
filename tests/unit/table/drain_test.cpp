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
    const tbl::place at = tbl::place_of(segment, tbl::hash_of(segment, key));
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

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
