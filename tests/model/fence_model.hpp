// The model of heavy fences that are shared (memory/heavy_fence.hpp): a thread that retires cells never fences heavily
// itself, but waits for the fences of another.
//
// Memory is a bucket word, which names a cell, and a few cells of two words each, which are equal as long as nobody writes
// the cell.
//
//     reader    forever: finds the item, pins it, reads it twice, lets go
//     sharer    forever: replaces the item, marks what waits, or takes back what is marked if another has fenced since
//     fencer    fences, a few times
//
// What must hold: what the reader has pinned and found unchanged stays as it is until it lets go.
#ifndef LARDER_TESTS_MODEL_FENCE_MODEL_HPP
#define LARDER_TESTS_MODEL_FENCE_MODEL_HPP

#include "model/explorer.hpp"

namespace model::fences {

enum class bug {
  none = 0,
  mark_without_full_fence,
  begun_is_enough,
  fence_from_before_the_mark,
  ended_before_it_has,
  takes_back_what_is_not_marked,
};

[[nodiscard]] program reader();
[[nodiscard]] program sharer();
[[nodiscard]] program fencer();
[[nodiscard]] system make(bug seeded = bug::none);

}  // namespace model::fences

#endif  // LARDER_TESTS_MODEL_FENCE_MODEL_HPP
