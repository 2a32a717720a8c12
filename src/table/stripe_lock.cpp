#include "table/stripe_lock.hpp"

#include <chrono>

#include "table/bucket_index.hpp"
#include "table/expiry.hpp"
#include "table/sweeper.hpp"

namespace larder::table {

using layout::lock_word;

namespace {

constexpr int spins = 100;
constexpr std::chrono::microseconds nap{1000};  // how long a death can go unnoticed

// The second half of a spill (table/stripe_table.hpp): a word that stands in both its buckets goes from its primary one.
void end_spill(const bucket_array& buckets) noexcept {
  for_each_word(buckets, [&buckets](layout::bucket& in, const std::atomic<std::uint64_t>& word) noexcept {
    const layout::bucket_word seen{word.load(std::memory_order_relaxed)};
    layout::bucket& primary = buckets.primary(seen.tag());
    if (seen.empty() || &primary == &in) return;
    for (std::atomic<std::uint64_t>& other : primary.words) {
      if (other.load(std::memory_order_relaxed) == seen.bits) other.store(0, std::memory_order_release);
    }
  });
}

// The second half of a touch (cache/update.cpp): the bounds know when its item expires (I16).
void end_touch(const memory::actor& me, const bucket_array& buckets) noexcept {
  for_each_word(buckets, [&me](layout::bucket&, const std::atomic<std::uint64_t>& word) noexcept {
    const layout::cell_ref cell = layout::bucket_word{word.load(std::memory_order_relaxed)}.cell();
    if (!me.memory->in_pages(cell)) return;  // none, or damaged
    const layout::item& item = *me.memory->item_at(cell);
    if (item.shape().has_expiry()) lower_expiry_bound(me, cell, expiry_of(item));
  });
}

// What a dead owner may not have come to: its item's version is taken, its spill and its touch end, the items are counted
// anew.
void settle_stripe(const memory::actor& me, std::uint32_t stripe) noexcept {
  const segment& memory = *me.memory;
  if (!platform::has(platform::bug::takeover_forgets_version))
    memory.stripe(stripe).changes.fetch_add(1, std::memory_order_release);  // I9, and no version is given twice
  const bucket_array buckets(memory, table_word_of(memory, stripe));
  end_spill(buckets);
  LARDER_KILL_POINT(spill_ended);
  end_touch(me, buckets);
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

bool is_dead(const segment& memory, std::uint32_t slot, std::uint32_t generation, platform::look how) noexcept {
  if (slot >= memory.geometry().slot_count) return false;
  const layout::slot& other = memory.slot(slot);
  // A slot's next owner comes only after the one before is gone, which never leaves with a lock in its hands but by death.
  if ((other.generation.load(std::memory_order_acquire) & 0xFFFFU) != (generation & 0xFFFFU)) return true;
  const layout::slot_word seen{other.state.load(std::memory_order_acquire)};
  switch (seen.state()) {
    case layout::slot_state::active:
      // The state again: until then the slot was this owner's, and so was what it says of its process.
      return other.token.owner_died() ||
             (platform::has_ended(other.process(), how) && other.state.load(std::memory_order_acquire) == seen.bits);
    // Whoever recovers the owner, or was about to take its slot over and has not let the generation grow yet, knew it dead.
    case layout::slot_state::recovering:
    case layout::slot_state::claimed:
      return true;
    case layout::slot_state::abandoned:
    case layout::slot_state::free:
      break;
  }
  return false;
}

bool stripe_lock::spin_and_lock() noexcept {
  for (int i = 0; i < spins; ++i) {
    relax_processor();
    if (try_lock()) return true;
  }
  return false;
}

bool stripe_lock::take_from_dead() noexcept {
  const lock_word seen{word_.load(std::memory_order_relaxed)};
  return !seen.unlocked() && is_dead(*me_.memory, seen.slot(), seen.generation()) && take_over(seen);
}

bool stripe_lock::wait_and_lock() noexcept {
  me_.count(layout::counter::lock_waits);
  const std::uint64_t deadline = platform::exact_now() + me_.lock_timeout_ms;
  for (bool slept = false;; slept = true) {
    const lock_word seen{word_.load(std::memory_order_relaxed)};
    const platform::look how = slept ? platform::look::thorough : platform::look::quick;
    if (seen.unlocked() ? try_lock() : is_dead(*me_.memory, seen.slot(), seen.generation(), how) && take_over(seen)) {
      if (slept) stripe_.sleepers.store(1, std::memory_order_relaxed);  // others may sleep still
      return true;
    }
    if (seen.unlocked()) continue;
    if (platform::exact_now() >= deadline) {
      me_.count(layout::counter::lock_timeouts);
      return false;
    }
    stripe_.sleepers.store(1, std::memory_order_seq_cst);  // before the kernel compares the word
    platform::futex_wait(word_, seen.bits, nap);
  }
}

bool stripe_lock::take_over(lock_word seen) noexcept {
  std::uint32_t expected = seen.bits;
  // acquire: all that the dead owner stored is visible (with the acquire of its token)
  if (!word_.compare_exchange_strong(expected, mine_.bits, std::memory_order_acquire, std::memory_order_relaxed))
    return false;
  LARDER_KILL_POINT(lock_taken_over);
  settle_stripe(me_, me_.slot->waits_for.load(std::memory_order_relaxed) - 1);
  me_.count(layout::counter::takeovers);
  me_.met_dead = seen.slot() + 1;
  return true;
}

void stripe_lock::wake_one() noexcept {
  stripe_.sleepers.store(0, std::memory_order_relaxed);
  platform::futex_wake_one(word_);
}

}  // namespace larder::table
