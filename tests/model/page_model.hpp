// The model of a page that is cut anew (I15), beside allocators and readers that look at it without a lock.
//
// The page has one cell of class A, which is one cell of class B, too; but where A's cell has its stamp, B's has data, and
// B's data look like the stamp of a free, a linked or an orphaned cell.
//
//     allocator  forever: claims the free cell while the page is of class A, fills it and links it; sometimes makes it an orphan
//                (unpublished and nobody's), and adopts one
//     reader     forever: walks over cells as an eviction hand does: pins a linked one, looks at the page's word, reads
//     drainer    forever: empties the page of class A, makes it one of class B, uses it, and makes it one of class A again
//
// What must hold: nobody but the drainer writes into the page while it is of class B, and what a reader has pinned and found
// linked stays as it is until it lets go.
#ifndef LARDER_TESTS_MODEL_PAGE_MODEL_HPP
#define LARDER_TESTS_MODEL_PAGE_MODEL_HPP

#include "model/explorer.hpp"

namespace model::page {

enum class bug {
  none = 0,
  no_heavy_fence,
  names_not_looked_at,
  hinted_after_page_word,
  page_word_not_checked_by_allocator,
  page_word_not_checked_by_reader,
  page_word_looked_at_once_by_reader,
  orphan_of_another_drain_adopted,
  reclaimed_without_scan,
};

[[nodiscard]] program allocator();
[[nodiscard]] program reader();
[[nodiscard]] program drainer();
[[nodiscard]] system make(bug seeded = bug::none);

}  // namespace model::page

#endif  // LARDER_TESTS_MODEL_PAGE_MODEL_HPP
