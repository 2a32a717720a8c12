// The model of pin, retire, reclaim and reuse (I7, I8), with bucket arrays that are replaced.
//
// Memory is a table word and a few cells of two words each. A cell is free, or an item, whose two words are equal as long as
// nobody writes it, or the stripe's bucket array, whose first word names the item's cell. The bytes of an item look like a
// word that names a cell; so a reader who takes an item for the array it once was is led anywhere.
//
//     mutator   forever: replaces the item, or the array (as often as there are turns), or reclaims
//     readers   forever: find the item, read it twice, let go
//
// What must hold: what a reader has pinned and found unchanged stays as it is until it lets go.
#ifndef LARDER_TESTS_MODEL_PIN_MODEL_HPP
#define LARDER_TESTS_MODEL_PIN_MODEL_HPP

#include "model/explorer.hpp"

namespace model::pins {

enum class bug {
  none = 0,
  no_heavy_fence,
  scan_before_heavy_fence,
  no_scan,
  freed_before_unpublished,
  checked_before_pin,
  bucket_word_not_checked,
  table_word_not_checked,
  table_word_without_turn,
};

struct options {
  std::size_t readers = 1;
  std::size_t cells = 4;
  unsigned resizes = 0;
  bool full_fences = false;  // the segment of a kernel without membarrier
  bug seeded = bug::none;
};

[[nodiscard]] program reader();
[[nodiscard]] program mutator();
[[nodiscard]] system make(options with);

}  // namespace model::pins

#endif  // LARDER_TESTS_MODEL_PIN_MODEL_HPP
