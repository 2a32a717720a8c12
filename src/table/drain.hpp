// Draining: emptying whole pages, so that they can be cut anew. Used items are copied to other cells of their class, the
// rest leave; bucket arrays are copied too. See mover.hpp for why and memory/pages.hpp for the states.
#ifndef LARDER_TABLE_DRAIN_HPP
#define LARDER_TABLE_DRAIN_HPP

#include <cstdint>

#include "memory/memory.hpp"

namespace larder::table {

// Empties `count` pages from `first` on, and leaves them OWNED by the caller, named in its page hint. False: something
// in them cannot be moved now (pinned, being written, in another's hands; or, where a full cache refuses, without a place
// elsewhere); all is given back. REQUIRES: no lock is held.
[[nodiscard]] bool drain_window(memory::actor& me, std::uint32_t first, std::uint32_t count) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_DRAIN_HPP
