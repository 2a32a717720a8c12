// Making room: what a writer does when there is no cell for its item. In this order: what its limbo holds; a page of a
// class that is worth less; items of its own class; a page at any price.
//
// Where a full cache refuses: what its limbo holds; a page that its class can do without; what has expired, wherever it is;
// what nobody can find any more or nobody owns, some hundred cells at a time. A store that is refused costs no more than that.
#ifndef LARDER_TABLE_ROOM_HPP
#define LARDER_TABLE_ROOM_HPP

#include <cstddef>

#include "memory/memory.hpp"

namespace larder::table {

// Frees something that a request of `size` bytes can use. False: nothing could be freed now; all is pinned or in use.
// REQUIRES: the caller holds no lock, and its `copy` hint is clear.
[[nodiscard]] bool make_room(memory::actor& me, std::size_t size) noexcept;

// A cell for `size` bytes, whatever has to leave for it; no_cell if nothing could.
[[nodiscard]] layout::cell_ref allocate_with_room(memory::actor& me, std::size_t size,
                                                  layout::atomic_ref32& hint) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_ROOM_HPP
