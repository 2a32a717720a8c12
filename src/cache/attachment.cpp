#include "cache/attachment.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <new>
#include <utility>

#include "cache/cache_impl.hpp"
#include "cache/recovery.hpp"

namespace larder::detail {

namespace {

constinit thread_record no_record;

}  // namespace

thread_local constinit thread_record* this_thread = &no_record;

namespace {

// The calling thread's records, linked by `next`; and whether they will be ended with the thread.
thread_local constinit thread_record* my_records = nullptr;
thread_local constinit bool ends_with_thread = false;

// FREE -> CLAIMED -> ACTIVE; or the slot of a dead thread, with all that it held, when there is no free one. False: the
// slot is a living thread's.
bool claim_slot(const cache_impl& cache, std::uint32_t index, bool of_the_dead) noexcept {
  const segment& memory = cache.memory();
  layout::slot& slot = memory.slot(index);
  layout::slot_word expected{slot.state.load(std::memory_order_acquire)};
  if (of_the_dead ? !is_lost(memory, index, expected) : expected.state() != layout::slot_state::free) return false;
  // Whoever looks for pins, or for the dead, must look this far before the slot is anybody's.
  std::atomic<std::uint32_t>& used = memory.header().slots_used;
  std::uint32_t seen = used.load(std::memory_order_relaxed);
  while (seen <= index && !used.compare_exchange_weak(seen, index + 1, std::memory_order_seq_cst)) {
  }
  const platform::process_identity& who = cache.process().identity;
  const auto claimed =
      layout::slot_word::make(layout::slot_state::claimed, static_cast<std::uint32_t>(who.pid_space), who.pid);
  // acq_rel: acquires what the last owner or its recoverer left
  if (!slot.state.compare_exchange_strong(expected.bits, claimed.bits, std::memory_order_acq_rel,
                                          std::memory_order_relaxed))
    return false;
  LARDER_KILL_POINT(attach_claimed);
  if (of_the_dead) disown(memory, index);
  slot.pid.store(who.pid, std::memory_order_relaxed);
  slot.started.store(who.started, std::memory_order_relaxed);
  slot.pid_space.store(who.pid_space, std::memory_order_relaxed);
  slot.attached_at.store(platform::exact_now(), std::memory_order_relaxed);
  if (platform::has(platform::bug::active_before_token))
    slot.state.store(layout::slot_word::make(layout::slot_state::active, 0, slot.generation.load()).bits);
  if (!slot.token.take()) {
    slot.state.store(layout::slot_word::given_up().bits, std::memory_order_release);
    return false;
  }
  LARDER_KILL_POINT(attach_token_taken);
  const auto active =
      layout::slot_word::make(layout::slot_state::active, 0, slot.generation.load(std::memory_order_relaxed));
  slot.state.store(active.bits, std::memory_order_seq_cst);  // seq_cst: before the first pin
  LARDER_KILL_POINT(attach_active);
  return true;
}

std::uint32_t find_slot(const cache_impl& cache) noexcept {
  const std::uint32_t count = cache.memory().geometry().slot_count;
  for (const bool of_the_dead : {false, true}) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (claim_slot(cache, i, of_the_dead)) return i;
    }
  }
  return count;
}

void free_record(thread_record* record) noexcept { platform::free_wiped(record, sizeof *record); }

thread_record* make_record(cache_impl& cache, std::uint32_t index) noexcept {
  void* memory_of_it = platform::allocate_wiped(sizeof(thread_record));
  if (memory_of_it == nullptr) return nullptr;
  auto* record = new (memory_of_it) thread_record;
  const segment& memory = cache.memory();
  record->cache = &cache;
  record->map = memory.map();
  record->hits = &memory.slot(index).counters[static_cast<std::uint32_t>(layout::counter::hits)];
  record->me.memory = &memory;
  record->me.classes = &cache.classes();
  record->me.slot = &memory.slot(index);
  record->me.slot_index = index;
  record->me.generation = memory.slot(index).generation.load(std::memory_order_relaxed);
  record->me.lock_timeout_ms = cache.lock_timeout_ms();
  for (std::size_t i = 0; i < layout::pins_per_slot; ++i) record->pins[i].word = &memory.slot(index).pins[i];
  record->try_next(record->pins[0]);
  if (!memory.full_fences() && memory.unit_shift() == layout::smallest_unit_shift)
    record->usual_for = thread_record::usual_for_cache(&cache);
  return record;
}

// Ends a record that never came to use. What its slot names, perhaps a dead owner's, is anybody's to recover.
void give_up(const cache_impl& cache, std::uint32_t index) noexcept {
  layout::slot& slot = cache.memory().slot(index);
  const auto abandoned =
      layout::slot_word::make(layout::slot_state::abandoned, 0, slot.generation.load(std::memory_order_relaxed));
  slot.state.store(abandoned.bits, std::memory_order_release);  // from here on the token says nothing
  slot.token.let_go();
  slot.state.store(layout::slot_word::given_up().bits, std::memory_order_release);
}

