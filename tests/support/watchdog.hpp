// Ends a process that hangs, with the name of what it was doing. One timer signal and no thread, so that forked
// children and thread sanitizers are not disturbed.
#ifndef LARDER_TESTS_SUPPORT_WATCHDOG_HPP
#define LARDER_TESTS_SUPPORT_WATCHDOG_HPP

namespace support {

// Gives what is called `name` five minutes from now, and as much again as LARDER_STRESS_SECONDS asks for.
void arm_watchdog(const char* name) noexcept;
void disarm_watchdog() noexcept;

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_WATCHDOG_HPP
