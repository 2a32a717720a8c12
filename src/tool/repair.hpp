// repair: makes a damaged segment anew from what can be read of it, while nobody uses it.
//
// Nothing is patched in place: every item that is whole goes into a new segment of the same capacity, policy, owner and
// permissions, which then takes the name over in one step. If the repair dies half way, the damaged segment is still there.
//
// Of a keyspace's name a segment keeps only a keyed hash. So the new one has the key of the old one, and its keyspaces as they
// stand there. A keyspace is left behind if its entry is not where its name leads to, or if one of its items is of a later
// generation than it says: then nobody knows which of them were invalidated.
#ifndef LARDER_TOOL_REPAIR_HPP
#define LARDER_TOOL_REPAIR_HPP

#include <cstdint>

#include "tool/source/source.hpp"

namespace larder::tool {

struct repair_outcome {
  std::uint64_t kept = 0;
  std::uint64_t left_behind = 0;    // of keyspaces that are damaged, or without room in the new segment
  std::uint64_t damaged_words = 0;  // that named no item any more
};

// Throws failure(no) if somebody uses the segment, larder::error if there is no room for another one.
repair_outcome repair(const source& from, const image& damaged);

}  // namespace larder::tool

#endif  // LARDER_TOOL_REPAIR_HPP
