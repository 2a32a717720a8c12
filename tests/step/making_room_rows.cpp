// Operations in a full segment, whose bulk is making room; and the housekeeping calls that writers make on the way, by
// themselves.
#include "memory/memory.hpp"
#include "step/setting.hpp"
#include "support/child.hpp"
#include "table/table.hpp"

namespace step {
namespace {

using crash::stage;

constexpr std::size_t key_in_full = 1020;
constexpr std::size_t key_among_runs = 500;

void grow(stage& s) {
  const std::uint32_t stripe = place_of(some_key).stripe;
  auto outcome = larder::table::resized::busy;
  static_cast<void>(s);
  marked([&] { outcome = larder::table::resize(me(), stripe, 5); });
  support::require(outcome == larder::table::resized::done, "a stripe grows");
}

void move_page(stage& s) {
  static_cast<void>(s);
  bool moved = false;
  marked([&] { moved = larder::table::force_page(me(), me().classes->class_for(100)); });
  support::require(moved, "a page moves");
}

std::vector<row> rows() {
  return {
      {.name = "put, evicts",
       .before = full_of_cells(),
       .perform = [](stage& s) { watched(s).put(key_in_full, 900); },
       .counter = &larder::stats::evictions},
      {.name = "put, evicts runs of frames",
       .before = full_of_runs(),
       .perform = [](stage& s) { watched(s).put(key_among_runs, run_size); },
       .counter = &larder::stats::evictions},
      {.name = "put over pages, empties them",
       .before = full_of_cells(),
       .perform = [](stage& s) { watched(s).put(key_in_full, several_pages); },
       .counter = &larder::stats::rescues},
      {.name = "put, moves a page",
       .before = full_of_cells(),
       .perform = [](stage& s) { watched(s).put(key_in_full, 100); },
       .counter = &larder::stats::page_moves},
      {.name = "put, moves a page of runs",
       .before = full_of_runs(),
       .perform = [](stage& s) { watched(s).put(key_among_runs, 100); },
       .counter = &larder::stats::page_moves},
      {.name = "housekeeping: page move", .before = full_of_cells(), .perform = move_page},
      {.name = "housekeeping: table growth",
       .before = usual(),
       .perform = grow,
       .counter = &larder::stats::table_resizes},
  };
}

}  // namespace

const std::vector<row>& making_room_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
