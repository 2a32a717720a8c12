// The model of the change feed (guarantee F; table/change_feed.hpp, table/change_reader.hpp).
//
// Two writers, each with an item of its own, change it a few times and announce that in a ring of two records. A subscriber
// begins at any moment, copies both items, and then refreshes what it is told of: one item, or all when it has missed
// something. Writers may die before any step; their next life recovers what the last one left.
//
// What must hold: a notice that is read is whole and the one of its position; and when nothing happens any more, the
// subscriber's copies are what the items are.
#ifndef LARDER_TESTS_MODEL_CHANGE_MODEL_HPP
#define LARDER_TESTS_MODEL_CHANGE_MODEL_HPP

#include "model/explorer.hpp"

namespace model::changes {

enum class bug {
  none = 0,
  no_heavy_fence,              // when a subscriber comes
  looked_for_listeners_first,  // before the change is committed
  announced_before_commit,
  hint_cleared_before_announcement,
  recovery_announces_nothing,
  not_marked,  // a record is written as it is
  mark_of_the_living_taken_over,
  whole_before_filled,
  turn_not_looked_at_again,  // by the subscriber
  missed_without_refreshing,
};

struct options {
  unsigned changes = 2;  // of each writer
  unsigned deaths = 0;
  bug seeded = bug::none;
};

[[nodiscard]] program writer();
[[nodiscard]] program subscriber();
[[nodiscard]] system make(options with);

}  // namespace model::changes

#endif  // LARDER_TESTS_MODEL_CHANGE_MODEL_HPP
