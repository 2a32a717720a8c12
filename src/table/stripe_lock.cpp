#include "table/stripe_lock.hpp"

#include <chrono>

#include "table/bucket_index.hpp"

namespace larder::table {

using layout::lock_word;

namespace {

constexpr int spins = 100;
constexpr std::chrono::microseconds nap{1000};  // how long a death can go unnoticed

// What a dead owner may not have come to: its item's version is taken, and the stripe's items are counted anew.
void settle_counts(const segment& memory, std::uint32_t stripe) noexcept {
  if (!platform::has(platform::bug::takeover_forgets_version))
    memory.stripe(stripe).changes.fetch_add(1, std::memory_order_release);  // I9, and no version is given twice
  const bucket_array buckets(memory, table_word_of(memory, stripe));
  memory.stripe(stripe).items.store(count_items(buckets), std::memory_order_relaxed);
}

void relax_processor() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

bool is_dead(const segment& memory, std::uint32_t slot, std::uint32_t generation) noexcept {
  if (slot >= memory.geometry().slot_count) return false;
  const layout::slot& other = memory.slot(slot);
  // A slot's next owner comes only after the one before is gone, which never leaves with a lock in its hands but by death.
  if ((other.generation.load(std::memory_order_acquire) & 0xFFFFU) != (generation & 0xFFFFU)) return true;
  const layout::slot_state state = layout::slot_word{other.state.load(std::memory_order_acquire)}.state();
  // CLAIMED: somebody was about to take the slot over from a dead owner of this generation, and has not done so yet.
  return (state == layout::slot_state::active || state == layout::slot_state::recovering ||
          state == layout::slot_state::claimed) &&
         other.token.owner_died();
}

stripe_lock::stripe_lock(memory::actor& me, std::uint32_t stripe) noexcept
    : me_(me), word_(me.memory->stripe(stripe).lock), mine_(lock_word::make(me.slot_index, me.generation)) {
  memory::hint(me_.slot->waits_for, stripe + 1);
  LARDER_KILL_POINT(lock_hinted);
  held_ = try_lock() || wait_and_lock();
  if (!held_) memory::clear_hint(me_.slot->waits_for);
  LARDER_KILL_POINT(lock_taken);
}

bool stripe_lock::try_lock() noexcept {
  std::uint32_t expected = 0;
  // acquire: sees what the last owner did under the lock; pairs with the exchange in unlock
  return word_.load(std::memory_order_relaxed) == 0 &&
         word_.compare_exchange_strong(expected, mine_.bits, std::memory_order_acquire, std::memory_order_relaxed);
}

bool stripe_lock::wait_and_lock() noexcept {
  for (int i = 0; i < spins; ++i) {
    relax_processor();
    if (try_lock()) return true;
  }
  me_.count(layout::counter::lock_waits);
  const std::uint64_t deadline = platform::exact_now() + me_.lock_timeout_ms;
  for (;;) {
    lock_word seen{word_.load(std::memory_order_relaxed)};
    if (seen.unlocked()) {
      // Others may sleep still: whoever has slept keeps the bit set, so that its own unlock wakes the next.
      std::uint32_t expected = 0;
      if (word_.compare_exchange_strong(expected, mine_.with_sleepers().bits, std::memory_order_acquire,
                                        std::memory_order_relaxed))
        return true;
      continue;
    }
    if (is_dead(*me_.memory, seen.slot(), seen.generation()) && take_over(seen)) return true;
    if (platform::exact_now() >= deadline) {
      me_.count(layout::counter::lock_timeouts);
      return false;
    }
    std::uint32_t expected = seen.bits;
    if (seen.has_sleepers() || word_.compare_exchange_strong(expected, seen.with_sleepers().bits,
                                                             std::memory_order_relaxed, std::memory_order_relaxed)) {
      platform::futex_wait(word_, seen.with_sleepers().bits, nap);
    }
  }
}

bool stripe_lock::take_over(lock_word seen) noexcept {
  std::uint32_t expected = seen.bits;
  // acquire: all that the dead owner stored is visible (with the acquire of its token)
  if (!word_.compare_exchange_strong(expected, mine_.with_sleepers().bits, std::memory_order_acquire,
                                     std::memory_order_relaxed))
    return false;
  LARDER_KILL_POINT(lock_taken_over);
  settle_counts(*me_.memory, me_.slot->waits_for.load(std::memory_order_relaxed) - 1);
  me_.count(layout::counter::takeovers);
  me_.met_dead = seen.slot() + 1;
  return true;
}

void stripe_lock::unlock() noexcept {
  if (!held_) return;
  held_ = false;
  LARDER_KILL_POINT(unlock_begin);
  const lock_word before{word_.exchange(0, std::memory_order_release)};  // release: pairs with the CAS that locks
  LARDER_KILL_POINT(unlocked);
  if (before.has_sleepers()) platform::futex_wake_one(word_);
  memory::clear_hint(me_.slot->waits_for);
}

}  // namespace larder::table
