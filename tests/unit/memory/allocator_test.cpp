// The allocator: every cell is handed out once, and comes back.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::layout::cell_ref;
using larder::layout::no_cell;
using support::attached_actor;
using support::bare_segment;
namespace mem = larder::memory;

namespace {

cell_ref take(mem::actor& me, std::size_t size) {
  const cell_ref cell = mem::allocate(me, size, me.slot->inflight);
  if (cell != no_cell) BOOST_REQUIRE(me.slot->inflight == cell);
  me.slot->inflight = no_cell;
  return cell;
}

std::vector<cell_ref> take_all(mem::actor& me, std::size_t size) {
  std::vector<cell_ref> cells;
  while (const cell_ref cell = take(me, size)) cells.push_back(cell);
  return cells;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory)
BOOST_AUTO_TEST_SUITE(allocator)

BOOST_DATA_TEST_CASE(all_cells_of_all_pages_are_handed_out_once_and_again_once_they_are_free,
                     boost::unit_test::data::make({1, 24, 25, 100, 128, 129, 400, 511}), size) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  const mem::cell_class& expected = sut.classes[sut.classes.class_for(static_cast<std::size_t>(size))];
  for (int round = 0; round < 3; ++round) {
    const std::vector<cell_ref> cells = take_all(*me, static_cast<std::size_t>(size));
    BOOST_TEST(cells.size() == std::size_t{expected.count} * sut.segment.geometry().page_count);
    BOOST_TEST(std::set<cell_ref>(cells.begin(), cells.end()).size() == cells.size());
    for (const cell_ref cell : cells) {
      BOOST_REQUIRE(mem::is_cell(sut.segment, sut.classes, cell));
      BOOST_REQUIRE(mem::stamp_of(sut.segment, cell) == me->stamp());
      BOOST_REQUIRE(mem::cell_bytes(*me, cell) == expected.size);
    }
    for (const cell_ref cell : cells) mem::free_cell(*me, cell);
  }
}

BOOST_AUTO_TEST_CASE(one_free_cell_among_thousands_is_found) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  const std::vector<cell_ref> cells = take_all(*me, 60);
  support::random_source random(7);
  for (int i = 0; i < 300; ++i) {
    const cell_ref cell = cells[random.number(cells.size())];
    mem::free_cell(*me, cell);
    if (random.one_in(2)) me->page_cursor[sut.classes.class_for(60)] = 0;  // as a thread that did not free it
    BOOST_REQUIRE(take(*me, 60) == cell);
    BOOST_REQUIRE(take(*me, 60) == no_cell);
  }
}

BOOST_AUTO_TEST_CASE(a_free_bit_that_is_set_in_vain_costs_nothing_but_a_look) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  const std::vector<cell_ref> cells = take_all(*me, 200);
  for (std::uint32_t page = 0; page < sut.segment.geometry().page_count; ++page) {
    mem::free_bits(sut.segment, page)[0] = ~std::uint64_t{0};  // bits of cells that do not exist, too
    sut.segment.entry(page).may_have_free = 1;
  }
  sut.segment.class_of(sut.classes.class_for(200)).may_have_free = 1;
  BOOST_TEST(take(*me, 200) == no_cell);
  mem::free_cell(*me, cells[5]);
  BOOST_TEST(take(*me, 200) == cells[5]);
}

