// What must hold in the recovery model: at every instruction (I1, I3, I10), and at rest (I14).
#ifndef LARDER_TESTS_MODEL_RECOVERY_INVARIANTS_HPP
#define LARDER_TESTS_MODEL_RECOVERY_INVARIANTS_HPP

#include <algorithm>

#include "model/recovery_words.hpp"

namespace model::recovery {

[[nodiscard]] inline bool names(const state& now, std::size_t slot, std::size_t cell) {
  const std::size_t hints[] = {inflight, retiring, limbo};
  return std::any_of(std::begin(hints), std::end(hints),
                     [&](std::size_t hint) { return now.memory[of(slot, hint)] == cell; });
}

// nullptr: in order, as it must be at every instruction.
[[nodiscard]] inline const char* check_always(const state& now) {
  if (now.memory[stamp_of(now.memory[bucket_word])] == free_cell) return "the table names a free cell";
  for (std::size_t cell = 1; cell <= cells; ++cell) {
    const std::uint8_t stamp = now.memory[stamp_of(cell)];
    if (stamp >= first_owner && !names(now, stamp - first_owner, cell)) return "no hint names a cell";
  }
  const auto locked = std::count_if(now.threads.begin(), now.threads.end(),
                                    [](const state::thread& thread) { return thread.registers[has_lock] != 0; });
  return locked > 1 ? "two threads have the lock" : nullptr;
}

// The same for where nothing can happen any more.
[[nodiscard]] inline const char* check_at_rest(const state& now) {
  for (std::size_t t = 0; t < now.memory[thread_count]; ++t) {
    if (now.threads[t].at == static_cast<std::uint8_t>(at::start)) return "a slot that nobody takes back";
    if (now.threads[t].at != static_cast<std::uint8_t>(at::idle)) return "a thread waits for ever";
    for (const std::size_t word : {inflight, retiring, limbo, waits_for}) {
      if (now.memory[of(t, word)] != 0) return "a hint is left";
    }
  }
  if (now.memory[lock] != 0) return "a lock is left";
  for (std::size_t cell = 1; cell <= cells; ++cell) {
    const bool in_table = now.memory[bucket_word] == cell;
    if (now.memory[stamp_of(cell)] != (in_table ? linked : free_cell)) return "a cell is left";
  }
  return nullptr;
}

}  // namespace model::recovery

#endif  // LARDER_TESTS_MODEL_RECOVERY_INVARIANTS_HPP
