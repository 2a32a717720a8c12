#include "model/fence_model.hpp"

#include "model/cited_files.hpp"

namespace model::fences {

namespace {

// Words of memory.
constexpr std::size_t bucket_word = 0, pin_word = 1, begun = 2, ended = 3, cells_at = 4;
constexpr unsigned cell_count = 3;
constexpr std::size_t first_of(std::size_t cell) { return cells_at + 2 * cell; }
constexpr std::size_t second_of(std::size_t cell) { return cells_at + 2 * cell + 1; }

enum thread : std::size_t { the_reader, the_sharer, the_fencer };

// --- the reader -------------------------------------------------------------------------------------------------------
enum class read { word, pin, check, first, second, let_go };
enum reader_register : std::size_t { seen_cell, seen_first };

// --- the sharer -------------------------------------------------------------------------------------------------------
enum class share { choose, fill_first, fill_second, publish, fence, mark, ask, scan, take_back };
enum sharer_register : std::size_t { free_cells, limbo, marked, mark, item, made, content, pinned };

void choose(view& v) {
  const unsigned chosen = v.choose(3);
  if (chosen == 0) {
    v.wait_unless(v.reg(limbo) != v.reg(marked));
    return v.go(v.has(bug::mark_without_full_fence) ? share::mark : share::fence);
  }
  if (chosen == 1) {
    v.wait_unless(v.reg(marked) != 0);
    return v.go(share::ask);
  }
  unsigned cell = 1;
  while (cell <= cell_count && !in(v.reg(free_cells), cell)) ++cell;
  v.wait_unless(cell <= cell_count);
  v.reg(made) = static_cast<std::uint8_t>(cell);
  v.reg(free_cells) &= static_cast<std::uint8_t>(~bit(cell));
  v.reg(content) = static_cast<std::uint8_t>(1 + 2 - v.reg(content));
}

void publish(view& v) {
  v.store(bucket_word, v.reg(made));
  v.reg(limbo) |= bit(v.reg(item));
  v.reg(item) = v.reg(made);
  v.reg(made) = 0;
  v.go(share::choose);
}

void set_mark(view& v) {
  v.reg(mark) = v.load(begun);
  v.reg(marked) = v.reg(limbo);
  v.go(share::choose);
}

void ask(view& v) {
  const std::uint8_t seen = v.load(v.has(bug::begun_is_enough) ? begun : ended);
  const bool fenced = seen > v.reg(mark) || (v.has(bug::fence_from_before_the_mark) && seen != 0);
  if (!fenced) v.go(share::choose);
}

void scan(view& v) {
  if (const std::uint8_t cell = v.load(pin_word)) v.reg(pinned) = bit(cell);
}

void take_back(view& v) {
  const std::uint8_t which = v.has(bug::takes_back_what_is_not_marked) ? v.reg(limbo) : v.reg(marked);
  const auto taken = static_cast<std::uint8_t>(which & ~v.reg(pinned));
  v.reg(free_cells) |= taken;
  v.reg(limbo) &= static_cast<std::uint8_t>(~taken);
  v.reg(marked) &= v.reg(limbo);
  v.reg(pinned) = 0;
  v.go(share::choose);
}

// --- the fencer -------------------------------------------------------------------------------------------------------
enum class make_fence { begin, membarrier, end };
enum fencer_register : std::size_t { fences_left, mine, drained };

void begin(view& v) {
  v.wait_unless(v.reg(fences_left) > 0);
  --v.reg(fences_left);
  v.reg(mine) = static_cast<std::uint8_t>(v.load(begun) + 1);
  v.exchange(begun, v.reg(mine));
  if (v.has(bug::ended_before_it_has)) v.go(make_fence::end);
}

void membarrier(view& v) {
  const unsigned other = v.choose(the_fencer);
  v.wait_unless(!in(v.reg(drained), other));
  v.drain(other);
  v.reg(drained) |= bit(other);
  if (v.reg(drained) != (bit(the_reader) | bit(the_sharer))) return v.go(make_fence::membarrier);
  v.reg(drained) = 0;
  v.go(v.has(bug::ended_before_it_has) ? make_fence::begin : make_fence::end);
}

void end(view& v) {
  if (v.load(ended) < v.reg(mine)) v.exchange(ended, v.reg(mine));
  v.go(v.has(bug::ended_before_it_has) ? make_fence::membarrier : make_fence::begin);
}

}  // namespace

program reader() {
  return {
      {read::word, "reads the bucket word", find_file, "const layout::bucket_word seen = load_word(word)",
       [](view& v) { v.reg(seen_cell) = v.load(bucket_word); }},
      {read::pin, "pins the cell", find_file, "word.store(cell, std::memory_order_release)",
       [](view& v) { v.store(pin_word, v.reg(seen_cell)); }},
      {read::check, "reads the bucket word again", find_file, "load_word(word).bits != seen.bits",
       [](view& v) {
         if (v.load(bucket_word) != v.reg(seen_cell)) v.go(read::word);
       }},
      {read::first, "reads the item", find_file, "if (has_key(*item, key))",
       [](view& v) { v.reg(seen_first) = v.load(first_of(v.reg(seen_cell))); }},
      {read::second, "reads the item's end", nullptr, nullptr,
       [](view& v) {
         v.require(v.load(second_of(v.reg(seen_cell))) == v.reg(seen_first), "a pinned item changes");
         v.reg(seen_cell) = v.reg(seen_first) = 0;
       }},
      {read::let_go, "lets go", find_file, "word.store(layout::no_cell, std::memory_order_release)",
       [](view& v) {
         v.store(pin_word, 0);
         v.go(read::word);
       }},
  };
}

program sharer() {
  return {
      {share::choose, "takes a free cell, or looks after its limbo", nullptr, nullptr, choose},
      {share::fill_first, "writes the new item", nullptr, nullptr,
       [](view& v) { v.store(first_of(v.reg(made)), v.reg(content)); }},
      {share::fill_second, "writes the new item's end", nullptr, nullptr,
       [](view& v) { v.store(second_of(v.reg(made)), v.reg(content)); }},
      {share::publish, "publishes it; the old one is in limbo", table_file,
       "word.store(bucket_word::make(tag, cell).bits, std::memory_order_release)", publish},
      {share::fence, "fences itself", fence_file, "std::atomic_thread_fence(std::memory_order_seq_cst)",
       [](view& v) { v.fence(); }},
      {share::mark, "marks what waits", fence_file, "fences_begun.load(std::memory_order_seq_cst)", set_mark},
      {share::ask, "asks whether another has fenced", fence_file,
       "return ended > mark && ended <= memory.header().fences_begun", ask},
      {share::scan, "looks at the pin", limbo_file,
       "for_each_pin(*me.memory, [&](cell_ref cell) noexcept { candidates.note_pin(cell); })", scan},
      {share::take_back, "takes back what no pin names", limbo_file, "free_from_limbo(me, place)", take_back},
  };
}

program fencer() {
  return {
      {make_fence::begin, "begins a fence", fence_file, "fences_begun.fetch_add(1, std::memory_order_seq_cst)", begin},
      {make_fence::membarrier, "fences another", "platform/fence.cpp", "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
       membarrier},
      {make_fence::end, "says that it has ended", fence_file, "fences_ended.compare_exchange_weak(ended, mine", end},
  };
}

system make(bug seeded) {
  system made_system;
  made_system.seeded = static_cast<int>(seeded);
  made_system.threads = {reader(), sharer(), fencer()};
  state& first = made_system.initial;
  constexpr unsigned item_cell = 1;
  first.memory[bucket_word] = item_cell;
  first.memory[first_of(item_cell)] = first.memory[second_of(item_cell)] = 1;
  auto& registers = first.threads[the_sharer].registers;
  registers[item] = item_cell;
  registers[content] = 1;
  for (unsigned cell = item_cell + 1; cell <= cell_count; ++cell) registers[free_cells] |= bit(cell);
  first.threads[the_fencer].registers[fences_left] = 2;
  return made_system;
}

}  // namespace model::fences