// Each cell has a mark in private memory that its holder sets and clears: two holders would find it set.
BOOST_AUTO_TEST_CASE(several_threads_never_hold_the_same_cell_and_forget_none) {
  constexpr std::uint32_t crew = 4;
  bare_segment sut(2 * support::mebibyte);
  const std::size_t units = sut.segment.geometry().capacity >> sut.segment.geometry().unit_shift;
  const auto held = std::make_unique<std::atomic<bool>[]>(units);
  std::atomic<int> held_twice{0};
  support::start_gate gate{};
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 0; t < crew; ++t) {
    threads.emplace_back([&, t] {
      attached_actor me(sut.segment, sut.classes, t);
      support::random_source random(10 + t);
      std::vector<cell_ref> mine;
      gate.meet(crew);
      for (int i = 0; i < 60'000; ++i) {
        const std::size_t size = random.one_in(50) ? 3000 : 90;  // runs, too
        if (const cell_ref cell = random.number(100) < 55 ? mem::allocate(*me, size, me->slot->inflight) : no_cell) {
          held_twice += held[cell].exchange(true);
          mem::clear_hint(me->slot->inflight);
          mine.push_back(cell);
        } else if (!mine.empty()) {
          std::swap(mine[random.number(mine.size())], mine.back());
          held[mine.back()] = false;
          mem::free_cell(*me, mine.back());
          mine.pop_back();
        }
      }
      for (const cell_ref cell : mine) {
        held[cell] = false;
        mem::free_cell(*me, cell);
      }
    });
  }
  threads.clear();
  BOOST_TEST(held_twice == 0);
  attached_actor me(sut.segment, sut.classes, 0);
  std::uint32_t pages_of_class = sut.segment.header().free_pages;
  const std::uint32_t size_class = sut.classes.class_for(90);
  for (std::uint32_t page = 0; page < sut.segment.geometry().page_count; ++page) {
    const larder::layout::page_word word = mem::word_of(sut.segment, page);
    pages_of_class += word.state() == larder::layout::page_state::cells && word.size_class() == size_class;
  }
  BOOST_TEST(take_all(*me, 90).size() == std::size_t{pages_of_class} * sut.classes[size_class].count);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(runs)

BOOST_AUTO_TEST_CASE(a_run_is_a_head_and_its_tails_and_leaves_nothing) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  std::vector<std::uint64_t> lengths(64);
  std::iota(lengths.begin(), lengths.end(), 1);
  for (const std::uint64_t over_pages : {65U, 100U, 127U, 128U, 129U, 640U}) lengths.push_back(over_pages);
  for (const std::uint64_t frames : lengths) {
    const cell_ref cell = mem::allocate_run(*me, frames, me->slot->inflight);
    BOOST_REQUIRE(cell != no_cell);
    BOOST_REQUIRE(mem::run_length(sut.segment, cell) == frames);
    const std::uint32_t first = mem::frame_of(sut.segment, cell);
    BOOST_REQUIRE(mem::cell_of_frame(sut.segment, first) == cell);
    BOOST_REQUIRE(sut.segment.frame(first) == me->stamp());
    for (std::uint32_t i = 1; i < frames; ++i)
      BOOST_REQUIRE(sut.segment.frame(first + i) == larder::layout::stamp_tail);
    mem::free_run(*me, cell);
    mem::clear_hint(me->slot->inflight);
    for (std::uint32_t i = 0; i < frames; ++i)
      BOOST_REQUIRE(sut.segment.frame(first + i) == larder::layout::stamp_free);
  }
}

BOOST_AUTO_TEST_CASE(runs_never_overlap_and_fill_what_is_there) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  support::random_source random(11);
  std::vector<cell_ref> runs;
  std::vector<bool> taken(std::size_t{sut.segment.geometry().page_count} * 64);
  const auto mark = [&](cell_ref cell, bool to) {
    const std::uint32_t first = mem::frame_of(sut.segment, cell);
    for (std::uint32_t i = 0; i < mem::run_length(sut.segment, cell); ++i) {
      BOOST_REQUIRE(taken[first + i] != to);
      taken[first + i] = to;
    }
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t frames = random.one_in(20) ? 65 + random.number(100) : 8 + random.number(57);
    if (const cell_ref cell = random.number(100) < 52 ? mem::allocate_run(*me, frames, me->slot->inflight) : no_cell) {
      BOOST_REQUIRE(mem::run_length(sut.segment, cell) == frames);
      mark(cell, true);
      runs.push_back(cell);
    } else if (!runs.empty()) {
      std::swap(runs[random.number(runs.size())], runs.back());
      mark(runs.back(), false);
      mem::free_run(*me, runs.back());
      runs.pop_back();
    }
    BOOST_REQUIRE((me->slot->page == 0));
  }
  for (const cell_ref cell : runs) mem::free_run(*me, cell);
  // Whole pages again: one run for each.
  std::vector<cell_ref> whole;
  while (const cell_ref cell = mem::allocate_run(*me, 64, me->slot->inflight)) whole.push_back(cell);
  BOOST_TEST(whole.size() == sut.segment.geometry().page_count);
  for (const cell_ref cell : whole) mem::free_run(*me, cell);
  // And over their borders: nothing is left but what is too short, at the end and where the search began.
  const std::uint32_t frames = sut.segment.geometry().page_count * 64;
  std::uint32_t count = 0;
  while (mem::allocate_run(*me, 17, me->slot->inflight) != no_cell) ++count;
  BOOST_TEST(count >= frames / 17 - 1);
}

