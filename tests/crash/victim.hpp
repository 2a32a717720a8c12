// The process that performs a script and dies, or is stopped, in its midst.
#ifndef LARDER_TESTS_CRASH_VICTIM_HPP
#define LARDER_TESTS_CRASH_VICTIM_HPP

#include <cstdint>
#include <optional>
#include <string>

#include "crash/script.hpp"
#include "support/child.hpp"
#include "support/shared_object.hpp"

namespace crash {

using shared_journal = support::shared_object<journal>;

// Performs the script in a process of its own, which is killed at the given reach of the point. False: it came to its
// end, for it did not reach the point so often. Throws if it ended in another way.
[[nodiscard]] bool die(const script& what, larder::platform::kill_point point, std::uint32_t reach,
                       const std::string& segment, const shared_journal& notes);

// The same, but it stops there (SIGSTOP), and goes on once it is resumed. Empty: it came to its end.
[[nodiscard]] std::optional<support::child> stop(const script& what, larder::platform::kill_point point,
                                                 std::uint32_t reach, const std::string& segment,
                                                 const shared_journal& notes);

// The same, but it lives, and journal::reached says how often it came to each point.
void live(const script& what, const std::string& segment, const shared_journal& notes);

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_VICTIM_HPP
