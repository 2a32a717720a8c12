// page: the unit in which memory moves between size classes; page_entry describes one, from outside the page.
//
// Layout of a page of small cells (the class decides the cell size)
//
//     +----------------------------+---------------------------+--------+--------+- - - -+
//     | free bits: 1 for each cell | expiry bounds: 4 bytes    | cell 0 | cell 1 |       |
//     |                            | for each 64 cells         |        |        |       |
//     +----------------------------+---------------------------+--------+--------+- - - -+
//
// A LARGE page is cut into 64 frames; an item takes a run of them, over the borders of LARGE pages if need be. Frames have
// their stamps in the frame table, since value bytes cover the frames.
//
// States and transitions of page_entry::word (state 8 | owner slot 16 | class 8)
//
//     FREE -- CAS by a writer that names the page in its hints first ----------> OWNED(slot)
//     OWNED(slot) -- store, after free bits, stamps and class are in place ----> CELLS(class) or LARGE
//     CELLS(class), LARGE -- CAS by a mover, hinted -----------------------------> DRAINING(slot, class)
//     DRAINING(slot, class) -- store, when every cell is the mover's ------------> OWNED(slot)
//     DRAINING(slot, class) -- store, the mover gives up -------------------------> CELLS(class) or LARGE
//     OWNED(slot) -- store ------------------------------------------------------> FREE
//
// Allocation takes cells of CELLS and LARGE pages only. A dead mover's page goes back to its class, or to FREE.
//
// I5: a cell that is FREE has its free bit set. The bit may be set for a cell that is not free, never the other way.
#ifndef LARDER_LAYOUT_PAGE_HPP
#define LARDER_LAYOUT_PAGE_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "layout/class_state.hpp"
#include "layout/expiry_bound.hpp"

namespace larder::layout {

enum class page_state : std::uint8_t { free = 0, owned, cells, large, draining };

inline constexpr std::uint32_t frames_per_page = 64;
inline constexpr std::uint32_t no_page = 0xFFFF'FFFF;

struct page_word {
  std::uint64_t bits = 0;

  [[nodiscard]] static constexpr page_word make(page_state state, std::uint32_t owner = 0,
                                                std::uint32_t size_class = 0) noexcept {
    return {std::uint64_t{static_cast<std::uint8_t>(state)} | std::uint64_t{owner & 0xFFFFU} << 16 |
            std::uint64_t{size_class & (max_classes - 1)} << 32};
  }
  [[nodiscard]] constexpr page_state state() const noexcept { return static_cast<page_state>(bits & 0xFFU); }
  [[nodiscard]] constexpr std::uint32_t owner() const noexcept {
    return static_cast<std::uint32_t>(bits >> 16) & 0xFFFFU;
  }
  [[nodiscard]] constexpr std::uint32_t size_class() const noexcept {
    return static_cast<std::uint32_t>(bits >> 32) & (max_classes - 1);  // one there is room for, whatever the bits are
  }
  // Its cells, if any, are those of size_class(); true while it is drained, too.
  [[nodiscard]] constexpr bool holds_cells() const noexcept {
    return state() == page_state::cells || state() == page_state::draining;
  }
  friend constexpr bool operator==(page_word, page_word) = default;
};

struct alignas(16) page_entry {
  std::atomic<std::uint64_t> word;  // page_word
  // 0: no allocator need look here (I5 for pages: set after every free). Of a LARGE page: how many free frames side by side
  // may begin here; frames_per_page: any number.
  std::atomic<std::uint32_t> may_have_free;
  atomic_bound expiry;  // expiry_bound of all its items
};

static_assert((max_classes & (max_classes - 1)) == 0);
static_assert(sizeof(page_entry) == 16 && std::is_standard_layout_v<page_entry> &&
              std::is_trivially_destructible_v<page_entry>);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_PAGE_HPP