BOOST_AUTO_TEST_CASE(a_run_longer_than_a_page_begins_where_the_last_one_ends) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  const std::uint32_t frames = sut.segment.geometry().page_count * 64;
  std::uint32_t next = 0;
  while (const cell_ref cell = mem::allocate_run(*me, 65, me->slot->inflight)) {
    BOOST_TEST(mem::frame_of(sut.segment, cell) == next);
    next += 65;
  }
  BOOST_TEST(next == frames / 65 * 65);
}

// A search that has found no room in a page does not look there again until something is freed that makes room.
BOOST_AUTO_TEST_CASE(frames_that_become_free_are_found_whatever_page_the_room_begins_in) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  support::random_source random(12);
  std::vector<cell_ref> runs;
  while (const cell_ref cell = mem::allocate_run(*me, 16, me->slot->inflight)) runs.push_back(cell);
  const auto frees = [&](std::size_t i) { mem::free_run(*me, runs[i]); };
  for (int i = 0; i < 1'000; ++i) {
    // Frees neighbours in any order; none of them alone is room enough.
    const std::size_t at = random.number(runs.size() - 4);
    std::array<std::size_t, 4> order = {at, at + 1, at + 2, at + 3};
    for (std::size_t k = 3; k > 0; --k) std::swap(order[k], order[random.number(k + 1)]);
    for (const std::size_t k : order) {
      BOOST_REQUIRE(mem::allocate_run(*me, 64, me->slot->inflight) == no_cell);
      frees(k);
    }
    const cell_ref whole = mem::allocate_run(*me, 64, me->slot->inflight);
    BOOST_REQUIRE(whole == runs[at]);
    mem::free_run(*me, whole);
    for (std::size_t k = at; k < at + 4; ++k) runs[k] = mem::allocate_run(*me, 16, me->slot->inflight);
    BOOST_REQUIRE(std::is_sorted(runs.begin() + static_cast<std::ptrdiff_t>(at),
                                 runs.begin() + static_cast<std::ptrdiff_t>(at) + 4));
  }
}

// As recovery does it for one who died between taking the bound back and looking again.
BOOST_AUTO_TEST_CASE(free_frames_are_found_again_when_all_pages_may_have_some) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  std::vector<cell_ref> runs;
  while (const cell_ref cell = mem::allocate_run(*me, 16, me->slot->inflight)) runs.push_back(cell);
  mem::free_run(*me, runs[20]);
  for (std::uint32_t page = 0; page < sut.segment.geometry().page_count; ++page)
    sut.segment.entry(page).may_have_free = 0;
  BOOST_TEST(mem::allocate_run(*me, 16, me->slot->inflight) == no_cell);
  mem::expect_free_cells(sut.segment);
  BOOST_TEST(mem::allocate_run(*me, 16, me->slot->inflight) == runs[20]);
}