void release_slot(memory::actor& me) noexcept {
  fold_counters(*me.memory, *me.slot);
  LARDER_KILL_POINT(detach_folded);
  me.slot->generation.fetch_add(1, std::memory_order_release);  // I12
  me.slot->state.store(layout::slot_word::make(layout::slot_state::free).bits, std::memory_order_release);
  LARDER_KILL_POINT(detach_freed);
}

// A record in a slot that names nothing any more; nullptr: there is no slot, no memory, or a stopped process is in the way.
thread_record* begin_record(cache_impl& cache) noexcept {
  const std::uint32_t index = find_slot(cache);
  if (index == cache.memory().geometry().slot_count) return nullptr;
  thread_record* record = make_record(cache, index);
  if (record != nullptr && settle_own(record->me)) return record;
  give_up(cache, index);
  if (record != nullptr) free_record(record);
  return nullptr;
}

// Ends a record of the calling thread.
void detach(thread_record* record) noexcept {
  cache_impl& cache = *record->cache;
  memory::actor& me = record->me;
  memory::orphan_limbo(me);
  // ABANDONED in any case: from here on the token says nothing, and the slot is judged by the life of the process.
  if (platform::has(platform::bug::token_let_go_before_abandoned)) me.slot->token.let_go();
  const auto abandoned = layout::slot_word::make(layout::slot_state::abandoned, 0, me.generation);
  me.slot->state.store(abandoned.bits, std::memory_order_release);
  LARDER_KILL_POINT(detach_abandoned);
  me.slot->token.let_go();
  LARDER_KILL_POINT(detach_let_go);
  if (record->holds_something()) {
    process_state& process = cache.process();
    const std::lock_guard guard(process.mutex);
    record->next = process.abandoned;  // keeps its reference to the cache
    process.abandoned = record;
    return;
  }
  release_slot(me);
  free_record(record);
  cache.release();
}

void end_thread(void*) noexcept {
  ends_with_thread = false;
  this_thread = &no_record;
  while (my_records != nullptr) {
    thread_record* record = std::exchange(my_records, my_records->next);
    if (record->attached()) detach(record);  // else: the parent's, seen from a forked child
  }
}

// Adds a record to the thread's, which end with it. Not by the destructor of a thread_local object: that runs once, and
// destructors that run later, of static objects too, may use a cache, or be a cache's own.
void add_to_thread(thread_record* record) noexcept {
  record->next = std::exchange(my_records, record);
  this_thread = record;
  if (ends_with_thread) return;
  ends_with_thread = true;
  abi::__cxa_thread_atexit(end_thread, nullptr, &no_record);  // the latter: an address that tells which library this is
}

}  // namespace

bool thread_record::holds_something() const noexcept {
  const auto held = [](const layout::atomic_ref32& word) noexcept {
    return word.load(std::memory_order_acquire) != layout::no_cell;
  };
  return me.slot->subscriptions.load(std::memory_order_acquire) != 0 ||
         std::any_of(std::begin(me.slot->pins), std::end(me.slot->pins), held) ||
         std::any_of(std::begin(me.slot->reserved), std::end(me.slot->reserved), held);
}

bool collect_abandoned(cache_impl& cache) noexcept {
  process_state& process = cache.process();
  const std::lock_guard guard(process.mutex);
  for (thread_record** link = &process.abandoned; *link != nullptr;) {
    thread_record* record = *link;
    if (record->holds_something()) {
      link = &record->next;
      continue;
    }
    *link = record->next;
    release_slot(record->me);
    free_record(record);
    cache.release();  // never the last one: the caller has a reference
  }
  return process.abandoned == nullptr;
}

thread_record* attach_thread(cache_impl& cache) noexcept {
  for (thread_record* record = my_records; record != nullptr; record = record->next) {
    if (record->attached() && record->cache == &cache) {
      this_thread = record;
      return record;
    }
  }
  cache.enter_process();
  static_cast<void>(collect_abandoned(cache));
  thread_record* record = begin_record(cache);
  if (record == nullptr) return nullptr;
  cache.retain();
  add_to_thread(record);
  record->me.count(layout::counter::attaches);
  recover_all(record->me);  // an attach is rare: a good time to look for the dead
  return record;
}

void detach_thread(const cache_impl& cache) noexcept {
  for (thread_record** link = &my_records; *link != nullptr; link = &(*link)->next) {
    thread_record* record = *link;
    if (!record->attached() || record->cache != &cache) continue;
    *link = record->next;
    if (this_thread == record) this_thread = &no_record;
    detach(record);
    return;
  }
}

}  // namespace larder::detail
