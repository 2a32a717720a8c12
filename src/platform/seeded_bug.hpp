// Bugs for the tests to find: a build with -DLARDER_SEEDED_BUGS=1, and only such a build, has the one whose number stands
// in the environment variable LARDER_SEEDED_BUG. They show that the harnesses see what they are there for;
// tests/step/mutations.sh tries them all.
#ifndef LARDER_PLATFORM_SEEDED_BUG_HPP
#define LARDER_PLATFORM_SEEDED_BUG_HPP

#if LARDER_SEEDED_BUGS
#include <cstdlib>
#endif

namespace larder::platform {

enum class bug : int {
  cell_claimed_without_hint = 1,
  published_before_written = 2,
  freed_before_unpublished = 3,
  hint_cleared_before_stamp = 4,
  taken_out_without_hint = 5,
  hint_cleared_before_limbo = 6,
  replaced_through_nothing = 7,
  spilled_through_nothing = 8,
  table_published_before_copied = 9,
  free_bit_after_stamp = 10,
  page_claimed_without_hint = 11,
  recovery_forgets_pins = 12,
  recovery_forgets_limbo = 13,
  recovery_forgets_lock = 14,
  takeover_forgets_version = 15,
  recovery_clears_hint_first = 16,
  token_let_go_before_abandoned = 17,
  active_before_token = 18,
  reclaim_ignores_pins = 19,
  recovery_announces_nothing = 20,
  invalidated_without_hint = 21,
  recovery_forgets_subscriptions = 22,
};

// True where the bug is to show itself; else the condition is a constant that leaves no instruction.
#if LARDER_SEEDED_BUGS
inline const int present_bug = [] {
  const char* const number = std::getenv("LARDER_SEEDED_BUG");
  return number != nullptr ? std::atoi(number) : 0;
}();
[[nodiscard]] inline bool has(bug which) noexcept { return static_cast<int>(which) == present_bug; }
#else
[[nodiscard]] constexpr bool has(bug) noexcept { return false; }
#endif

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_SEEDED_BUG_HPP