BOOST_AUTO_TEST_CASE(a_run_may_cross_the_border_of_a_page_and_says_so_while_it_is_claimed) {
  bare_segment sut;
  attached_actor me(sut.segment, sut.classes, 0);
  const cell_ref first = mem::allocate_run(*me, 50, me->slot->inflight);
  BOOST_REQUIRE(mem::frame_of(sut.segment, first) == 0u);
  const cell_ref over_the_border = mem::allocate_run(*me, 30, me->slot->inflight);
  BOOST_TEST(mem::frame_of(sut.segment, over_the_border) == 50u);
  BOOST_TEST(me->slot->run_borders == 0u);
  mem::free_run(*me, over_the_border);
  for (std::uint32_t frame = 50; frame < 80; ++frame)
    BOOST_TEST(sut.segment.frame(frame) == larder::layout::stamp_free);
}

// Each frame has a mark in private memory that its holder sets and clears. A thread beside them empties pages, cuts them for
// small cells and gives them back.
BOOST_AUTO_TEST_CASE(several_threads_never_hold_the_same_frame_and_forget_none_while_pages_come_and_go) {
  constexpr std::uint32_t crew = 3;
  bare_segment sut(2 * support::mebibyte);
  const std::uint32_t pages = sut.segment.geometry().page_count;
  const auto held = std::make_unique<std::atomic<bool>[]>(std::size_t{pages} * 64);
  std::atomic<int> held_twice{0};
  std::atomic<std::uint32_t> at_work{crew};
  std::atomic<int> emptied{0};
  const auto claim_and_free = [&](std::uint32_t t) {
    attached_actor me(sut.segment, sut.classes, t);
    support::random_source random(20 + t);
    std::array<cell_ref, larder::layout::reservations_per_slot> mine{};
    const auto mark = [&](cell_ref cell, bool to) {
      const std::uint32_t first = mem::frame_of(sut.segment, cell);
      for (std::uint32_t i = 0; i < mem::run_length(sut.segment, cell); ++i) {
        const bool large = mem::word_of(sut.segment, (first + i) / 64).size_class() == larder::layout::large_class;
        if (held[first + i].exchange(to) == to || !large) ++held_twice;
      }
    };
    const auto let_go = [&](std::size_t i) {
      if (mine[i] == no_cell) return;
      mark(mine[i], false);
      mem::free_run(*me, mine[i]);
      mem::clear_hint(me->slot->reserved[i]);
      mine[i] = no_cell;
    };
    for (int round = 0; round < 20'000; ++round) {
      const std::size_t i = random.number(mine.size());
      let_go(i);
      mine[i] = mem::allocate_run(*me, 8 + random.number(150), me->slot->reserved[i]);
      if (mine[i] != no_cell) mark(mine[i], true);
    }
    for (std::size_t i = 0; i < mine.size(); ++i) let_go(i);
    --at_work;
  };
  const auto empty_pages = [&] {
    attached_actor me(sut.segment, sut.classes, crew);
    support::random_source random(30);
    const auto own = [&](std::uint32_t page) {
      if (!mem::begin_drain(*me, page)) return false;
      if (mem::claim_free_cells(*me, page, 0) == mem::cells_in(*me, page) && mem::own_drained_page(*me, page))
        return true;
      mem::abandon_drain(*me, page);
      return false;
    };
    while (at_work != 0) {
      const auto page = static_cast<std::uint32_t>(random.number(pages));
      mem::hint_pages(*me, page, 1);
      if (own(page)) {
        ++emptied;
        mem::give_to_class(*me, page, sut.classes.class_for(200));
        while (!own(page)) {
        }
        mem::set_free(*me, page);
      }
      mem::clear_page_hint(*me);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < crew; ++t) threads.emplace_back(claim_and_free, t);
    threads.emplace_back(empty_pages);
  }
  BOOST_TEST(held_twice == 0);
  BOOST_TEST(emptied > 0);
  attached_actor me(sut.segment, sut.classes, 0);
  std::uint32_t count = 0;
  while (mem::allocate_run(*me, 8, me->slot->inflight) != no_cell) ++count;
  BOOST_TEST(count == pages * 8);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
