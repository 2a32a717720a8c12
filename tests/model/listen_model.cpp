#include "model/listen_model.hpp"

#include "model/cited_files.hpp"

namespace model::listening {

namespace {

// === the bell =========================================================================================================
constexpr std::size_t made_whole = 0;  // how many records are
constexpr std::size_t bell = 1;
constexpr std::size_t asleep_of(std::size_t thread) { return 1 + thread; }  // subscribers are threads 1 and 2
constexpr std::size_t sleepers = 2;

enum class announce { begin, whole, look_at_bell, ring, wake };
enum announce_register : std::size_t { left, seen_bell };

void make_whole(view& v) {
  const unsigned next = v.load(made_whole) + 1U;
  if (v.has(bug::whole_is_still_in_buffer)) {
    v.store(made_whole, next);
  } else {
    v.exchange(made_whole, next);
  }
  if (v.has(bug::bell_looked_at_first)) v.go(v.reg(seen_bell) % 2 != 0 ? announce::ring : announce::begin);
}

void look_at_bell(view& v) {
  v.reg(seen_bell) = v.load(bell);
  if (v.has(bug::bell_looked_at_first)) return v.go(announce::whole);
  if (v.reg(seen_bell) % 2 == 0) v.go(announce::begin);
}

void ring(view& v) {
  const unsigned to = v.has(bug::bell_without_turn) ? v.reg(seen_bell) - 1U : v.reg(seen_bell) + 1U;
  if (!v.compare_exchange(bell, v.reg(seen_bell), to)) v.go(announce::begin);
}

void wake(view& v) {
  v.fence();
  for (std::size_t s = 1; s <= sleepers; ++s) v.exchange(asleep_of(s), 0);
  v.go(announce::begin);
}

enum class sleep { look, look_at_bell, touch_bell, look_again, sleep, woken };
enum sleep_register : std::size_t { read, my_bell };

bool found_something(view& v) {
  if (v.load(made_whole) == v.reg(read)) return false;
  ++v.reg(read);
  v.go(sleep::look);
  return true;
}

void touch_bell(view& v) {
  if (v.reg(my_bell) % 2 != 0) return;
  if (!v.compare_exchange(bell, v.reg(my_bell), v.reg(my_bell) + 1U)) return v.go(sleep::look_at_bell);
  v.reg(my_bell) |= 1U;
}

// The kernel compares the word and puts the thread to sleep at once.
void fall_asleep(view& v) {
  v.fence();
  if (v.load(bell) != v.reg(my_bell)) return v.go(sleep::look);
  v.exchange(asleep_of(v.self()), 1);
}

// === the listeners ====================================================================================================
constexpr std::size_t listeners = 0;  // turn << 1 | somebody
constexpr std::size_t count_of(std::size_t thread) { return 1 + thread; }
constexpr std::size_t listens_of(std::size_t thread) {
  return 4 + thread;
}  // for the invariant: between listen and unlisten

enum class visit { recover, begin, count, load, tell, listens, uncount, look, look_at_slot, say_nobody };
enum visit_register : std::size_t { visits_left, seen_word, slot, told };

void begin(view& v) {
  v.wait_unless(v.reg(visits_left) > 0);
  if (v.reg(visits_left) > 0) --v.reg(visits_left);
  if (v.has(bug::counted_after_telling)) v.go(visit::load);
}

void count(view& v) {
  v.exchange(count_of(v.self()), 1);
  if (v.has(bug::counted_after_telling)) v.go(visit::listens);
}

void tell(view& v) {
  const unsigned word = v.reg(seen_word);
  const unsigned turn = v.has(bug::listeners_without_turn) ? 0U : 2U;
  if (!v.compare_exchange(listeners, word, (word + turn) | 1U)) return v.go(visit::load);
  v.reg(seen_word) = 0;
  if (v.has(bug::counted_after_telling)) v.go(visit::count);
}

void look(view& v) {
  v.reg(seen_word) = v.load(listeners);
  v.reg(slot) = 0;
  if (v.reg(seen_word) % 2 == 0) v.go(visit::begin);
}

void look_at_slot(view& v, std::size_t guests) {
  if (v.load(count_of(v.reg(slot))) != 0) return v.go(visit::begin);
  if (++v.reg(slot) < guests) v.go(visit::look_at_slot);
}

// What is left of a dead one is cleared, and then it is looked whether anybody listens.
void recover(view& v) {
  v.exchange(count_of(v.self()), 0);
  v.go(visit::look);
}

void guest_dies(view& v) {
  v.drain(v.self());
  v.exchange(listens_of(v.self()), 0);
  v.reg(seen_word) = v.reg(slot) = 0;
  v.go(visit::recover);
}

}  // namespace

program announcer() {
  return {
      {announce::begin, "begins to announce", nullptr, nullptr,
       [](view& v) {
         v.reg(seen_bell) = 0;
         v.wait_unless(v.reg(left) > 0);
         if (v.reg(left) > 0) --v.reg(left);
         if (v.has(bug::bell_looked_at_first)) v.go(announce::look_at_bell);
       }},
      {announce::whole, "makes a record whole", feed_file,
       "record.turn.store(change_turn::whole(position).bits, std::memory_order_seq_cst)", make_whole},
      {announce::look_at_bell, "looks at the bell", feed_file, "seen = bell.load(std::memory_order_seq_cst)",
       look_at_bell},
      {announce::ring, "rings it", feed_file, "bell.compare_exchange_strong(seen, seen + 1, std::memory_order_seq_cst)",
       ring},
      {announce::wake, "wakes everybody", feed_file, "platform::futex_wake_all(bell)", wake},
  };
}

program sleeper() {
  return {
      {sleep::look, "looks for news", reader_file, "head = ring.next.load(std::memory_order_seq_cst)",
       [](view& v) {
         v.reg(my_bell) = 0;
         found_something(v);
       }},
      {sleep::look_at_bell, "looks at the bell", reader_file, "seen = bell.load(std::memory_order_seq_cst)",
       [](view& v) { v.reg(my_bell) = v.load(bell); }},
      {sleep::touch_bell, "makes it odd", reader_file,
       "bell.compare_exchange_weak(seen, seen + 1, std::memory_order_seq_cst)", touch_bell},
      {sleep::look_again, "looks for news again", "cache/changes.cpp",
       "const std::uint32_t bell = reader_.before_sleep(); if (std::optional<change> found = next()) return found;",
       [](view& v) {
         if (!v.has(bug::slept_without_second_look)) found_something(v);
       }},
      {sleep::sleep, "sleeps", reader_file, "platform::futex_wait(memory_->header().feed.bell, bell, longest)",
       fall_asleep},
      {sleep::woken, "is woken", nullptr, nullptr,
       [](view& v) {
         v.wait_unless(v.load(asleep_of(v.self())) == 0);
         v.go(sleep::look);
       }},
  };
}

system make_bell(unsigned changes, bug seeded) {
  system made;
  made.seeded = static_cast<int>(seeded);
  made.threads = {announcer(), sleeper(), sleeper()};
  made.buffer_depth = 2;
  made.initial.threads[0].registers[left] = static_cast<std::uint8_t>(changes);
  made.at_rest = [](const state& now) -> const char* {
    for (std::size_t s = 1; s <= sleepers; ++s) {
      if (now.threads[s].registers[read] != now.memory[made_whole]) return "somebody sleeps who has something to read";
    }
    return nullptr;
  };
  return made;
}

program guest() {
  return {
      {visit::recover, "recovers what its last life left", "cache/recovery.cpp",
       "slot.subscriptions.store(0, std::memory_order_release)", recover},
      {visit::begin, "comes", nullptr, nullptr, begin},
      {visit::count, "counts itself", feed_file, "slot.subscriptions.fetch_add(1, std::memory_order_release)", count},
      {visit::load, "looks at the word", feed_file,
       "listeners_word seen{feed.listeners.load(std::memory_order_relaxed)}",
       [](view& v) { v.reg(seen_word) = v.load(listeners); }},
      {visit::tell, "tells the writers", feed_file,
       "feed.listeners.compare_exchange_weak(seen.bits, seen.with_one_more().bits", tell},
      {visit::listens, "listens", nullptr, nullptr, [](view& v) { v.exchange(listens_of(v.self()), 1); }},
      {visit::uncount, "goes", feed_file, "slot.subscriptions.fetch_sub(1, std::memory_order_release)",
       [](view& v) {
         v.exchange(listens_of(v.self()), 0);
         v.exchange(count_of(v.self()), 0);
       }},
      {visit::look, "looks whether anybody is said to listen", feed_file,
       "listeners_word seen{word.load(std::memory_order_acquire)}", look},
      {visit::look_at_slot, "looks at a slot", feed_file, "slot.subscriptions.load(std::memory_order_acquire) != 0",
       [](view& v) { look_at_slot(v, most_threads); }},
      {visit::say_nobody, "says that nobody listens", feed_file,
       "word.compare_exchange_strong(seen.bits, seen.with_nobody().bits, std::memory_order_acq_rel)",
       [](view& v) {
         v.compare_exchange(listeners, v.reg(seen_word), v.reg(seen_word) - 1U);
         v.reg(seen_word) = v.reg(slot) = 0;
         v.go(visit::begin);
       }},
  };
}

system make_listeners(std::size_t guests, unsigned deaths, bug seeded) {
  system made;
  made.seeded = static_cast<int>(seeded);
  made.threads.assign(guests, guest());
  made.buffer_depth = 0;  // every store is a locked instruction
  made.initial.deaths_left = static_cast<std::uint8_t>(deaths);
  for (std::size_t g = 0; g < guests; ++g) made.initial.threads[g].registers[visits_left] = 2;
  made.can_die = [](const state&, std::size_t) { return true; };
  made.die = guest_dies;
  made.always = [](const state& now) -> const char* {
    for (std::size_t g = 0; g < most_threads; ++g) {
      if (now.memory[listens_of(g)] != 0 && now.memory[listeners] % 2 == 0) return "somebody listens, and nobody knows";
    }
    return nullptr;
  };
  made.at_rest = [](const state& now) -> const char* {
    return now.memory[listeners] % 2 != 0 ? "all have gone, and writers still announce" : nullptr;
  };
  return made;
}

}  // namespace model::listening
