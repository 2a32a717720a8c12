// What check() does not look at, for it is allowed while others work: that nothing at all is left of those who died.
#ifndef LARDER_TESTS_CRASH_AUDIT_HPP
#define LARDER_TESTS_CRASH_AUDIT_HPP

#include <string>

namespace crash {

// What is left in a segment that nobody uses but one attached thread, which has reaped and holds nothing: slots in use,
// hints, pins, locks, pages between two states, cells with an owner. A line each; empty if there is nothing.
[[nodiscard]] std::string leftovers(const std::string& segment);

// In a segment that was cleared: cells that are neither free nor part of a bucket array. Empty if there are none.
[[nodiscard]] std::string uncleared_cells(const std::string& segment);

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_AUDIT_HPP
