// The writer lock of a stripe: a futex word that names its owner, so that it can be taken over from the dead.
//
// It only serialises writers: the table is whole at every instruction, so a takeover repairs nothing; it counts the
// stripe's items anew and leaves out a version.
//
// Protocol (I10)
//
//     lock      waits_for = stripe; CAS 0 -> (me, generation)
//     unlock    exchange 0; wake a sleeper if there was one; waits_for = 0
//     takeover  the owner's death token is marked: CAS its word -> mine. No other evidence counts (I11).
//
// A stopped owner is alive: nobody robs it, and its stripe's writers return timed_out.
#ifndef LARDER_TABLE_STRIPE_LOCK_HPP
#define LARDER_TABLE_STRIPE_LOCK_HPP

#include <cstdint>

#include "larder/status.hpp"
#include "memory/memory.hpp"

namespace larder::table {

class stripe_lock {
 public:
  // status::timed_out after actor::lock_timeout_ms behind a living owner.
  stripe_lock(memory::actor& me, std::uint32_t stripe) noexcept;
  ~stripe_lock() { unlock(); }
  stripe_lock(const stripe_lock&) = delete;
  stripe_lock& operator=(const stripe_lock&) = delete;

  [[nodiscard]] bool held() const noexcept { return held_; }
  void unlock() noexcept;

 private:
  [[nodiscard]] bool try_lock() noexcept;
  [[nodiscard]] bool wait_and_lock() noexcept;
  [[nodiscard]] bool take_over(layout::lock_word seen) noexcept;

  memory::actor& me_;
  std::atomic<std::uint32_t>& word_;
  layout::lock_word mine_;
  bool held_;
};

// True if the thread that attached to the slot in that generation, and has a lock that says so, has died. A generation that
// has passed says so too: nobody leaves a slot with a lock, but by death.
[[nodiscard]] bool is_dead(const segment& memory, std::uint32_t slot, std::uint32_t generation) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_STRIPE_LOCK_HPP
