#include "table/change_feed.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "table/stripe_lock.hpp"

namespace larder::table {

using layout::change_record;
using layout::change_turn;
using layout::change_words;
using layout::listeners_word;

namespace {

void ring_the_bell(const segment& memory) noexcept {
  std::atomic<std::uint32_t>& bell = memory.header().feed.bell;
  // seq_cst: after the record became whole; pairs with before_sleep
  std::uint32_t seen = bell.load(std::memory_order_seq_cst);
  if (seen % 2 == 0) return;
  if (!bell.compare_exchange_strong(seen, seen + 1, std::memory_order_seq_cst)) return;  // another one rings it
  LARDER_KILL_POINT(change_bell_rung);
  platform::futex_wake_all(bell);
}

// Makes a record this thread's. False: a living thread is stopped while it writes it, or this one was for a whole round.
bool mark(const memory::actor& me, const change_ring& ring, std::uint64_t position) noexcept {
  std::atomic<std::uint64_t>& turn = ring.at(position).turn;
  const auto mine = layout::lock_word::make(me.slot_index, me.generation);
  change_turn seen{turn.load(std::memory_order_acquire)};
  for (;;) {
    const layout::lock_word writer = seen.writer();
    if (seen.is_marked() && !is_dead(*me.memory, writer.slot(), writer.generation())) return false;
    // After `seen` was loaded: if no later round has begun now, `seen` is none of it.
    if (ring.next.load(std::memory_order_acquire) - position > ring.length) return false;
    if (turn.compare_exchange_strong(seen.bits, change_turn::marked(position, mine).bits, std::memory_order_acq_rel,
                                     std::memory_order_acquire))
      return true;
  }
}

bool write(const memory::actor& me, const change_ring& ring, std::uint64_t position,
           const change_words& what) noexcept {
  if (!mark(me, ring, position)) return false;
  LARDER_KILL_POINT(change_marked);
  std::atomic_thread_fence(std::memory_order_release);  // the mark is seen by who sees a word; pairs with change_reader
  change_record& record = ring.at(position);
  for (std::size_t i = 0; i < what.size(); ++i) record.words[i].store(what[i], std::memory_order_relaxed);
  LARDER_KILL_POINT(change_filled);
  record.turn.store(change_turn::whole(position).bits, std::memory_order_seq_cst);
  LARDER_KILL_POINT(change_whole);
  return true;
}

// Puts the part of a key that is longer than its record into the other ring; returns its position there. A record that could
// not be written is missing to who reads it.
std::uint64_t write_tail(const memory::actor& me, std::string_view tail) noexcept {
  const change_ring ring = change_ring::of_tails(*me.memory);
  const std::uint64_t count = (tail.size() + layout::key_tail_size - 1) / layout::key_tail_size;
  // relaxed: a tail is found through the change that names it
  const std::uint64_t first = ring.next.fetch_add(count, std::memory_order_relaxed);
  LARDER_KILL_POINT(change_tail_claimed);
  for (std::uint64_t i = 0; i < count; ++i) {
    change_words part{};
    std::memcpy(part.data(), tail.data(), std::min(tail.size(), layout::key_tail_size));
    if (!write(me, ring, first + i, part)) break;
    tail.remove_prefix(std::min(tail.size(), layout::key_tail_size));
  }
  return first;
}

void emit_change(memory::actor& me, layout::change_summary what, std::string_view key) noexcept {
  change_words record{what.bits()};
  if (key.size() <= layout::inline_key_size) {
    std::memcpy(&record[1], key.data(), key.size());
  } else {
    std::memcpy(&record[1], key.data(), layout::key_head_size);
    record.back() = write_tail(me, key.substr(layout::key_head_size));
  }
  const change_ring ring = change_ring::of_changes(*me.memory);
  const std::uint64_t position = ring.next.fetch_add(1, std::memory_order_seq_cst);
  LARDER_KILL_POINT(change_claimed);
  me.count(write(me, ring, position, record) ? layout::counter::changes : layout::counter::changes_lost);
  ring_the_bell(*me.memory);
}

// True if somebody listens; with a full fence where writers need one.
bool somebody_listens(const segment& memory) noexcept {
  const std::atomic<std::uint32_t>& word = memory.header().feed.listeners;
  if (memory.full_fences()) std::atomic_thread_fence(std::memory_order_seq_cst);
  return listeners_word{word.load(std::memory_order_relaxed)}.somebody();
}

bool anybody_subscribed(const segment& memory) noexcept {
  bool found = false;
  memory::for_each_used_slot(memory, [&](const layout::slot& slot) noexcept {
    found = found || slot.subscriptions.load(std::memory_order_acquire) != 0;
  });
  return found;
}

}  // namespace

void emit(memory::actor& me, change_kind kind, const layout::item& item) noexcept {
  if (!somebody_listens(*me.memory)) return;
  const std::string_view key = item.key();
  emit_change(me, {kind, item.version(), key.size(), item.shape().in_keyspace()}, key);
}

void announce_invalidation(memory::actor& me, std::uint32_t keyspace) noexcept {
  platform::light_fence();  // after the generation has grown; pairs with the heavy fence of listen
  if (!somebody_listens(*me.memory)) return;
  const std::uint64_t prefix = layout::keyspace_prefix(keyspace, 0);
  char key[layout::keyspace_prefix_size];
  std::memcpy(key, &prefix, sizeof key);
  emit_change(me, {change_kind::invalidated, 0, sizeof key, true}, {key, sizeof key});
}

void announce_something(const segment& memory) noexcept {
  platform::light_fence();
  if (!somebody_listens(memory)) return;
  memory.header().feed.next.fetch_add(1, std::memory_order_seq_cst);
  ring_the_bell(memory);
}

bool listen(const segment& memory, layout::slot& slot, std::uint64_t& from) noexcept {
  layout::change_feed& feed = memory.header().feed;
  slot.subscriptions.fetch_add(1, std::memory_order_release);  // release: before listeners; pairs with settle_listeners
  LARDER_KILL_POINT(listen_noted);
  listeners_word seen{feed.listeners.load(std::memory_order_relaxed)};
  // acq_rel: after the slot's count, for who finds nobody; before the fence
  while (!feed.listeners.compare_exchange_weak(seen.bits, seen.with_one_more().bits, std::memory_order_acq_rel,
                                               std::memory_order_relaxed)) {
  }
  LARDER_KILL_POINT(listen_begun);
  if (!memory::everybody_fenced(memory)) {
    unlisten(memory, slot);
    return false;
  }
  from = feed.next.load(std::memory_order_seq_cst);
  return true;
}

void unlisten(const segment& memory, layout::slot& slot) noexcept {
  slot.subscriptions.fetch_sub(1, std::memory_order_release);
  LARDER_KILL_POINT(unlisten_noted);
  settle_listeners(memory);
}

void settle_listeners(const segment& memory) noexcept {
  std::atomic<std::uint32_t>& word = memory.header().feed.listeners;
  // acquire: who has made this word what it is has counted itself before; who comes later changes it
  listeners_word seen{word.load(std::memory_order_acquire)};
  if (!seen.somebody() || anybody_subscribed(memory)) return;
  word.compare_exchange_strong(seen.bits, seen.with_nobody().bits, std::memory_order_acq_rel);
  LARDER_KILL_POINT(listeners_settled);
}

}  // namespace larder::table
