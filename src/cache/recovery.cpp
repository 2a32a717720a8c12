#include "cache/recovery.hpp"

#include <algorithm>

#include "table/table.hpp"

namespace larder::detail {

using layout::cell_ref;
using layout::slot_state;
using layout::slot_word;

namespace {

// Settles a pinned cell under the lock of its stripe: calls act(reachable, stamp for a reachable one, stripe, item; nullptr
// if there is no telling its key). What the cell was meant for is not known: it is tried as a bucket array, whose stripe its
// header names, and then as an item. False: a lock could not be had.
template <class Act>
bool settle_under_lock(memory::actor& me, cell_ref cell, bool is_array, Act act) noexcept {
  const segment& memory = *me.memory;
  const layout::item& item = *memory.item_at(cell);
  if (const std::uint32_t stripe = table::stripe_of_array(item); stripe < memory.geometry().stripe_count()) {
    const table::stripe_lock lock(me, stripe);
    if (!lock.held()) return false;
    const bool in_use = table::holds_array(me, stripe, cell);
    if (in_use || is_array) {
      act(in_use, layout::stamp_table, stripe, nullptr);
      return true;
    }
  }
  // What was never finished may hold anything: then it is in no bucket, whatever the stripe.
  const bool sane = table::is_sane(memory, item);
  const table::place at = sane ? table::place_of(memory, table::key_of(item)) : table::place{};
  const table::stripe_lock lock(me, at.stripe);
  if (!lock.held()) return false;
  act(sane && table::locate_cell(memory, at, cell).item != nullptr, layout::stamp_linked, at.stripe,
      sane ? &item : nullptr);
  return true;
}

// What a dead thread took out, and may not have announced: the item of its key that is there now, or that there is none.
void announce_departure(memory::actor& me, const layout::item& gone) noexcept {
  const table::lookup_key key = table::key_of(gone);
  const table::spot now = table::locate(*me.memory, table::place_of(*me.memory, key), key);
  table::announce(me, now.item != nullptr ? change_kind::stored : change_kind::erased,
                  now.item != nullptr ? *now.item : gone);
}

// Settles one cell that a hint of slot `dead` names. False: not now.
bool settle_cell(memory::actor& me, std::uint32_t dead, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  if (!memory.in_pages(cell)) return true;
  table::linked_pin pinned(me);
  if (!pinned.available()) return false;
  const std::uint16_t stamp = pinned.pinned_stamp(cell);
  const bool owned = stamp == layout::stamp_owned(dead);
  if (stamp == layout::stamp_free) memory::announce_free_cell(memory, cell);  // it may have died before it did
  if (!owned && stamp != layout::stamp_linked && stamp != layout::stamp_table)
    return true;  // freed, or another's by now
  if (memory::limbo_is_full(me)) memory::reclaim(me);
  const bool forgetful = platform::has(platform::bug::recovery_announces_nothing);
  return settle_under_lock(
      me, cell, stamp == layout::stamp_table,
      [&](bool reachable, std::uint16_t linked, std::uint32_t stripe, const layout::item* item) noexcept {
        layout::atomic_stamp& word = memory::stamp_of(memory, cell);
        if (word.load(std::memory_order_acquire) != stamp) return;  // others were quicker; it is theirs
        if (reachable) {
          if (item != nullptr && !forgetful) table::announce(me, change_kind::stored, *item);
          if (owned) word.store(linked, std::memory_order_release);
          LARDER_KILL_POINT(recover_linked);
          return;
        }
        // Linked and not reachable: taken out. What is OWNED was announced, or never seen.
        if (!owned && item != nullptr && !forgetful) announce_departure(me, *item);
        memory.stripe(stripe).changes.fetch_add(
            1, std::memory_order_release);  // I9, which the dead one may not have come to
        memory::hint(me.slot->retiring, cell);
        LARDER_KILL_POINT(recover_hinted);
        memory::retire(me, cell);
      });
}

bool settle_hint(memory::actor& me, std::uint32_t dead, layout::atomic_ref32& hint) noexcept {
  const cell_ref cell = hint.load(std::memory_order_acquire);
  if (cell == layout::no_cell) return true;
  if (platform::has(platform::bug::recovery_clears_hint_first)) memory::clear_hint(hint);
  if (!settle_cell(me, dead, cell)) return false;
  LARDER_KILL_POINT(recover_settled);
  memory::clear_hint(hint);
  return true;
}

bool settle_cells(memory::actor& me, std::uint32_t dead) noexcept {
  const segment& memory = *me.memory;
  layout::slot& slot = memory.slot(dead);
  bool done =
      settle_hint(me, dead, slot.inflight) && settle_hint(me, dead, slot.copy) && settle_hint(me, dead, slot.retiring);
  for (layout::atomic_ref32& hint : slot.reserved) {
    done = done && settle_hint(me, dead, hint);
  }
  for (std::uint32_t i = 0; i < memory.geometry().limbo_capacity; ++i) {
    done = done && (platform::has(platform::bug::recovery_forgets_limbo) || settle_hint(me, dead, slot.limbo()[i]));
  }
  return done;
}

void settle_invalidation(memory::actor& me, std::uint32_t dead) noexcept {
  layout::slot& slot = me.memory->slot(dead);
  const std::uint32_t keyspace = slot.invalidating.load(std::memory_order_acquire);
  if (keyspace == 0) return;
  if (keyspace <= me.memory->geometry().keyspace_count) table::announce_invalidation(me, keyspace - 1);
  memory::clear_hint(slot.invalidating);
}

void settle_pages(memory::actor& me, std::uint32_t dead) noexcept {
  layout::slot& slot = me.memory->slot(dead);
  if (const std::uint32_t claimed = slot.claimed_page.load(std::memory_order_acquire); claimed != 0) {
    memory::give_back_page(me, claimed - 1, dead);
    memory::clear_hint(slot.claimed_page);
  }
  if (const std::uint32_t first = slot.page.load(std::memory_order_acquire); first != 0) {
    const std::uint32_t span = slot.page_span.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < span && i < me.memory->geometry().page_count; ++i) {
      memory::give_back_page(me, first - 1 + i, dead);
      LARDER_KILL_POINT(recover_page);
    }
    memory::clear_hint(slot.page);
  }
  slot.run_borders.store(0, std::memory_order_release);
  memory::expect_free_cells(*me.memory);
}

// Takes the lock that the dead one held, if it did, and lets go of it: as any writer who waits for it would.
void release_lock(memory::actor& me, std::uint32_t dead) noexcept {
  const segment& memory = *me.memory;
  layout::slot& slot = memory.slot(dead);
  const std::uint32_t waits_for = slot.waits_for.load(std::memory_order_acquire);
  if (waits_for == 0 || waits_for > memory.geometry().stripe_count()) return;
  const layout::lock_word word{memory.stripe(waits_for - 1).lock.load(std::memory_order_acquire)};
  if (!word.unlocked() && word.slot() == dead) {
    const table::stripe_lock taken_over(me, waits_for - 1);
  }
  slot.waits_for.store(0, std::memory_order_release);
}

bool claimant_ended(slot_word seen) noexcept {
  // All that a CLAIMED word tells: the pid, and some bits of the PID namespace that it is of.
  const platform::process_identity me = platform::this_process();
  if (static_cast<std::uint16_t>(me.pid_space) != static_cast<std::uint16_t>(seen.recoverer())) return false;
  return platform::has_ended({seen.recoverer_generation(), 0, me.pid_space});
}

// The dead owner's limbo goes on as this thread's, without what was freed or is another's by now, and each cell once.
void take_limbo_over(memory::actor& me) noexcept {
  layout::atomic_ref32* limbo = me.slot->limbo();
  table::linked_pin pinned(me);
  for (std::uint32_t i = 0; i < me.memory->geometry().limbo_capacity; ++i) {
    const cell_ref cell = limbo[i].load(std::memory_order_relaxed);
    if (cell == layout::no_cell) continue;
    const bool mine = pinned.pinned_stamp(cell) == me.stamp();
    const auto same = [&](const auto& other) noexcept { return other.load(std::memory_order_relaxed) == cell; };
    const bool twice = std::any_of(limbo, limbo + me.limbo.used(), same);
    if (mine && !twice) {
      const std::uint16_t place = me.limbo.take();
      me.limbo_bytes += memory::cell_bytes(me, cell);
      if (place == i) continue;
      memory::hint(limbo[place], cell);  // named twice for a moment, never not at all
    }
    memory::clear_hint(limbo[i]);
  }
}

}  // namespace

