// The words of the recovery model: where things are in its memory, how states and locks are written in a byte, what a thread
// keeps in its registers, and the names of its steps.
#ifndef LARDER_TESTS_MODEL_RECOVERY_WORDS_HPP
#define LARDER_TESTS_MODEL_RECOVERY_WORDS_HPP

#include "model/explorer.hpp"

namespace model::recovery {

// --- memory -----------------------------------------------------------------------------------------------------------
inline constexpr std::size_t lock = 0, bucket_word = 1, thread_count = 2;
inline constexpr std::size_t cells = 4;
constexpr std::size_t stamp_of(std::size_t cell) { return 2 + cell; }

enum slot_word : std::size_t { slot_state, generation, token, inflight, retiring, limbo, waits_for, ended, slot_words };
inline constexpr std::size_t last_hint = limbo - inflight;  // inflight, retiring, limbo
inline constexpr std::size_t slots_at = stamp_of(cells) + 1;
constexpr std::size_t of(std::size_t slot, std::size_t word) { return slots_at + slot * slot_words + word; }
constexpr std::size_t writes_left(std::size_t thread) { return of(most_threads, 0) + thread; }
constexpr std::size_t detaches_left(std::size_t thread) { return writes_left(most_threads) + thread; }
static_assert(detaches_left(most_threads) <= most_words);

enum stamp : std::uint8_t { free_cell, linked, first_owner };
enum token_mark : std::uint8_t { none, held, died };
enum kind : std::uint8_t { free_slot = 0, active = 1, claimed = 4, recovering = 8, abandoned = 12 };

// The kind above, two bits of who is meant with it, and four of a generation, or of a life of a thread.
constexpr std::uint8_t state_word(kind what, std::size_t by, unsigned number) {
  return static_cast<std::uint8_t>((what + by) << 4 | number);
}
constexpr kind kind_of(unsigned word) {
  const unsigned high = word >> 4;
  return high == 0 ? free_slot : high < claimed ? active : static_cast<kind>(high & ~3U);
}
constexpr std::size_t by_of(unsigned word) { return (word >> 4) & 3; }
constexpr unsigned number_of(unsigned word) { return word & 0xF; }
constexpr std::uint8_t lock_word(std::size_t slot, unsigned number) {
  return static_cast<std::uint8_t>((slot + 1) << 4 | number);
}
constexpr std::size_t owner_of(unsigned word) { return (word >> 4) - 1; }

// --- registers --------------------------------------------------------------------------------------------------------
enum reg : std::size_t {
  made,
  old,
  seen_lock,
  return_to,
  dead,
  seen_state,
  which,  // of the dead one's hints
  hinted,
  hinted_stamp,
  has_lock,
  mine,  // generation
};

enum class at {
  start,
  take_token,
  activate,
  idle,
  // put
  name,
  claim,
  find_old,
  hint_old,
  publish,
  link,
  clear_inflight,
  own_old,
  to_limbo,
  clear_retiring,
  unlock,
  clear_waits,
  free_limbo,
  clear_limbo,
  // lock
  hint_lock,
  try_lock,
  check_generation,
  check_state,
  check_token,
  take_over,
  // recover
  see_slot,
  check_lost,
  begin,
  see_hint,
  see_stamp,
  see_stamp_again,
  settle,
  hint_mine,
  next_hint,
  release_lock,
  forget_lock,
  grow,
  free_slot,
  // detach
  abandon,
  let_token_go,
  grow_own,
  free_own,
};

}  // namespace model::recovery

#endif  // LARDER_TESTS_MODEL_RECOVERY_WORDS_HPP
