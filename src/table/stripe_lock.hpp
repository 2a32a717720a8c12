// The writer lock of a stripe: a futex word that names its owner, so that it can be taken over from the dead.
//
// It only serialises writers: the table is whole at every instruction. A takeover ends a spill that the dead owner may have
// begun, counts the stripe's items anew and leaves out a version.
//
// Protocol (I10)
//
//     lock      waits_for = stripe; CAS 0 -> (me, generation)
//     wait      spin; then: sleepers = 1; sleep as long as the word says the same, but a nap at most
//     unlock    exchange 0; if (sleepers) { sleepers = 0; wake one }; waits_for = 0
//     takeover  the owner's death token is marked, or its process has ended: CAS its word -> mine (I11)
//
// Unlocking is a full barrier: what was changed is visible to everybody before the call that changed it returns (guarantee
// A). It also settles who sees whom: a waiter stores `sleepers` before the kernel compares the word, so either the kernel
// finds the word changed, or the unlocker finds a sleeper. Whoever has slept leaves `sleepers` set, so that his own unlock
// wakes the next.
//
// A stopped owner is alive: nobody robs it, and its stripe's writers return timed_out. Who only makes room does not wait for
// it: what lies in its stripe stays, and something else leaves (guarantee D).
#ifndef LARDER_TABLE_STRIPE_LOCK_HPP
#define LARDER_TABLE_STRIPE_LOCK_HPP

#include <cstdint>

#include "larder/status.hpp"
#include "memory/memory.hpp"

namespace larder::table {

// How long to wait behind a living owner: actor::lock_timeout_ms, or no longer than an owner takes who is just at work.
enum class patience : std::uint8_t { lock_timeout, a_moment };

class stripe_lock {
 public:
  // It may not be held then.
  stripe_lock(memory::actor& me, std::uint32_t stripe, patience how = patience::lock_timeout) noexcept
      : me_(me),
        stripe_(me.memory->stripe(stripe)),
        word_(stripe_.lock),
        mine_(layout::lock_word::make(me.slot_index, me.generation)) {
    memory::hint(me_.slot->waits_for, stripe + 1);
    LARDER_KILL_POINT(lock_hinted);
    held_ = try_lock() || spin_and_lock() || (how == patience::a_moment ? take_from_dead() : wait_and_lock());
    if (!held_) memory::clear_hint(me_.slot->waits_for);
    LARDER_KILL_POINT(lock_taken);
  }
  ~stripe_lock() { unlock(); }
  stripe_lock(const stripe_lock&) = delete;
  stripe_lock& operator=(const stripe_lock&) = delete;

  [[nodiscard]] bool held() const noexcept { return held_; }
  void unlock() noexcept {
    if (!held_) return;
    held_ = false;
    LARDER_KILL_POINT(unlock_begin);
    word_.exchange(0, std::memory_order_seq_cst);  // release: pairs with the CAS that locks; and see above
    LARDER_KILL_POINT(unlocked);
    // relaxed: behind the barrier
    if (stripe_.sleepers.load(std::memory_order_relaxed) != 0) [[unlikely]]
      wake_one();
    memory::clear_hint(me_.slot->waits_for);
  }

 private:
  [[nodiscard]] bool try_lock() noexcept {
    std::uint32_t expected = 0;
    // acquire: sees what the last owner did under the lock; pairs with the exchange in unlock
    return word_.load(std::memory_order_relaxed) == 0 &&
           word_.compare_exchange_strong(expected, mine_.bits, std::memory_order_acquire, std::memory_order_relaxed);
  }
  [[nodiscard]] bool spin_and_lock() noexcept;
  [[nodiscard]] bool wait_and_lock() noexcept;
  [[nodiscard]] bool take_from_dead() noexcept;
  [[nodiscard]] bool take_over(layout::lock_word seen) noexcept;
  void wake_one() noexcept;

  memory::actor& me_;
  layout::stripe& stripe_;
  std::atomic<std::uint32_t>& word_;
  layout::lock_word mine_;
  bool held_;
};

// True if the thread that attached to the slot in that generation, and has a lock that says so, has died. A generation that
// has passed says so too: nobody leaves a slot with a lock, but by death. `how`: to look for the end of its process, where
// the kernel has not marked its token.
[[nodiscard]] bool is_dead(const segment& memory, std::uint32_t slot, std::uint32_t generation,
                           platform::look how = platform::look::quick) noexcept;

// The stripe's changes with the one that is being made. relaxed: written under the lock that the caller holds
[[nodiscard]] inline std::uint64_t next_change(const layout::stripe& in) noexcept {
  return in.changes.load(std::memory_order_relaxed) + 1;
}

inline void set_changes(layout::stripe& in, std::uint64_t changes) noexcept {
  in.changes.store(changes, std::memory_order_release);  // release: I9; pairs with views' acquire
}

}  // namespace larder::table

#endif  // LARDER_TABLE_STRIPE_LOCK_HPP