bool is_lost(const segment& memory, std::uint32_t index, slot_word seen, platform::look how) noexcept {
  const layout::slot& slot = memory.slot(index);
  switch (seen.state()) {
    case slot_state::active:
      return (slot.token.owner_died() || platform::has_ended(slot.process(), how)) &&
             slot.state.load(std::memory_order_acquire) == seen.bits;
    case slot_state::abandoned:
      return platform::has_ended(slot.process(), how) && slot.state.load(std::memory_order_acquire) == seen.bits;
    case slot_state::claimed:
      return claimant_ended(seen);
    case slot_state::recovering: {
      const std::uint32_t by = seen.recoverer();
      if (by >= memory.geometry().slot_count) return true;
      const layout::slot& recoverer = memory.slot(by);
      // A recoverer that is gone from its slot, or dead in it, does not finish.
      return recoverer.generation.load(std::memory_order_acquire) != seen.recoverer_generation() ||
             table::is_dead(memory, by, seen.recoverer_generation(), how);
    }
    case slot_state::free:
      break;
  }
  return false;
}

bool recover(memory::actor& me, std::uint32_t dead, platform::look how) noexcept {
  const segment& memory = *me.memory;
  if (dead == me.slot_index || dead >= memory.geometry().slot_count) return false;
  layout::slot& slot = memory.slot(dead);
  const slot_word seen{slot.state.load(std::memory_order_acquire)};
  if (seen.state() == slot_state::free || !is_lost(memory, dead, seen, how)) return false;
  const auto mine = slot_word::make(slot_state::recovering, me.slot_index, me.generation);
  std::uint64_t expected = seen.bits;
  if (!slot.state.compare_exchange_strong(expected, mine.bits, std::memory_order_acq_rel, std::memory_order_relaxed))
    return false;
  LARDER_KILL_POINT(recover_begun);
  if (!settle_cells(me, dead)) {
    // A stopped process holds a stripe that is needed. Back to what tells everybody of the death; what is settled stays so.
    slot.state.store(seen.bits, std::memory_order_release);
    return false;
  }
  settle_invalidation(me, dead);
  settle_pages(me, dead);
  if (!platform::has(platform::bug::recovery_forgets_lock)) release_lock(me, dead);
  disown(memory, dead);
  if (me.met_dead == dead + 1) me.met_dead = 0;
  LARDER_KILL_POINT(recover_disowned);
  slot.state.store(slot_word::make(slot_state::free).bits, std::memory_order_release);  // release: all of the above
  me.count(layout::counter::recoveries);
  return true;
}

