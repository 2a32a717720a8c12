#include "model/change_model.hpp"

#include "model/cited_files.hpp"

namespace model::changes {

namespace {

constexpr std::size_t writers = 2;
constexpr unsigned ring_length = 2;

// Words of memory.
constexpr std::size_t next = 0;
constexpr std::size_t listeners = 1;
constexpr std::size_t item_of(std::size_t writer) { return 2 + writer; }
constexpr std::size_t hint_of(std::size_t writer) { return 4 + writer; }
constexpr std::size_t life_of(std::size_t writer) { return 6 + writer; }  // how often it has died
constexpr std::size_t turn_at(unsigned position) { return 8 + 3 * (position % ring_length); }
constexpr std::size_t first_at(unsigned position) { return turn_at(position) + 1; }
constexpr std::size_t second_at(unsigned position) { return turn_at(position) + 2; }

// turn: position + 1 (5) | life (1), writer + 1 (2), of who writes the record; 0: whole
constexpr unsigned whole(unsigned position) { return (position + 1) << 3; }
constexpr unsigned marked(unsigned position, std::size_t writer, unsigned life) {
  return whole(position) | (life & 1U) << 2 | static_cast<unsigned>(writer + 1);
}
constexpr bool is_marked(unsigned turn) { return (turn & 3U) != 0; }
bool writer_died(view& v, unsigned turn) { return (v.load(life_of((turn & 3U) - 1)) & 1U) != (turn >> 2 & 1U); }

// What a record says: its position and whose item has changed.
constexpr unsigned notice(unsigned position, std::size_t writer) {
  return (position + 1) << 1 | static_cast<unsigned>(writer);
}

// --- the writer -------------------------------------------------------------------------------------------------------
enum class write {
  recover,
  begin,
  commit,
  look_for_listeners,
  claim,
  look_at_turn,
  look_whether_late,
  mark,
  fill_first,
  fill_second,
  whole,
  clear_hint,
};
enum writer_register : std::size_t { left, position, seen, did_commit, had_listeners };

void recover(view& v) {
  if (v.load(hint_of(v.self())) == 0) return v.go(write::begin);
  v.reg(did_commit) = 1;
  v.go(v.has(bug::recovery_announces_nothing) ? write::clear_hint : write::look_for_listeners);
}

void begin(view& v) {
  v.wait_unless(v.reg(left) > 0);
  if (v.reg(left) > 0) --v.reg(left);
  v.store(hint_of(v.self()), 1);
  v.reg(did_commit) = 0;
  if (v.has(bug::looked_for_listeners_first) || v.has(bug::announced_before_commit)) v.go(write::look_for_listeners);
}

void commit(view& v) {
  v.store(item_of(v.self()), v.load(item_of(v.self())) + 1U);
  v.reg(did_commit) = 1;
  if (v.has(bug::hint_cleared_before_announcement)) v.store(hint_of(v.self()), 0);
  if (v.has(bug::announced_before_commit)) v.go(write::clear_hint);
  if (v.has(bug::looked_for_listeners_first)) v.go(v.reg(had_listeners) != 0 ? write::claim : write::clear_hint);
}

void look_for_listeners(view& v) {
  v.reg(had_listeners) = v.load(listeners);
  const bool earlier = v.has(bug::looked_for_listeners_first) && v.reg(did_commit) == 0;
  const bool skipped = v.has(bug::announced_before_commit) && v.reg(did_commit) == 0;
  if (earlier) return v.go(write::commit);
  if (v.reg(had_listeners) == 0) v.go(skipped ? write::commit : write::clear_hint);
}

void claim(view& v) {
  v.reg(position) = v.load(next);
  v.exchange(next, v.reg(position) + 1U);
}

void give_up(view& v) { v.go(v.reg(did_commit) != 0 ? write::clear_hint : write::commit); }

void look_at_turn(view& v) {
  v.reg(seen) = v.load(turn_at(v.reg(position)));
  if (v.has(bug::not_marked)) return v.go(write::fill_first);
  if (!is_marked(v.reg(seen)) || writer_died(v, v.reg(seen)) || v.has(bug::mark_of_the_living_taken_over)) return;
  give_up(v);
}

void look_whether_late(view& v) {
  if (static_cast<unsigned>(v.load(next)) - v.reg(position) > ring_length) give_up(v);
}

void mark(view& v) {
  const unsigned mine = marked(v.reg(position), v.self(), v.load(life_of(v.self())));
  if (!v.compare_exchange(turn_at(v.reg(position)), v.reg(seen), mine)) return v.go(write::look_at_turn);
  if (v.has(bug::whole_before_filled)) v.go(write::whole);
}

void fill_second(view& v) {
  v.store(second_at(v.reg(position)), notice(v.reg(position), v.self()));
  if (v.has(bug::whole_before_filled)) give_up(v);
}

void make_whole(view& v) {
  v.exchange(turn_at(v.reg(position)), whole(v.reg(position)));
  if (v.has(bug::whole_before_filled)) return v.go(write::fill_first);
  give_up(v);  // it is done
}

void clear_hint(view& v) {
  v.store(hint_of(v.self()), 0);
  v.reg(position) = v.reg(seen) = v.reg(did_commit) = v.reg(had_listeners) = 0;
  v.go(write::begin);
}

// All that the dead one has stored is seen; its death is evident; its next life begins.
void die(view& v) {
  v.drain(v.self());
  v.exchange(life_of(v.self()), v.load(life_of(v.self())) + 1U);
  v.reg(position) = v.reg(seen) = v.reg(did_commit) = v.reg(had_listeners) = 0;
  v.go(write::recover);
}

// --- the subscriber ---------------------------------------------------------------------------------------------------
enum class read { listen, fence, begin, copy_first, copy_second, look, turn, first, second, turn_again, refresh };
enum subscriber_register : std::size_t { cursor, copies, second_copy, fenced, found_turn, found_first, found_second };

void fence(view& v) {
  if (v.has(bug::no_heavy_fence)) return v.go(read::begin);
  const unsigned other = v.choose(writers);
  v.wait_unless((v.reg(fenced) >> other & 1U) == 0);
  v.drain(other);
  v.reg(fenced) |= static_cast<std::uint8_t>(1U << other);
  if (v.reg(fenced) != (1U << writers) - 1) return v.go(read::fence);
  v.reg(fenced) = 0;
}

void miss(view& v, unsigned count) {
  v.reg(cursor) = static_cast<std::uint8_t>(v.reg(cursor) + count);
  v.go(v.has(bug::missed_without_refreshing) ? read::look : read::copy_first);
}

void look(view& v) {
  const unsigned behind = static_cast<unsigned>(v.load(next)) - v.reg(cursor);
  v.wait_unless(behind != 0);
  if (behind > ring_length) miss(v, behind - ring_length);
}

// Whole: goes on. Else its patience may be at an end, or it looks again.
void look_at_record(view& v) {
  v.reg(found_turn) = v.load(turn_at(v.reg(cursor)));
  if (v.reg(found_turn) == whole(v.reg(cursor))) return;
  v.reg(found_turn) = 0;
  if (v.choose(2) == 0) return v.go(read::look);
  // Overtaken meanwhile: then it is counted as that.
  if (static_cast<unsigned>(v.load(next)) - v.reg(cursor) > ring_length) return v.go(read::look);
  miss(v, 1);
}

void look_at_record_again(view& v) {
  const bool same = v.load(turn_at(v.reg(cursor))) == v.reg(found_turn);
  v.reg(found_turn) = 0;
  if (same || v.has(bug::turn_not_looked_at_again)) {
    const unsigned of = v.reg(found_first) & 1U;
    v.require(v.reg(found_first) == v.reg(found_second) && v.reg(found_first) == notice(v.reg(cursor), of),
              "a notice is torn");
    ++v.reg(cursor);
    v.reg(found_second) = 0;
    return;
  }
  v.reg(found_first) = v.reg(found_second) = 0;
  v.go(read::look);
}

void refresh(view& v) {
  const std::size_t of = v.reg(found_first) & 1U;
  v.reg(copies + of) = v.load(item_of(of));
  v.reg(found_first) = 0;
  v.go(read::look);
}

}  // namespace

program writer() {
  return {
      {write::recover, "recovers what its last life left", "cache/recovery.cpp",
       "table::announce(me, change_kind::stored, *item)", recover},
      {write::begin, "names what it is about to change", table_file, "memory::hint(me.slot->retiring, old.cell)",
       begin},
      {write::commit, "commits the change", table_file,
       "in->words[i].store(bucket_word::make(at.tag, cell).bits, std::memory_order_release)", commit},
      {write::look_for_listeners, "looks whether anybody listens", "table/change_feed.hpp",
       "feed.listeners.load(std::memory_order_relaxed)", look_for_listeners},
      {write::claim, "claims a position", feed_file, "ring.next.fetch_add(1, std::memory_order_seq_cst)", claim},
      {write::look_at_turn, "looks at the record's turn", feed_file,
       "change_turn seen{turn.load(std::memory_order_acquire)}", look_at_turn},
      {write::look_whether_late, "looks whether it is late", feed_file,
       "ring.next.load(std::memory_order_acquire) - position > ring.length", look_whether_late},
      {write::mark, "marks the record", feed_file,
       "turn.compare_exchange_strong(seen.bits, change_turn::marked(position, mine).bits", mark},
      {write::fill_first, "fills it", feed_file, "record.words[i].store(what[i], std::memory_order_relaxed)",
       [](view& v) { v.store(first_at(v.reg(position)), notice(v.reg(position), v.self())); }},
      {write::fill_second, "fills its end", nullptr, nullptr, fill_second},
      {write::whole, "makes it whole", feed_file,
       "record.turn.store(change_turn::whole(position).bits, std::memory_order_seq_cst)", make_whole},
      {write::clear_hint, "forgets what it changed", table_file, "memory::clear_hint(inflight)", clear_hint},
  };
}

program subscriber() {
  return {
      {read::listen, "lets writers know", feed_file, "feed.listeners.compare_exchange_weak(seen.bits",
       [](view& v) { v.exchange(listeners, 1); }},
      {read::fence, "fences a writer", feed_file, "memory::everybody_fenced(memory)", fence},
      {read::begin, "begins here", feed_file, "from = feed.next.load(std::memory_order_seq_cst)",
       [](view& v) { v.reg(cursor) = v.load(next); }},
      {read::copy_first, "copies an item", nullptr, nullptr, [](view& v) { v.reg(copies) = v.load(item_of(0)); }},
      {read::copy_second, "copies the other", nullptr, nullptr,
       [](view& v) { v.reg(second_copy) = v.load(item_of(1)); }},
      {read::look, "looks for news", reader_file, "head = ring.next.load(std::memory_order_seq_cst)", look},
      {read::turn, "looks at the record's turn", reader_file, "ring.at(next_).turn.load(std::memory_order_seq_cst)",
       look_at_record},
      {read::first, "reads the record", reader_file, "to[i] = record.words[i].load(std::memory_order_relaxed)",
       [](view& v) { v.reg(found_first) = v.load(first_at(v.reg(cursor))); }},
      {read::second, "reads its end", nullptr, nullptr,
       [](view& v) { v.reg(found_second) = v.load(second_at(v.reg(cursor))); }},
      {read::turn_again, "looks at the turn again", reader_file,
       "return record.turn.load(std::memory_order_relaxed) == change_turn::whole(position).bits", look_at_record_again},
      {read::refresh, "refreshes its copy", nullptr, nullptr, refresh},
  };
}

system make(options with) {
  system made;
  made.seeded = static_cast<int>(with.seeded);
  made.threads = {writer(), writer(), subscriber()};
  made.buffer_depth = 2;
  made.initial.deaths_left = static_cast<std::uint8_t>(with.deaths);
  for (std::size_t w = 0; w < writers; ++w)
    made.initial.threads[w].registers[left] = static_cast<std::uint8_t>(with.changes);
  made.can_die = [](const state&, std::size_t thread) { return thread < writers; };
  made.die = die;
  made.at_rest = [](const state& now) -> const char* {
    for (std::size_t w = 0; w < writers; ++w) {
      if (now.threads[w].registers[left] != 0) return "a writer waits for ever";
      if (now.threads[writers].registers[copies + w] != now.memory[item_of(w)]) return "a copy stays old";
    }
    return nullptr;
  };
  return made;
}

}  // namespace model::changes
