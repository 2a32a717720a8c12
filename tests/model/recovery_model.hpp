// The model of the stripe lock, its takeover, and recovery (I1, I3, I10, I11, I12, I14), with deaths before any step.
//
// Memory is one stripe with its lock and one bucket word, a few cells, and a slot for each thread. A thread attaches; then it
// writes (replaces the item, or locks the stripe for nothing), detaches, or recovers a slot whose owner is lost, as often
// as it may; then it waits for others to be lost. Who dies lives again as another process, which attaches to the same slot once that is free.
//
// What must hold, at every instruction: the table names no free cell; a cell that belongs to a slot is named by its hints;
// one thread at most has the lock. At rest: everybody is through, no lock, hint or slot is left, and every cell is free
// or linked.
//
// Left out: pins (pin_model.hpp), sleeping, stopped owners, taking a slot over with all that it holds. Waiting is a step that
// is possible once the lock is free or its owner dead.
#ifndef LARDER_TESTS_MODEL_RECOVERY_MODEL_HPP
#define LARDER_TESTS_MODEL_RECOVERY_MODEL_HPP

#include "model/explorer.hpp"

namespace model::recovery {

enum class bug {
  none = 0,
  hint_after_claim,
  hint_cleared_before_stamp,
  taken_out_without_hint,
  hint_cleared_before_limbo,
  lock_taken_from_the_living,
  generation_not_grown,
  lock_word_without_generation,
  recoverer_without_generation,
  recovery_clears_hint_first,
  recovery_forgets_lock,
};

struct options {
  std::array<std::uint8_t, most_threads> writes{1, 1, 0};  // of each thread, in all its lives
  std::array<std::uint8_t, most_threads> detaches{};
  std::size_t threads = 3;
  std::uint8_t deaths = 2;
  std::size_t buffer_depth = 0;
  bug seeded = bug::none;
};

[[nodiscard]] program any_thread();
[[nodiscard]] system make(options with);

}  // namespace model::recovery

#endif  // LARDER_TESTS_MODEL_RECOVERY_MODEL_HPP