std::size_t recover_all(memory::actor& me, platform::look how) noexcept {
  std::size_t count = 0;
  const std::uint32_t used = memory::used_slots(*me.memory);
  for (std::uint32_t i = 0; i < used; ++i) {
    count += recover(me, i, how) ? 1U : 0U;
  }
  return count;
}

void disown(const segment& memory, std::uint32_t index) noexcept {
  layout::slot& slot = memory.slot(index);
  for (layout::atomic_ref32& pin : slot.pins) {
    if (!platform::has(platform::bug::recovery_forgets_pins)) pin.store(layout::no_cell, std::memory_order_release);
  }
  if (!platform::has(platform::bug::recovery_forgets_subscriptions))
    slot.subscriptions.store(0, std::memory_order_release);
  table::settle_listeners(memory);
  fold_counters(memory, slot);
  slot.generation.fetch_add(1, std::memory_order_release);  // I12: after hints, lock and pins are gone
}

bool settle_own(memory::actor& me) noexcept {
  release_lock(me, me.slot_index);
  me.met_dead = 0;
  // None free, and nobody to hold them: the segment is damaged (P6), and without a pin nothing could be settled.
  if (!table::linked_pin(me).available()) {
    for (layout::atomic_ref32& pin : me.slot->pins) table::unpin(pin);
  }
  take_limbo_over(me);
  memory::reclaim(me);
  bool done = settle_hint(me, me.slot_index, me.slot->retiring) &&  // first: settling the others uses that hint
              settle_hint(me, me.slot_index, me.slot->inflight) && settle_hint(me, me.slot_index, me.slot->copy);
  for (layout::atomic_ref32& hint : me.slot->reserved) {
    done = done && settle_hint(me, me.slot_index, hint);
  }
  if (done) {
    settle_invalidation(me, me.slot_index);
    settle_pages(me, me.slot_index);
  }
  return done;
}

void fold_counters(const segment& memory, layout::slot& slot) noexcept {
  // relaxed: statistics. A death in between may count something twice or not at all.
  for (std::uint32_t i = 0; i < layout::counters_per_slot; ++i) {
    memory.header().counters[i].fetch_add(slot.counters[i].exchange(0, std::memory_order_relaxed),
                                          std::memory_order_relaxed);
  }
  for (std::uint32_t c = 0; c < memory.geometry().class_count; ++c) {
    std::atomic<std::uint32_t>& uses = slot.first_uses(memory.geometry().limbo_capacity)[c];
    memory.class_of(c).departed_uses.fetch_add(uses.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
  }
}

}  // namespace larder::detail
