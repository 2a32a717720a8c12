// Limbo: a pin keeps back its cell and no other; what limbo has no room for is found again.
#include <algorithm>
#include <vector>

#include "support/test.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::layout::cell_ref;
using larder::layout::no_cell;
using support::attached_actor;
namespace layout = larder::layout;
namespace mem = larder::memory;

namespace {

// One who retires, one who pins; all cells are of one size.
struct fixture : support::bare_segment {
  attached_actor writer{segment, classes, 0};
  attached_actor reader{segment, classes, 1};
  const std::uint32_t capacity = segment.geometry().limbo_capacity;

  [[nodiscard]] std::vector<cell_ref> linked(std::size_t count) {
    std::vector<cell_ref> cells;
    while (cells.size() < count) {
      cells.push_back(mem::allocate(*writer, 100, writer->slot->inflight));
      BOOST_REQUIRE(cells.back() != no_cell);
      mem::stamp_of(segment, cells.back()) = layout::stamp_linked;
      mem::clear_hint(writer->slot->inflight);
    }
    return cells;
  }
  void retire(const std::vector<cell_ref>& cells) {
    for (const cell_ref cell : cells) {
      mem::hint(writer->slot->retiring, cell);
      mem::retire(*writer, cell);
    }
  }
  [[nodiscard]] std::ptrdiff_t count(const std::vector<cell_ref>& cells, std::uint16_t stamp) const {
    return std::ranges::count_if(cells, [&](cell_ref cell) { return mem::stamp_of(segment, cell) == stamp; });
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)
BOOST_FIXTURE_TEST_SUITE(limbo, fixture)

BOOST_AUTO_TEST_CASE(pinned_cells_are_kept_back_and_all_others_freed) {
  const std::vector<cell_ref> cells = linked(10);
  reader->slot->pins[0] = cells[2];
  reader->slot->pins[63] = cells[7];
  retire(cells);
  BOOST_TEST(mem::reclaim(*writer) == 8u);
  BOOST_TEST(mem::stamp_of(segment, cells[2]) == writer->stamp());
  BOOST_TEST(mem::stamp_of(segment, cells[7]) == writer->stamp());
  BOOST_TEST(count(cells, layout::stamp_free) == 8);
  BOOST_TEST(writer->limbo.waiting() == 2u);
  BOOST_TEST(mem::reclaim(*writer) == 0u);
  reader->slot->pins[0] = no_cell;
  BOOST_TEST(mem::reclaim(*writer) == 1u);
  reader->slot->pins[63] = no_cell;
  BOOST_TEST(mem::reclaim(*writer) == 1u);
  BOOST_TEST(count(cells, layout::stamp_free) == 10);
  BOOST_TEST(writer->limbo_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(pins_of_a_free_slot_are_nobodys) {
  const std::vector<cell_ref> cells = linked(1);
  segment.slot(5).pins[0] = cells[0];
  retire(cells);
  BOOST_TEST(mem::reclaim(*writer) == 1u);
  segment.slot(5).pins[0] = no_cell;
}

BOOST_AUTO_TEST_CASE(what_a_full_limbo_cannot_hold_becomes_an_orphan_that_anyone_adopts) {
  const std::vector<cell_ref> cells = linked(capacity + 3);
  for (std::size_t i = 0; i < cells.size(); ++i) reader->slot->pins[i] = cells[i];
  retire(cells);
  BOOST_TEST(mem::limbo_is_full(*writer));
  BOOST_TEST(count(cells, layout::stamp_orphan(writer->slot_index)) == 3);
  BOOST_TEST(mem::reclaim(*writer) == 0u);
  BOOST_TEST(!mem::adopt_orphan(*writer, cells[capacity]));  // no room
  BOOST_TEST(mem::adopt_orphan(*reader, cells[capacity]));
  BOOST_TEST(!mem::adopt_orphan(*reader, cells[capacity]));  // no orphan any more
  BOOST_TEST(!mem::adopt_orphan(*reader, cells[0]));
  for (auto& pin : reader->slot->pins) pin = no_cell;
  BOOST_TEST(mem::reclaim(*reader) == 1u);
  mem::collect_orphans(*reader);
  BOOST_TEST(count(cells, layout::stamp_orphan(writer->slot_index)) == 0);
  BOOST_TEST(mem::reclaim(*writer) == capacity);
  BOOST_TEST(count(cells, layout::stamp_free) == static_cast<std::ptrdiff_t>(cells.size()));
}

BOOST_AUTO_TEST_CASE(what_was_retired_beyond_limbo_is_freed_but_for_what_is_pinned_or_was_anybody_elses) {
  const std::vector<cell_ref> cells = linked(capacity + 10);
  mem::overflow beyond;
  retire(cells);
  for (std::size_t i = capacity; i < cells.size(); ++i) beyond.add(cells[i], 100);
  beyond.add(cells[capacity + 2], 100);  // named twice
  reader->slot->pins[0] = cells[capacity + 2];
  reader->slot->pins[63] = cells[0];
  // Somebody takes one, and leaves it again: what it was meanwhile may be read still.
  BOOST_TEST(mem::adopt_orphan(*reader, cells[capacity + 5]));
  reader->slot->pins[1] = cells[capacity + 5];
  mem::orphan_limbo(*reader);
  reader->slot->pins[1] = no_cell;
  BOOST_TEST(mem::free_overflow(*writer, beyond) == cells.size() - 3);
  BOOST_TEST(beyond.empty());
  BOOST_TEST(mem::stamp_of(segment, cells[0]) == writer->stamp());
  BOOST_TEST(mem::stamp_of(segment, cells[capacity + 2]) == writer->stamp());
  BOOST_TEST(mem::stamp_of(segment, cells[capacity + 5]) == layout::stamp_orphan(reader->slot_index));
  BOOST_TEST(count(cells, layout::stamp_free) == static_cast<std::ptrdiff_t>(cells.size()) - 3);
  reader->slot->pins[0] = reader->slot->pins[63] = no_cell;
  BOOST_TEST(mem::reclaim(*writer) == 2u);
  mem::collect_orphans(*reader);
  BOOST_TEST(count(cells, layout::stamp_free) == static_cast<std::ptrdiff_t>(cells.size()));
}

BOOST_AUTO_TEST_CASE(who_leaves_frees_what_is_not_pinned_and_orphans_the_rest) {
  const std::vector<cell_ref> cells = linked(6);
  reader->slot->pins[0] = cells[4];
  retire(cells);
  mem::orphan_limbo(*writer);
  BOOST_TEST(count(cells, layout::stamp_free) == 5);
  BOOST_TEST(mem::stamp_of(segment, cells[4]) == layout::stamp_orphan(writer->slot_index));
  BOOST_TEST(std::all_of(writer->slot->limbo(), writer->slot->limbo() + capacity,
                         [](const auto& word) { return word == no_cell; }));
  mem::collect_orphans(*reader);
  BOOST_TEST(mem::stamp_of(segment, cells[4]) == layout::stamp_orphan(reader->slot_index));  // its reader still reads
  reader->slot->pins[0] = no_cell;
  mem::collect_orphans(*reader);
  BOOST_TEST(mem::stamp_of(segment, cells[4]) == layout::stamp_free);
}

BOOST_AUTO_TEST_CASE(kept_cells_are_the_threads_own_next_ones_of_that_size) {
  const std::vector<cell_ref> cells = linked(10);
  reader->slot->pins[0] = cells[4];
  retire(cells);
  BOOST_TEST(mem::reclaim_and_keep(*writer) == 9u);
  BOOST_TEST(count(cells, writer->stamp()) == 10);  // nobody else can have them
  const std::vector<cell_ref> next = linked(9);
  for (const cell_ref cell : next) BOOST_TEST((std::ranges::count(cells, cell) == 1 && cell != cells[4]));
  BOOST_TEST(std::ranges::count_if(writer->slot->limbo(), writer->slot->limbo() + capacity,
                                   [](const auto& word) { return word != no_cell; }) == 1);  // the pinned one
  BOOST_TEST(std::ranges::count(cells, linked(1).front()) == 0);
}

BOOST_AUTO_TEST_CASE(kept_cells_that_are_of_no_use_are_free_the_next_time) {
  const std::vector<cell_ref> cells = linked(5);
  retire(cells);
  BOOST_TEST(mem::reclaim_and_keep(*writer) == 5u);
  BOOST_TEST(mem::allocate(*writer, 1000, writer->slot->inflight) != no_cell);  // of another size
  BOOST_TEST(mem::reclaim_and_keep(*writer) == 5u);
  BOOST_TEST(count(cells, layout::stamp_free) == 5);
  BOOST_TEST(mem::reclaim(*writer) == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_kept_leaves_room_for_what_is_retired_next) {
  retire(linked(capacity));
  BOOST_TEST(mem::limbo_is_full(*writer));
  BOOST_TEST(mem::reclaim_and_keep(*writer) == capacity);
  BOOST_TEST(!mem::limbo_is_full(*writer));
  BOOST_TEST(writer->limbo_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(the_fence_of_another_thread_serves_for_what_waited_before_it) {
  const std::vector<cell_ref> before = linked(capacity / 2);
  const std::vector<cell_ref> after = linked(capacity - before.size());
  reader->slot->pins[0] = before[1];
  retire(before);
  mem::tend_limbo(*writer, false);
  BOOST_TEST(writer->limbo.marked() == before.size());
  BOOST_REQUIRE(mem::everybody_fenced(segment));  // somebody else
  const std::uint64_t fences = segment.header().fences_begun;
  retire(after);
  mem::tend_limbo(*writer, false);
  BOOST_TEST(segment.header().fences_begun == fences);
  BOOST_TEST(count(before, layout::stamp_free) == static_cast<std::ptrdiff_t>(before.size()) - 1);
  BOOST_TEST(count(after, layout::stamp_free) == 0);
  BOOST_TEST(writer->limbo_bytes == (after.size() + 1) * mem::cell_bytes(*writer, after[0]));
  // The rest is marked now, and the next fence serves for that.
  BOOST_TEST(writer->limbo.marked() == after.size());
  reader->slot->pins[0] = no_cell;
  BOOST_REQUIRE(mem::everybody_fenced(segment));
  retire(linked(before.size() - 1));
  mem::tend_limbo(*writer, false);
  BOOST_TEST(segment.header().fences_begun == fences + 1);
  BOOST_TEST(count(after, layout::stamp_free) == static_cast<std::ptrdiff_t>(after.size()));
}

BOOST_AUTO_TEST_CASE(who_finds_no_fence_since_its_mark_makes_one_for_all_that_waits) {
  const std::vector<cell_ref> cells = linked(capacity);
  BOOST_REQUIRE(mem::everybody_fenced(segment));  // too early
  const std::uint64_t fences = segment.header().fences_begun;
  for (const cell_ref cell : cells) {
    retire({cell});
    if (cell != cells.back()) mem::tend_limbo(*writer, false);
  }
  BOOST_TEST(count(cells, layout::stamp_free) == 0);
  mem::tend_limbo(*writer, false);
  BOOST_TEST(segment.header().fences_begun == fences + 1);
  BOOST_TEST(segment.header().fences_ended == fences + 1);
  BOOST_TEST(count(cells, layout::stamp_free) == static_cast<std::ptrdiff_t>(cells.size()));
}

BOOST_AUTO_TEST_CASE(what_is_kept_behind_a_shared_fence_leaves_room_beside_what_still_waits) {
  retire(linked(capacity / 2));
  mem::tend_limbo(*writer, true);
  BOOST_REQUIRE(mem::everybody_fenced(segment));
  retire(linked(capacity - capacity / 2));
  mem::tend_limbo(*writer, true);
  BOOST_TEST(writer->limbo.kept() > 0u);
  BOOST_TEST(writer->limbo.kept() + writer->limbo.waiting() + capacity / 8 <= capacity);
  BOOST_TEST(!mem::limbo_is_due(*writer));
}

BOOST_AUTO_TEST_CASE(a_kept_cell_goes_back_to_a_page_that_is_drained) {
  const std::vector<cell_ref> cells = linked(3);
  retire(cells);
  BOOST_TEST(mem::reclaim_and_keep(*writer) == 3u);
  const std::uint32_t page = segment.page_of(cells[0]);
  mem::hint_pages(*reader, page, 1);
  BOOST_REQUIRE(mem::begin_drain(*reader, page));
  BOOST_TEST(segment.page_of(mem::allocate(*writer, 100, writer->slot->inflight)) != page);
  BOOST_TEST(count(cells, layout::stamp_free) == 3);
  mem::abandon_drain(*reader, page);
  mem::clear_page_hint(*reader);
}

BOOST_AUTO_TEST_CASE(runs_go_through_limbo_whole) {
  const cell_ref run = mem::allocate_run(*writer, 20, writer->slot->inflight);
  mem::stamp_of(segment, run) = layout::stamp_linked;
  mem::clear_hint(writer->slot->inflight);
  reader->slot->pins[3] = run;
  retire({run});
  BOOST_TEST(mem::reclaim(*writer) == 0u);
  BOOST_TEST(mem::run_length(segment, run) == 20u);
  reader->slot->pins[3] = no_cell;
  BOOST_TEST(mem::reclaim(*writer) == 1u);
  BOOST_TEST(segment.frame(mem::frame_of(segment, run) + 19) == layout::stamp_free);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
