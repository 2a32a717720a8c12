// The page mover: which size class gives a page to which. In a slab cache this matters more than the eviction policy: it
// makes the cache aware of sizes, and keeps it from calcifying when they drift.
//
// Rule
//     value(c) = first uses of items of class c, per page. A first use is a hit that marks an item: counted once between
//     two passes of the hand, so a few very hot items do not hide that the rest of a class lies idle. Sums are kept for
//     windows of an eighth of the capacity in stored bytes, and weigh three quarters of the window after. A class in which
//     anything is stored counts as used a little, so that pages do not wander where nothing is used.
//     A class that needs memory takes a page of the class of least value, if its own would still be worth half as much
//     again with one page more (so no page goes back and forth), and if another page's worth has been stored since the
//     last move (so moving never costs more than storing). A class keeps two pages, unless nothing was stored in it while
//     a whole capacity was stored elsewhere.
//
// Draining
//     The page's items that have been used are copied to other cells of their class, which may evict colder ones; the rest
//     leave. A page with a pinned cell is given back; another one is tried next time, and a class whose pages are all
//     pinned does not stand before the next best. Never waits.
//
// Figures: without it orm-busy misses 10.5 / 6.8 % at 10 / 20 % instead of 5.5 / 3.6; with hits instead of first uses
// 19.5 % instead of 18.4 at 1 %; without rescue up to 6 points more at 1 % (simulation of this structure). Inserts that
// nobody reads take 1.5x the time where a class has no benefit of the doubt, since pages wander then.
#ifndef LARDER_TABLE_MOVER_HPP
#define LARDER_TABLE_MOVER_HPP

#include <cstdint>

#include "memory/memory.hpp"

namespace larder::table {

// First uses of the class's items in this window, with what is left of the ones before: its value, not yet by page.
[[nodiscard]] std::uint64_t worth_of(const memory::actor& me, std::uint32_t size_class) noexcept;

// Gives `size_class` a page that its class can do without: what is in it finds room in the class's other pages, and nothing
// leaves the cache. REQUIRES: the caller holds no lock.
[[nodiscard]] bool take_spare_page(memory::actor& me, std::uint32_t size_class) noexcept;

// Gives `size_class` a LARGE page in which nothing is left. take_spare_page looks for one only when half of all frames are
// free, which in a cache that refuses may be never. REQUIRES: the caller holds no lock.
[[nodiscard]] bool take_empty_large_page(memory::actor& me, std::uint32_t size_class) noexcept;

// Gives `size_class` a page of another class if that is worth it. REQUIRES: the caller holds no lock.
[[nodiscard]] bool move_page(memory::actor& me, std::uint32_t size_class) noexcept;

// The same, worth it or not: for a class that has no page at all.
[[nodiscard]] bool force_page(memory::actor& me, std::uint32_t size_class) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_MOVER_HPP
