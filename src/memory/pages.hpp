// Pages: claiming free ones for a size class, and draining used ones for another.
//
// States and transitions are those of layout/page.hpp. Every page that is between two states is named in the `page` hint
// of the one thread that moves it; that hint also covers the cells which a drain has claimed.
//
// A page is cut anew only when every cell of it is the drainer's, and then only after a heavy fence showed that no pin and
// no hint of another thread names a cell of it, or a run that may reach into it (runs.hpp). So whoever names a cell (pin or
// hint), fences lightly, and then finds the page's word unchanged may trust that a stamp stands where it looks (I15).
//
// If a process dies here: an OWNED page becomes FREE, a DRAINING one goes back to its class and the cells that the dead
// one had claimed become FREE (give_back_page, called by recovery).
#ifndef LARDER_MEMORY_PAGES_HPP
#define LARDER_MEMORY_PAGES_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

[[nodiscard]] inline layout::page_word word_of(const segment& memory, std::uint32_t page) noexcept {
  // acquire: pairs with the release stores of prepare_page and leave_page: what a page's class says is in place
  return {memory.entry(page).word.load(std::memory_order_acquire)};
}

// True if allocators may take cells of the page for requests of this class, LARGE included.
[[nodiscard]] inline bool is_of_class(const segment& memory, std::uint32_t page, std::uint32_t size_class) noexcept {
  const layout::page_state state =
      size_class == layout::large_class ? layout::page_state::large : layout::page_state::cells;
  return word_of(memory, page) == layout::page_word::make(state, 0, size_class);
}

// Cells, or frames, that a page of this class has; and how many of a page's are free. Racy: a count for choosing.
[[nodiscard]] inline std::uint32_t cells_in_page_of(const actor& me, std::uint32_t size_class) noexcept {
  return size_class == layout::large_class ? layout::frames_per_page : (*me.classes)[size_class].count;
}
[[nodiscard]] std::uint32_t free_cells(const actor& me, std::uint32_t page) noexcept;

// Takes a free page and makes it one of `size_class`. layout::no_page if there is none.
[[nodiscard]] std::uint32_t claim_page(actor& me, std::uint32_t size_class) noexcept;
// The same with this very page. False: it is not free.
[[nodiscard]] bool claim_page(actor& me, std::uint32_t page, std::uint32_t size_class) noexcept;

// No page is free. A hint, as the count is: one that is too low costs an eviction, one that is too high a search.
[[nodiscard]] inline bool has_no_free_page(const segment& memory) noexcept {
  return static_cast<std::int32_t>(memory.header().free_pages.load(std::memory_order_relaxed)) <= 0;
}

// The `page` hint: names the pages that the calls below may own. Written before the first, cleared after the last.
void hint_pages(actor& me, std::uint32_t first, std::uint32_t count) noexcept;
void clear_page_hint(actor& me) noexcept;

// FREE -> OWNED. False: it is not free.
[[nodiscard]] bool own_free_page(actor& me, std::uint32_t page) noexcept;

// A drain: begin, take the cells that are free (again and again, as others become free), then own the page or abandon.
[[nodiscard]] bool begin_drain(actor& me, std::uint32_t page) noexcept;

// Claims the free cells of a page that is being drained; returns how many of its cells are claimed now in all.
[[nodiscard]] std::uint32_t claim_free_cells(actor& me, std::uint32_t page, std::uint32_t claimed_before) noexcept;
[[nodiscard]] std::uint32_t cells_in(const actor& me, std::uint32_t page) noexcept;

// DRAINING -> OWNED, once all cells are claimed. False: somebody pins or hints a cell of the page; nothing has changed.
[[nodiscard]] bool own_drained_page(actor& me, std::uint32_t page) noexcept;

// Gives the page back to its class, its claimed cells freed.
void abandon_drain(actor& me, std::uint32_t page) noexcept;

// What an OWNED page becomes.
void give_to_class(actor& me, std::uint32_t page, std::uint32_t size_class) noexcept;
void set_free(actor& me, std::uint32_t page) noexcept;

// OWNED -> LARGE, its frames as the caller stamped them.
void open_as_large(actor& me, std::uint32_t page) noexcept;

// Recovery: undoes what the dead owner of `dead_slot` left in `page`, which its hint names. Idempotent.
void give_back_page(actor& me, std::uint32_t page, std::uint32_t dead_slot) noexcept;

// Recovery: every page and class may have free cells again, as the dead one may have taken that back and not looked again.
void expect_free_cells(const segment& memory) noexcept;

// Counts the free pages anew. A count that is off is no more than a needless search or an early eviction.
void recount_free_pages(const segment& memory) noexcept;

}  // namespace larder::memory

#endif  // LARDER_MEMORY_PAGES_HPP
