#include "model/moving_model.hpp"

#include "model/cited_files.hpp"

namespace model::moving {

namespace {

// Words of memory.
enum word : std::size_t { in_primary, in_alternate, spilled, turn, turns };

// --- the reader -------------------------------------------------------------------------------------------------------
enum class read { table_word, primary, count, alternate, check_table };
enum reader_register : std::size_t { seen_turn };

void found(view& v) {
  v.reg(seen_turn) = 0;
  v.go(read::table_word);
}

void check_table_word(view& v) {
  v.require(v.load(turn) != v.reg(seen_turn), "a word that is there is missed");
  found(v);
}

// --- the mover --------------------------------------------------------------------------------------------------------
enum class move { take_over, choose, announce, to_alternate, from_primary, to_primary, turn, from_alternate, uncount };

void take_over(view& v) {
  if (v.load(in_primary) != 0 && v.load(in_alternate) != 0) v.store(in_primary, 0);
}

void choose(view& v) {
  if (v.load(in_primary) != 0) {
    return v.go(v.has(bug::spilled_unannounced)       ? move::to_alternate
                : v.has(bug::spilled_through_nothing) ? move::from_primary
                                                      : move::announce);
  }
  v.wait_unless(v.load(turn) < v.load(turns));
  v.go(move::to_primary);
}

void leave_primary(view& v) {
  v.store(in_primary, 0);
  v.go(v.has(bug::spilled_unannounced) || v.has(bug::spilled_through_nothing) ? move::announce : move::choose);
}

void enter_alternate(view& v) {
  v.store(in_alternate, 1);
  if (v.has(bug::spilled_through_nothing)) v.go(move::choose);
}

void announce(view& v) {
  v.store(spilled, 1);
  if (v.has(bug::spilled_unannounced)) v.go(move::choose);
}

void enter_primary(view& v) {
  v.store(in_primary, 1);
  if (v.has(bug::homed_without_turn) || v.has(bug::turned_after_leaving)) v.go(move::from_alternate);
  if (v.has(bug::uncounted_before_turn)) v.go(move::uncount);
}

void take_turn(view& v) {
  v.store(turn, v.load(turn) + 1U);
  v.go(v.has(bug::turned_after_leaving) ? move::uncount : move::from_alternate);
}

void leave_alternate(view& v) {
  v.store(in_alternate, 0);
  v.go(v.has(bug::turned_after_leaving)    ? move::turn
       : v.has(bug::uncounted_before_turn) ? move::choose
                                           : move::uncount);
}

void uncount(view& v) {
  v.store(spilled, 0);
  v.go(v.has(bug::uncounted_before_turn) ? move::turn : move::choose);
}

}  // namespace

program reader() {
  return {
      {read::table_word, "reads the table word", find_file, "table_word_of(memory, at.stripe)",
       [](view& v) { v.reg(seen_turn) = v.load(turn); }},
      {read::primary, "looks into the primary bucket", find_file, "find_in_bucket(memory, buckets.primary(at.tag)",
       [](view& v) {
         if (v.load(in_primary) != 0) found(v);
       }},
      {read::count, "asks whether anything has spilled", further_file,
       "bucket_hints(primary.hints.load(std::memory_order_acquire)).spilled() != 0",
       [](view& v) {
         if (v.load(spilled) == 0) v.go(read::check_table);
       }},
      {read::alternate, "looks into the alternate bucket", further_file,
       "find_in_bucket(memory, buckets.alternate(at.tag)",
       [](view& v) {
         if (v.load(in_alternate) != 0) found(v);
       }},
      {read::check_table, "reads the table word again", further_file, "now.bits == table.bits", check_table_word},
  };
}

program mover() {
  return {
      {move::take_over, "ends what a dead one had begun", lock_file, "other.store(0, std::memory_order_release)",
       take_over},
      {move::choose, "spills, or goes home", nullptr, nullptr, choose},
      {move::announce, "counts it as spilled", table_file, "store_hints(*by.from", announce},
      {move::to_alternate, "enters the alternate bucket", table_file, "by.to->words[empty_word(*by.to)].store(",
       enter_alternate},
      {move::from_primary, "leaves the primary bucket", table_file, "from.store(0, std::memory_order_release)",
       leave_primary},
      {move::to_primary, "enters the primary bucket", homing_file, "primary.words[room].store(seen.bits",
       enter_primary},
      {move::turn, "stores another turn", homing_file, "table.turn() + 1", take_turn},
      {move::from_alternate, "leaves the alternate bucket", homing_file,
       "all[i].word->store(0, std::memory_order_release)", leave_alternate},
      {move::uncount, "counts it no more", homing_file, "hints.spilled_less().bits()", uncount},
  };
}

system make(options with) {
  system made;
  made.seeded = static_cast<int>(with.seeded);
  made.threads.assign(with.readers, reader());
  made.threads.push_back(mover());
  made.initial.memory[in_primary] = 1;
  made.initial.memory[turns] = static_cast<std::uint8_t>(with.turns);
  made.initial.deaths_left = static_cast<std::uint8_t>(with.deaths);
  const std::size_t mortal = with.readers;
  made.can_die = [mortal](const state&, std::size_t thread) { return thread == mortal; };
  made.die = [](view& v) { v.go(move::take_over); };
  return made;
}

}  // namespace model::moving
