#include "model/pin_model.hpp"

#include "model/cited_files.hpp"

namespace model::pins {

namespace {

// Words of memory.
constexpr std::size_t table = 0;
constexpr std::size_t pin_of_first = 1;  // of thread 0, then of the others; the mutator, the last thread, has none
constexpr std::size_t cells_at = 4;
constexpr std::size_t most_cells = 5;
constexpr std::size_t cell_count = 20, reader_count = 21, full_fences = 22;  // never change
constexpr std::size_t first_of(std::size_t cell) { return cells_at + 2 * cell; }
constexpr std::size_t second_of(std::size_t cell) { return cells_at + 2 * cell + 1; }
static_assert(second_of(most_cells) < cell_count);

constexpr std::uint8_t table_word(unsigned cell, unsigned turn) { return static_cast<std::uint8_t>(turn << 4 | cell); }
constexpr std::size_t array_of(unsigned word) { return word & 0xF; }

// --- the reader -------------------------------------------------------------------------------------------------------
enum class read { table_word, bucket_word, pin, check_bucket, check_table, first, second, let_go };
enum reader_register : std::size_t { seen_table, seen_word, seen_first, checked };

void look_again(view& v) {
  v.reg(seen_table) = v.reg(seen_word) = v.reg(checked) = 0;
  v.go(read::table_word);
}

void load_bucket_word(view& v) {
  const std::uint8_t word = v.load(first_of(array_of(v.reg(seen_table))));
  if (word == 0 || word > v.load(cell_count)) return look_again(v);
  v.reg(seen_word) = word;
  if (v.has(bug::checked_before_pin) && v.reg(checked) == 0) v.go(read::check_bucket);
}

void store_pin(view& v) {
  const std::size_t mine = pin_of_first + v.self();
  if (v.load(full_fences) != 0) {
    v.exchange(mine, v.reg(seen_word));
  } else {
    v.store(mine, v.reg(seen_word));
  }
  if (v.has(bug::bucket_word_not_checked)) v.go(read::check_table);
  if (v.has(bug::checked_before_pin)) {
    v.reg(checked) = v.reg(seen_table) = 0;
    v.go(read::first);
  }
}

void check_bucket_word(view& v) {
  if (v.load(first_of(array_of(v.reg(seen_table)))) != v.reg(seen_word)) return look_again(v);
  if (v.has(bug::table_word_not_checked)) {
    v.reg(seen_table) = 0;
    v.go(read::first);
  }
}

void check_table_word(view& v) {
  if (v.load(table) != v.reg(seen_table)) return look_again(v);
  if (v.has(bug::checked_before_pin)) {
    v.reg(checked) = 1;
    return v.go(read::pin);
  }
  v.reg(seen_table) = 0;
}

// --- the mutator ------------------------------------------------------------------------------------------------------
enum class mutate {
  choose,
  fill_first,
  fill_second,
  publish,
  fill_array,
  publish_array,
  fence,
  membarrier,
  scan,
  free,
};
enum mutator_register : std::size_t { free_cells, limbo, item, array, made, content, turn, turns_left, done, pinned };

// The first free cell; 0: there is none.
unsigned free_cell(view& v) {
  for (unsigned cell = 1; cell <= v.load(cell_count); ++cell) {
    if (in(v.reg(free_cells), cell)) return cell;
  }
  return 0;
}

// Reclaims, or makes an item or an array. Items have two contents in turn, each of which names a cell.
void choose(view& v) {
  const unsigned chosen = v.choose(3);
  if (chosen == 0) {
    v.wait_unless(v.reg(limbo) != 0);
    return v.go(v.has(bug::scan_before_heavy_fence) ? mutate::scan : mutate::fence);
  }
  const unsigned cell = free_cell(v);
  v.wait_unless(cell != 0 && (chosen == 1 || v.reg(turns_left) > 0));
  v.reg(made) = static_cast<std::uint8_t>(cell);
  v.reg(free_cells) &= static_cast<std::uint8_t>(~bit(cell));
  if (chosen == 2) return v.go(mutate::fill_array);
  v.reg(content) = static_cast<std::uint8_t>(1 + 2 - v.reg(content));
  if (v.has(bug::freed_before_unpublished)) {
    v.reg(limbo) |= bit(v.reg(item));
    v.go(mutate::fence);
  }
}

void publish(view& v) {
  v.store(first_of(v.reg(array)), v.reg(made));
  if (!v.has(bug::freed_before_unpublished)) v.reg(limbo) |= bit(v.reg(item));
  v.reg(item) = v.reg(made);
  v.reg(made) = 0;
  v.go(mutate::choose);
}

void publish_array(view& v) {
  --v.reg(turns_left);
  if (!v.has(bug::table_word_without_turn)) ++v.reg(turn);
  v.store(table, table_word(v.reg(made), v.reg(turn)));
  v.reg(limbo) |= bit(v.reg(array));
  v.reg(array) = v.reg(made);
  v.reg(made) = 0;
  v.go(mutate::choose);
}

void fence(view& v) {
  v.fence();
  if (v.load(full_fences) != 0 || v.has(bug::no_heavy_fence)) v.go(mutate::scan);
}

void membarrier(view& v) {
  const unsigned other = v.choose(v.load(reader_count));
  v.wait_unless(!in(v.reg(done), other));
  v.drain(other);
  v.reg(done) |= bit(other);
  if (v.reg(done) + 1U != 1U << v.load(reader_count)) return v.go(mutate::membarrier);
  v.reg(done) = 0;
  if (v.has(bug::scan_before_heavy_fence)) v.go(mutate::free);
}

void scan(view& v) {
  const std::uint8_t cell = v.load(pin_of_first + v.reg(done));
  if (cell != 0 && !v.has(bug::no_scan)) v.reg(pinned) |= bit(cell);
  if (++v.reg(done) != v.load(reader_count)) return v.go(mutate::scan);
  v.reg(done) = 0;
  if (v.has(bug::scan_before_heavy_fence)) v.go(mutate::fence);
}

void free_unpinned(view& v) {
  const std::uint8_t kept = v.reg(limbo) & v.reg(pinned);
  v.reg(free_cells) |= static_cast<std::uint8_t>(v.reg(limbo) & ~kept);
  v.reg(limbo) = kept;
  v.reg(pinned) = 0;
  v.go(v.reg(made) != 0 ? mutate::fill_first : mutate::choose);
}

}  // namespace

program reader() {
  return {
      {read::table_word, "reads the table word", find_file, "entry.load(std::memory_order_acquire)",
       [](view& v) { v.reg(seen_table) = v.load(table); }},
      {read::bucket_word, "reads the bucket word", find_file, "const layout::bucket_word seen = load_word(word)",
       load_bucket_word},
      {read::pin, "pins the cell", find_file, "word.store(cell, std::memory_order_release)", store_pin},
      {read::check_bucket, "reads the bucket word again", find_file, "load_word(word).bits != seen.bits",
       check_bucket_word},
      {read::check_table, "reads the table word again", find_file,
       "memory.table(at.stripe).load(std::memory_order_acquire) != table.bits", check_table_word},
      {read::first, "reads the item", find_file, "if (has_key(*item, key))",
       [](view& v) { v.reg(seen_first) = v.load(first_of(v.reg(seen_word))); }},
      {read::second, "reads the item's end", nullptr, nullptr,
       [](view& v) {
         v.require(v.load(second_of(v.reg(seen_word))) == v.reg(seen_first), "a pinned item changes");
         v.reg(seen_word) = v.reg(seen_first) = 0;
       }},
      {read::let_go, "lets go", find_file, "word.store(layout::no_cell, std::memory_order_release)",
       [](view& v) {
         v.store(pin_of_first + v.self(), 0);
         v.go(read::table_word);
       }},
  };
}

program mutator() {
  return {
      {mutate::choose, "takes a free cell, or begins to reclaim", nullptr, nullptr, choose},
      {mutate::fill_first, "writes the new item", nullptr, nullptr,
       [](view& v) { v.store(first_of(v.reg(made)), v.reg(content)); }},
      {mutate::fill_second, "writes the new item's end", nullptr, nullptr,
       [](view& v) { v.store(second_of(v.reg(made)), v.reg(content)); }},
      {mutate::publish, "publishes it; the old one is in limbo", table_file,
       "word.store(bucket_word::make(tag, cell).bits, std::memory_order_release)", publish},
      {mutate::fill_array, "fills the new array", resize_file, "copy_words(old, made)",
       [](view& v) { v.store(first_of(v.reg(made)), v.reg(item)); }},
      {mutate::publish_array, "publishes it; the old one is in limbo", resize_file,
       "memory.table(stripe).store(new_word.bits, std::memory_order_release)", publish_array},
      {mutate::fence, "fences itself", fence_file, "std::atomic_thread_fence(std::memory_order_seq_cst)", fence},
      {mutate::membarrier, "fences another", "platform/fence.cpp", "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
       membarrier},
      {mutate::scan, "looks at a pin", limbo_file,
       "for_each_pin(*me.memory, [&](cell_ref cell) noexcept { candidates.note_pin(cell); })", scan},
      {mutate::free, "frees what no pin names", limbo_file, "free_from_limbo(me, place)", free_unpinned},
  };
}

system make(options with) {
  system made_system;
  made_system.seeded = static_cast<int>(with.seeded);
  made_system.threads.assign(with.readers, reader());
  made_system.threads.push_back(mutator());
  state& first = made_system.initial;
  constexpr unsigned array_cell = 1, item_cell = 2;
  first.memory[table] = table_word(array_cell, 0);
  first.memory[first_of(array_cell)] = item_cell;
  first.memory[first_of(item_cell)] = first.memory[second_of(item_cell)] = 1;
  first.memory[cell_count] = static_cast<std::uint8_t>(with.cells);
  first.memory[reader_count] = static_cast<std::uint8_t>(with.readers);
  first.memory[full_fences] = with.full_fences ? 1 : 0;
  auto& registers = first.threads[with.readers].registers;
  registers[item] = item_cell;
  registers[array] = array_cell;
  registers[content] = 1;
  registers[turns_left] = static_cast<std::uint8_t>(with.resizes);
  for (unsigned cell = item_cell + 1; cell <= with.cells; ++cell) registers[free_cells] |= bit(cell);
  return made_system;
}

}  // namespace model::pins
