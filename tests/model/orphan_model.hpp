// The model of cells that are freed by the thousand behind one heavy fence (memory/limbo.hpp, free_overflow; I7).
//
// Memory is one cell of two words, which are equal as long as nobody writes them, its stamp, a bucket word that names it or
// nobody, the stripe's lock and a reader's pin.
//
//     reader    forever: finds the item, reads it twice, lets go
//     sweeper   forever: unpublishes the item and leaves it an ORPHAN; fences, looks at the pin, and frees the cell if it is
//               an ORPHAN still, and its own
//     writer    forever: takes the cell, which is free, or an ORPHAN that it adopts, fences and finds unpinned; fills and
//               publishes it; now and then unpublishes it and leaves it an ORPHAN
//
// What must hold: what the reader has pinned and found unchanged stays as it is until it lets go.
#ifndef LARDER_TESTS_MODEL_ORPHAN_MODEL_HPP
#define LARDER_TESTS_MODEL_ORPHAN_MODEL_HPP

#include "model/explorer.hpp"

namespace model::orphan {

enum class bug {
  none = 0,
  orphans_are_alike,  // the stamp does not tell who left it
  no_heavy_fence,
  no_scan,
};

[[nodiscard]] program reader();
[[nodiscard]] program sweeper();
[[nodiscard]] program writer();
[[nodiscard]] system make(bug seeded = bug::none);

}  // namespace model::orphan

#endif  // LARDER_TESTS_MODEL_ORPHAN_MODEL_HPP
