// Sweeping: taking out what has expired, at a cost that follows what expires and not what is cached.
//
// How: pages, and groups of 64 cells in them, carry a bound of when their first item expires (layout/expiry_bound.hpp). Only
// groups whose bound has passed are looked at; each gets the bound of what is left.
//
// If a process dies here: the bounds it was sweeping pass by themselves; an item that it was taking out is recovered like
// that of any writer.
//
// Costs: two heavy fences for up to 16 pages in which something has expired, and two for every 4,096 items that are removed,
// since each disturbs every reader; a walk over the page directory when nothing has expired. One item that expires costs a
// look at up to 63 others.
#ifndef LARDER_TABLE_SWEEPER_HPP
#define LARDER_TABLE_SWEEPER_HPP

#include <cstdint>

#include "memory/memory.hpp"

namespace larder::table {

// To be called before an item whose cell the caller owns is published, and after the expiry of a linked one was made
// earlier under its stripe's lock.
void lower_expiry_bound(const memory::actor& me, layout::cell_ref cell, std::uint64_t expiry) noexcept;

// I16: false if the item of a linked cell expires before a bound that should lead sweepers to it, and that is not about to
// pass.
[[nodiscard]] bool is_within_bounds(const segment& memory, const memory::size_classes& classes, layout::cell_ref cell,
                                    const layout::item& item) noexcept;

// A walk over all pages, in steps.
struct sweep_pass {
  std::uint32_t tick = 0;              // what has expired before this is due
  std::uint32_t next_page = 0;         // where to go on; page_count: at the end
  std::uint32_t pages = 0;             // in which something was due
  std::uint64_t removed = 0;           // items
  std::uint32_t obstructed_count = 0;  // stripes that a stopped process holds: their items are left for the next pass
  std::uint32_t obstructed[4] = {};
};

// A pass over what is certain to have expired by now; or, `to_the_millisecond`, over all that may have.
[[nodiscard]] sweep_pass begin_sweep(bool to_the_millisecond) noexcept;

// Goes on until up to 16 pages were found due. False: the pass is at its end. REQUIRES: the caller holds no lock.
[[nodiscard]] bool sweep_some(memory::actor& me, sweep_pass& pass) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_SWEEPER_HPP
