// The model of a run of frames over the border of a page (memory/runs.hpp), beside a thread that drains the second page and
// cuts it anew.
//
// Two frames: the last one of a page that stays LARGE, where the run begins, and the first one of the next page. The run's
// hint names a cell of the first page only; run_borders says that it may reach into the next.
//
//     claimant  forever: finds both frames free, claims them, writes there, reads it again, and frees them
//     drainer   forever: empties the second page, cuts it for another class and uses it, and makes it LARGE again
//
// What must hold: neither ever finds in its memory what the other has written.
#ifndef LARDER_TESTS_MODEL_RUN_MODEL_HPP
#define LARDER_TESTS_MODEL_RUN_MODEL_HPP

#include "model/explorer.hpp"

namespace model::runs {

enum class bug {
  none = 0,
  no_heavy_fence,
  borders_not_looked_at,
  borders_said_after_the_page_word,
  borders_taken_back_before_the_claims,
  second_page_not_looked_at,
};

[[nodiscard]] program claimant();
[[nodiscard]] program drainer();
[[nodiscard]] system make(bug seeded = bug::none);

}  // namespace model::runs

#endif  // LARDER_TESTS_MODEL_RUN_MODEL_HPP
