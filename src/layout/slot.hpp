// slot: a thread's own part of the attach table: who it is, what it may own (hints), what it reads (pins), its counters.
//
// Layout
//
//     +----------+-------------+-------------+-------------+--------------+------------------+
//     | identity | death token | hints       | pins        | counters     | limbo, uses      |
//     | 64       | 64          | 64          | 64 x 4      | 32 x 8       | n x 4 (geometry) |
//     +----------+-------------+-------------+-------------+--------------+------------------+
//
// States and transitions of slot::state (state 8 | 16 bits | 32 bits). The bits beside the state are those of the owner's
// generation; of a CLAIMED slot the claimant's PID namespace and pid, all that is known then; of a RECOVERING one the
// recoverer's slot and generation. So no CAS can mistake one owner for another.
//
//     FREE ---------- attach: CAS -----------------------------------------------> CLAIMED
//     CLAIMED ------- store, after the identity is written and the token taken --> ACTIVE
//     ACTIVE -------- detach: store; from here on the token says nothing --------> ABANDONED
//     ABANDONED ----- detach goes on: store, if nothing is held any more --------> FREE
//     ABANDONED ----- any thread of that process, when nothing is held any more -> FREE
//     CLAIMED ------- store by its claimant, who has no memory for more ---------> RECOVERING(nobody)
//     ABANDONED ----- store by its owner, who cannot settle what the slot names -> RECOVERING(nobody)
//     ACTIVE -------- CAS by who saw the token marked, or knows that it is over -> RECOVERING(by)
//     ABANDONED ----- CAS by who knows that the process has ended ---------------> RECOVERING(by)
//     CLAIMED ------- CAS by who knows that the process has ended ---------------> RECOVERING(by)
//     RECOVERING(by)  store, when all it held is given back ---------------------> FREE
//     RECOVERING(by)  CAS by who recovers `by` ----------------------------------> RECOVERING(another)
//
// The generation grows before the slot becomes FREE, and every stored identity carries it (I12).
//
// Hints (I3): a superset of the cells and pages that the thread may own. Written before the act, cleared after it, with
// release stores, so that neither the compiler nor the processor lets the act overtake its hint.
#ifndef LARDER_LAYOUT_SLOT_HPP
#define LARDER_LAYOUT_SLOT_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "layout/ref.hpp"
#include "platform/death_token.hpp"
#include "platform/process.hpp"

namespace larder::layout {

enum class slot_state : std::uint8_t { free = 0, claimed, active, abandoned, recovering };

struct slot_word {
  std::uint64_t bits = 0;

  [[nodiscard]] static constexpr slot_word make(slot_state state, std::uint32_t by = 0,
                                                std::uint32_t generation = 0) noexcept {
    return {std::uint64_t{static_cast<std::uint8_t>(state)} | std::uint64_t{by & 0xFFFFU} << 16 |
            std::uint64_t{generation} << 32};
  }
  // For anybody to recover.
  [[nodiscard]] static constexpr slot_word given_up() noexcept { return make(slot_state::recovering, 0xFFFF); }
  [[nodiscard]] constexpr slot_state state() const noexcept { return static_cast<slot_state>(bits & 0xFFU); }
  [[nodiscard]] constexpr std::uint32_t recoverer() const noexcept {
    return static_cast<std::uint32_t>(bits >> 16) & 0xFFFFU;
  }
  [[nodiscard]] constexpr std::uint32_t recoverer_generation() const noexcept {
    return static_cast<std::uint32_t>(bits >> 32);
  }
};

inline constexpr std::size_t pins_per_slot = 64;
inline constexpr std::size_t reservations_per_slot = 8;
inline constexpr std::size_t counters_per_slot = 32;

using atomic_ref32 = std::atomic<cell_ref>;

struct alignas(64) slot {
  // identity
  std::atomic<std::uint64_t> state;       // slot_word
  std::atomic<std::uint32_t> generation;  // how many owners the slot has had
  std::atomic<std::uint32_t> pid;
  std::atomic<std::uint64_t> started;  // process_identity
  std::atomic<std::uint64_t> pid_space;
  std::atomic<std::uint64_t> attached_at;    // ms
  std::atomic<std::uint32_t> subscriptions;  // open ones (table/change_feed.hpp)
  std::atomic<std::uint32_t> invalidating;   // keyspace + 1 whose generation grows and that is not announced yet

  alignas(64) platform::death_token token;

  // hints
  alignas(64) atomic_ref32 inflight;             // claimed or about to be, not yet published
  atomic_ref32 copy;                             // the same, for a copy that a drain makes, and for bucket arrays
  atomic_ref32 retiring;                         // unpublished or about to be, not yet in limbo
  std::atomic<std::uint32_t> claimed_page;       // page + 1 that is taken from the free ones
  std::atomic<std::uint32_t> page;               // first page + 1 that is drained or made one of a run
  std::atomic<std::uint32_t> page_span;          // how many; written before `page`
  std::atomic<std::uint32_t> waits_for;          // stripe + 1 that is locked or waited for (I10)
  std::atomic<std::uint32_t> run_borders;        // of pages that a run which is being claimed crosses; before its hint
  atomic_ref32 reserved[reservations_per_slot];  // cells of open reservations

  alignas(64) atomic_ref32 pins[pins_per_slot];  // cells that are read; stored by handles' owners only

  alignas(64) std::atomic<std::uint64_t> counters[counters_per_slot];  // counters.def; single writer

  // The owner's process: if the state is the same before and after.
  [[nodiscard]] platform::process_identity process() const noexcept {
    const platform::process_identity seen{pid.load(std::memory_order_relaxed), started.load(std::memory_order_relaxed),
                                          pid_space.load(std::memory_order_relaxed)};
    std::atomic_thread_fence(std::memory_order_acquire);
    return seen;
  }

  // geometry::limbo_capacity words follow: cells that are unpublished and wait for their last pin
  [[nodiscard]] atomic_ref32* limbo() noexcept { return reinterpret_cast<atomic_ref32*>(this + 1); }

  // geometry::class_count words follow these: items of each size class that this thread was the first to hit since the
  // eviction hand had passed them. Single writer, only grow; what the page mover goes by
  [[nodiscard]] std::atomic<std::uint32_t>* first_uses(std::uint32_t limbo_capacity) noexcept {
    return reinterpret_cast<std::atomic<std::uint32_t>*>(limbo() + limbo_capacity);
  }
};

static_assert(sizeof(slot) == 64 + 64 + 64 + 256 + 256 && std::is_standard_layout_v<slot>);
static_assert(std::is_trivially_destructible_v<slot> && sizeof(platform::death_token) <= 64);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_SLOT_HPP
