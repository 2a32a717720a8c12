// The survivor's view of a death: it looks at every key, uses every key, takes back what the dead held, and must find
// nothing of them in the end.
#ifndef LARDER_TESTS_CRASH_SURVIVOR_HPP
#define LARDER_TESTS_CRASH_SURVIVOR_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "crash/stage.hpp"

namespace crash {

// What the survivor does first once it has looked at everything.
enum class first { writes, reaps };

// What may be gone without having been asked for.
struct losses {
  std::size_t keys = most_keys;  // that the journal tells of: the first so many
  bool evicts = false;           // the survivor's own stores may evict
  // The keys that the dead one may have evicted; of an empty list: all of them if the survivor's stores may, too.
  std::vector<bool> by_the_dead = {};
};

// Everything that is wrong after a death, a line each; empty if nothing is. The segment is empty afterwards.
// REQUIRES: the stage is the only one that uses the segment, and its thread is attached.
[[nodiscard]] std::string go_on(stage& survivor, journal& notes, const losses& allowed, first way);

// What those who died have left of the keys that they were changing, noted in the journal. Through a view, which attaches
// to nothing and leaves the dead as they are. Empty, or the keys that are neither old nor new, a line each.
[[nodiscard]] std::string settle_what_was_in_flight(const std::string& segment, journal& notes);

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_SURVIVOR_HPP
