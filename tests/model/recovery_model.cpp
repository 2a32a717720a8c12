#include "model/recovery_model.hpp"

#include "model/cited_files.hpp"
#include "model/recovery_invariants.hpp"
#include "model/recovery_words.hpp"

namespace model::recovery {

namespace {

std::size_t my(view& v, slot_word word) { return of(v.self(), word); }
std::uint8_t owned_by(std::size_t slot) { return static_cast<std::uint8_t>(first_owner + slot); }
std::uint8_t my_lock_word(view& v) {
  return lock_word(v.self(), v.has(bug::lock_word_without_generation) ? 0U : v.reg(mine));
}
unsigned my_life(view& v) { return v.load(my(v, ended)) + 1U; }

bool is_dead(view& v, std::size_t slot, unsigned number) {
  if (v.load(of(slot, generation)) != number && !v.has(bug::lock_word_without_generation)) return true;
  const kind now = kind_of(v.load(of(slot, slot_state)));
  return now == recovering || now == claimed || (now == active && v.load(of(slot, token)) == died);
}

bool is_lost(view& v, std::size_t slot, unsigned seen) {
  switch (kind_of(seen)) {
    case active:
      return v.load(of(slot, token)) == died && v.load(of(slot, slot_state)) == seen;
    case claimed:
    case abandoned:
      return v.load(of(by_of(seen), ended)) >= number_of(seen);
    case recovering: {
      const std::size_t by = by_of(seen);
      if (v.has(bug::recoverer_without_generation)) return is_dead(v, by, v.load(of(by, generation)));
      return is_dead(v, by, number_of(seen));
    }
    case free_slot:
      break;
  }
  return false;
}

void call_lock(view& v, at then) {
  v.reg(return_to) = static_cast<std::uint8_t>(then);
  v.go(at::hint_lock);
}

void lock_taken(view& v) {
  v.reg(has_lock) = 1;
  v.reg(seen_lock) = 0;
  v.go(v.reg(return_to));
  v.reg(return_to) = 0;
}

// Recovers somebody, puts, erases what is not there, or detaches, as long as there is something to do.
void choose(view& v) {
  const auto threads = static_cast<unsigned>(v.load(thread_count));
  const unsigned chosen = v.choose(threads + 3);
  if (chosen < threads) {
    v.wait_unless(chosen != v.self() && is_lost(v, chosen, v.load(of(chosen, slot_state))));
    v.reg(dead) = static_cast<std::uint8_t>(chosen);
    return v.go(at::see_slot);
  }
  const std::size_t left = chosen == threads + 2 ? detaches_left(v.self()) : writes_left(v.self());
  v.wait_unless(v.load(left) > 0);
  v.store(left, v.load(left) - 1U);
  if (chosen == threads + 2) return v.go(at::abandon);
  if (chosen == threads + 1) return call_lock(v, at::unlock);
  if (v.has(bug::hint_after_claim)) v.go(at::claim);
}

std::uint8_t a_free_cell(view& v) {
  for (std::size_t cell = 1; cell <= cells; ++cell) {
    if (v.load(stamp_of(cell)) == free_cell) return static_cast<std::uint8_t>(cell);
  }
  return 0;
}

void name_cell(view& v) {
  if (v.has(bug::hint_after_claim)) {
    v.store(my(v, inflight), v.reg(made));
    return call_lock(v, at::find_old);
  }
  v.reg(made) = a_free_cell(v);
  if (v.reg(made) == 0) return v.go(at::idle);
  v.store(my(v, inflight), v.reg(made));
}

void claim_cell(view& v) {
  if (v.has(bug::hint_after_claim)) v.reg(made) = a_free_cell(v);
  if (v.compare_exchange(stamp_of(v.reg(made)), free_cell, owned_by(v.self()))) {
    if (v.has(bug::hint_after_claim)) return v.go(at::name);
    return call_lock(v, at::find_old);
  }
  v.go(v.has(bug::hint_after_claim) ? at::claim : at::name);
}

void wait_for_lock(view& v) {
  v.reg(seen_lock) = v.load(lock);
  if (v.reg(seen_lock) == 0) {
    v.compare_exchange(lock, 0, my_lock_word(v));
    return lock_taken(v);
  }
  const bool from_the_living = v.has(bug::lock_taken_from_the_living);
  v.wait_unless(from_the_living || is_dead(v, owner_of(v.reg(seen_lock)), number_of(v.reg(seen_lock))));
  if (from_the_living) v.go(at::take_over);
}

void see_hint(view& v) {
  v.reg(hinted) = v.load(of(v.reg(dead), inflight + v.reg(which)));
  if (v.reg(hinted) == 0) return v.go(at::next_hint);
  if (v.has(bug::recovery_clears_hint_first)) v.store(of(v.reg(dead), inflight + v.reg(which)), 0);
}

void see_stamp(view& v) {
  v.reg(hinted_stamp) = v.load(stamp_of(v.reg(hinted)));
  if (v.reg(hinted_stamp) != owned_by(v.reg(dead)) && v.reg(hinted_stamp) != linked) return v.go(at::next_hint);
  call_lock(v, at::see_stamp_again);
}

// The item is published: its stamp says so. Else it is retired by the recoverer.
void settle(view& v) {
  if (v.load(bucket_word) != v.reg(hinted)) return v.go(at::hint_mine);
  if (v.reg(hinted_stamp) != linked) v.store(stamp_of(v.reg(hinted)), linked);
  v.go(at::unlock);
}

void next_hint(view& v) {
  if (v.reg(hinted) != 0) v.store(of(v.reg(dead), inflight + v.reg(which)), 0);
  v.reg(hinted) = v.reg(hinted_stamp) = 0;
  if (++v.reg(which) <= last_hint) return v.go(at::see_hint);
  v.reg(which) = 0;
  if (v.has(bug::recovery_forgets_lock)) v.go(at::forget_lock);
}

// After a write, or in the midst of a recovery that goes on.
void clear_waits(view& v) {
  v.store(my(v, waits_for), 0);
  if (v.load(my(v, limbo)) != 0) return;
  if (v.reg(seen_state) == 0) return v.go(at::idle);
  v.go(v.reg(which) > last_hint ? at::forget_lock : at::next_hint);
}

void clear_limbo(view& v) {
  v.store(my(v, limbo), 0);
  v.go(v.reg(seen_state) != 0 ? at::next_hint : at::idle);
}

void release_lock(view& v) {
  const std::uint8_t word = v.load(lock);
  const bool its = v.load(of(v.reg(dead), waits_for)) != 0 && word != 0 && owner_of(word) == v.reg(dead);
  if (!its) return v.go(at::forget_lock);
  v.reg(which) = last_hint + 1;  // tells where clear_waits goes on
  call_lock(v, at::unlock);
}

void append(program& to, program more) { to.insert(to.end(), more.begin(), more.end()); }

program attaching() {
  return {
      {at::start, "claims its slot", attach_file, "slot.state.compare_exchange_strong(expected.bits, claimed.bits",
       [](view& v) {
         const std::uint8_t word = state_word(claimed, v.self(), my_life(v));
         v.wait_unless(v.load(my(v, slot_state)) == free_slot);
         v.compare_exchange(my(v, slot_state), free_slot, word);
       }},
      {at::take_token, "takes the death token", attach_file, "slot.token.take()",
       [](view& v) { v.store(my(v, token), held); }},
      {at::activate, "is attached", attach_file, "slot.state.store(active.bits, std::memory_order_seq_cst)",
       [](view& v) {
         v.reg(mine) = v.load(my(v, generation));
         v.exchange(my(v, slot_state), state_word(active, 0, v.reg(mine)));
       }},
      {at::idle, "chooses what to do", nullptr, nullptr, choose},
  };
}

program putting() {
  return {
      {at::name, "names a free cell", allocator_file, "hint(hint_word, cell)", name_cell},
      {at::claim, "claims it", allocator_file, "stamp.compare_exchange_strong(expected, me.stamp()", claim_cell},
      {at::find_old, "finds the old item", table_file, "in.words[i].load(std::memory_order_relaxed)",
       [](view& v) {
         v.reg(old) = v.load(bucket_word);
         if (v.has(bug::taken_out_without_hint)) v.go(at::publish);
       }},
      {at::hint_old, "names the old cell", table_file, "memory::hint(me.slot->retiring, old.cell)",
       [](view& v) { v.store(my(v, retiring), v.reg(old)); }},
      {at::publish, "publishes the new one", table_file,
       "word.store(bucket_word::make(tag, cell).bits, std::memory_order_release)",
       [](view& v) {
         v.store(bucket_word, v.reg(made));
         if (v.has(bug::hint_cleared_before_stamp)) v.go(at::clear_inflight);
       }},
      {at::link, "stamps it linked", table_file, ".store(layout::stamp_linked, std::memory_order_release)",
       [](view& v) {
         v.store(stamp_of(v.reg(made)), linked);
         if (v.has(bug::hint_cleared_before_stamp)) v.go(at::own_old);
       }},
      {at::clear_inflight, "clears its hint", table_file, "memory::clear_hint(inflight)",
       [](view& v) {
         v.store(my(v, inflight), 0);
         if (v.has(bug::hint_cleared_before_stamp)) v.go(at::link);
       }},
      {at::own_old, "stamps the old cell its own", limbo_head, "stamp.store(me.stamp(), std::memory_order_release)",
       [](view& v) {
         v.store(stamp_of(v.reg(old)), owned_by(v.self()));
         if (v.has(bug::hint_cleared_before_limbo)) v.go(at::clear_retiring);
       }},
      {at::to_limbo, "puts it in limbo", limbo_head, "hint(me.slot->limbo()[me.limbo.take()], cell)",
       [](view& v) {
         v.store(my(v, limbo), v.reg(old));
         if (v.has(bug::hint_cleared_before_limbo)) v.go(at::unlock);
       }},
      {at::clear_retiring, "clears that hint", limbo_head, "clear_hint(me.slot->retiring)",
       [](view& v) {
         v.store(my(v, retiring), 0);
         if (v.has(bug::hint_cleared_before_limbo)) v.go(at::to_limbo);
       }},
      {at::unlock, "unlocks", lock_head, "word_.exchange(0, std::memory_order_seq_cst)",
       [](view& v) {
         v.reg(made) = v.reg(old) = v.reg(has_lock) = 0;
         v.require(v.exchange(lock, 0) == my_lock_word(v), "a lock was taken from the living");
       }},
      {at::clear_waits, "forgets the stripe", lock_head, "memory::clear_hint(me_.slot->waits_for)", clear_waits},
      {at::free_limbo, "frees the old cell", allocator_file,
       "memory.item_at(cell)->stamp.store(layout::stamp_free, std::memory_order_release)",
       [](view& v) { v.store(stamp_of(v.load(my(v, limbo))), free_cell); }},
      {at::clear_limbo, "takes it out of limbo", limbo_file, "clear_hint(word)", clear_limbo},
  };
}

program locking() {
  return {
      {at::hint_lock, "names the stripe", lock_head, "memory::hint(me_.slot->waits_for, stripe + 1)",
       [](view& v) { v.store(my(v, waits_for), 1); }},
      {at::try_lock, "locks it, or sees a dead owner", lock_head, "held_ = try_lock() || spin_and_lock() ||",
       wait_for_lock},
      {at::check_generation, "looks at the owner's generation", lock_file,
       "other.generation.load(std::memory_order_acquire)",
       [](view& v) {
         const bool passed = v.load(of(owner_of(v.reg(seen_lock)), generation)) != number_of(v.reg(seen_lock));
         if (passed && !v.has(bug::lock_word_without_generation)) v.go(at::take_over);
       }},
      {at::check_state, "looks at its slot's state", lock_file, "other.state.load(std::memory_order_acquire)",
       [](view& v) {
         const kind now = kind_of(v.load(of(owner_of(v.reg(seen_lock)), slot_state)));
         if (now == recovering || now == claimed) return v.go(at::take_over);
         if (now != active) v.go(at::try_lock);
       }},
      {at::check_token, "looks at its death token", lock_file, "other.token.owner_died()",
       [](view& v) {
         if (v.load(of(owner_of(v.reg(seen_lock)), token)) != died) v.go(at::try_lock);
       }},
      {at::take_over, "takes the lock over", lock_file,
       "word_.compare_exchange_strong(expected, mine_.bits, std::memory_order_acquire",
       [](view& v) {
         if (!v.compare_exchange(lock, v.reg(seen_lock), my_lock_word(v))) return v.go(at::try_lock);
         lock_taken(v);
       }},
  };
}

program recovering_another() {
  return {
      {at::see_slot, "looks at a slot", recovery_file, "slot.state.load(std::memory_order_acquire)",
       [](view& v) { v.reg(seen_state) = v.load(of(v.reg(dead), slot_state)); }},
      {at::check_lost, "asks whether its owner is lost", recovery_file, "!is_lost(memory, dead, seen, how)",
       [](view& v) {
         if (is_lost(v, v.reg(dead), v.reg(seen_state))) return;
         v.reg(seen_state) = v.reg(dead) = 0;
         v.go(at::idle);
       }},
      {at::begin, "begins to recover it", recovery_file, "slot.state.compare_exchange_strong(expected, mine.bits",
       [](view& v) {
         const unsigned number = v.has(bug::recoverer_without_generation) ? 0U : v.reg(mine);
         const std::uint8_t by_me = state_word(recovering, v.self(), number);
         if (v.compare_exchange(of(v.reg(dead), slot_state), v.reg(seen_state), by_me)) return;
         v.reg(seen_state) = v.reg(dead) = 0;
         v.go(at::idle);
       }},
      {at::see_hint, "looks at a hint of it", recovery_file, "hint.load(std::memory_order_acquire)", see_hint},
      {at::see_stamp, "looks at the cell's stamp", recovery_file, "pinned.pinned_stamp(cell)", see_stamp},
      {at::see_stamp_again, "looks at the stamp under the lock", recovery_file,
       "if (word.load(std::memory_order_acquire) != stamp)",
       [](view& v) {
         if (v.load(stamp_of(v.reg(hinted))) != v.reg(hinted_stamp)) v.go(at::unlock);
       }},
      {at::settle, "asks the table for the cell", recovery_file, "word.store(linked, std::memory_order_release)",
       settle},
      {at::hint_mine, "names the cell itself", recovery_file, "memory::hint(me.slot->retiring, cell)",
       [](view& v) {
         v.store(my(v, retiring), v.reg(hinted));
         v.reg(old) = v.reg(hinted);
         v.go(at::own_old);
       }},
      {at::next_hint, "clears the dead one's hint", recovery_file, "memory::clear_hint(hint)", next_hint},
      {at::release_lock, "looks for a lock of the dead one", recovery_file,
       "if (!word.unlocked() && word.slot() == dead)", release_lock},
      {at::forget_lock, "forgets the stripe of the dead one", recovery_file,
       "slot.waits_for.store(0, std::memory_order_release)",
       [](view& v) {
         v.reg(which) = 0;
         v.store(of(v.reg(dead), waits_for), 0);
         if (v.has(bug::generation_not_grown)) v.go(at::free_slot);
       }},
      {at::grow, "lets the generation grow", recovery_file, "slot.generation.fetch_add(1, std::memory_order_release)",
       [](view& v) {
         const std::size_t word = of(v.reg(dead), generation);
         v.exchange(word, v.load(word) + 1U);
       }},
      {at::free_slot, "frees the slot", recovery_file,
       "slot.state.store(slot_word::make(slot_state::free).bits, std::memory_order_release)",
       [](view& v) {
         v.store(of(v.reg(dead), slot_state), free_slot);
         v.reg(seen_state) = v.reg(dead) = 0;
         v.go(at::idle);
       }},
  };
}

program detaching() {
  return {
      {at::abandon, "begins to detach", attach_file, "me.slot->state.store(abandoned.bits, std::memory_order_release)",
       [](view& v) { v.store(my(v, slot_state), state_word(abandoned, v.self(), my_life(v))); }},
      {at::let_token_go, "lets the token go", attach_file, "me.slot->token.let_go()",
       [](view& v) { v.store(my(v, token), none); }},
      {at::grow_own, "lets the generation grow", attach_file,
       "me.slot->generation.fetch_add(1, std::memory_order_release)",
       [](view& v) {
         if (!v.has(bug::generation_not_grown)) v.exchange(my(v, generation), v.load(my(v, generation)) + 1U);
       }},
      {at::free_own, "frees its slot", attach_file,
       "me.slot->state.store(layout::slot_word::make(layout::slot_state::free).bits",
       [](view& v) {
         v.reg(mine) = 0;
         v.store(my(v, slot_state), free_slot);
         v.go(at::start);
       }},
  };
}

// The kernel marks the token of who dies holding it, behind its last store.
void die(view& v) {
  if (v.load(my(v, token)) == held) v.store(my(v, token), died);
  v.store(my(v, ended), my_life(v));
  for (std::size_t i = 0; i < most_registers; ++i) v.reg(i) = 0;
  v.go(at::start);
}

}  // namespace

program any_thread() {
  program all = attaching();
  append(all, putting());
  append(all, locking());
  append(all, recovering_another());
  append(all, detaching());
  return all;
}

system make(options with) {
  system made_system;
  made_system.seeded = static_cast<int>(with.seeded);
  made_system.buffer_depth = with.buffer_depth;
  made_system.threads.assign(with.threads, any_thread());
  made_system.always = check_always;
  made_system.at_rest = check_at_rest;
  made_system.can_die = [](const state& now, std::size_t thread) {
    return now.threads[thread].at != static_cast<std::uint8_t>(at::start);
  };
  made_system.die = die;
  state& first = made_system.initial;
  first.deaths_left = with.deaths;
  first.memory[thread_count] = static_cast<std::uint8_t>(with.threads);
  first.memory[bucket_word] = 1;
  first.memory[stamp_of(1)] = linked;
  for (std::size_t t = 0; t < with.threads; ++t) {
    first.memory[of(t, slot_state)] = state_word(active, 0, 0);
    first.memory[of(t, token)] = held;
    first.memory[writes_left(t)] = with.writes[t];
    first.memory[detaches_left(t)] = with.detaches[t];
    first.threads[t].at = static_cast<std::uint8_t>(at::idle);
  }
  return made_system;
}

}  // namespace model::recovery
