// The model of a word that moves between its two buckets (table/stripe_table.hpp, table/homing.hpp) while readers look for it.
//
// Memory is the word's place in its primary bucket, the one in its alternate bucket, the primary's count of spilled words, and
// the table word, of which only the turn matters.
//
//     mover     forever: the word spills, or goes home (as often as there are turns). It may die; who takes the lock over
//               ends what it had begun, and goes on
//     readers   forever: look at P, at the count, at A, and at the table word again
//
// What must hold: the word, which is in the table all the time, is never missed.
#ifndef LARDER_TESTS_MODEL_MOVING_MODEL_HPP
#define LARDER_TESTS_MODEL_MOVING_MODEL_HPP

#include "model/explorer.hpp"

namespace model::moving {

enum class bug {
  none = 0,
  spilled_unannounced,
  spilled_through_nothing,
  homed_without_turn,
  turned_after_leaving,
  uncounted_before_turn,
};

struct options {
  std::size_t readers = 2;
  unsigned turns = 2;
  unsigned deaths = 0;
  bug seeded = bug::none;
};

[[nodiscard]] program reader();
[[nodiscard]] program mover();
[[nodiscard]] system make(options with);

}  // namespace model::moving

#endif  // LARDER_TESTS_MODEL_MOVING_MODEL_HPP
