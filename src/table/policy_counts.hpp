// The counts that the eviction policy goes by: how many items of a class are on probation and how many are not. Relaxed
// and advisory: a death may leave one off by an item.
#ifndef LARDER_TABLE_POLICY_COUNTS_HPP
#define LARDER_TABLE_POLICY_COUNTS_HPP

#include <cstdint>

#include "memory/memory.hpp"
#include "table/heat.hpp"

namespace larder::table {

// An item weighs 1, in LARGE pages as many as it has frames.
struct weight {
  std::uint32_t size_class;
  std::int64_t amount;
};

[[nodiscard]] inline weight weight_of(const segment& memory, layout::cell_ref cell) noexcept {
  const std::uint32_t size_class = memory::word_of(memory, memory.page_of(cell)).size_class();
  return {size_class,
          size_class == layout::large_class ? static_cast<std::int64_t>(memory::run_length(memory, cell)) : 1};
}

namespace detail {
inline void add(const segment& memory, weight by, heat of, std::int64_t sign) noexcept {
  layout::class_state& shared = memory.class_of(by.size_class);
  (of.in_main() ? shared.main : shared.small).fetch_add(sign * by.amount, std::memory_order_relaxed);
}
}  // namespace detail

// How many cells, or frames, the class's pages have, and how many of them the counts say are free.
struct class_room {
  std::int64_t cells;
  std::int64_t free;
};
[[nodiscard]] inline class_room room_of(const memory::actor& me, std::uint32_t size_class) noexcept {
  const layout::class_state& shared = me.memory->class_of(size_class);
  const std::int64_t cells =
      std::int64_t{memory::cells_in_page_of(me, size_class)} * shared.pages.load(std::memory_order_relaxed);
  const std::int64_t used = shared.small.load(std::memory_order_relaxed) + shared.main.load(std::memory_order_relaxed) +
                            shared.arrays.load(std::memory_order_relaxed);
  return {cells, cells - used};
}

// Bytes that were stored, in all classes, since something was stored in this one.
[[nodiscard]] inline std::uint64_t stored_since_last(const segment& memory, std::uint32_t size_class) noexcept {
  return memory.header().inserted.load(std::memory_order_relaxed) -
         memory.class_of(size_class).last_insert.load(std::memory_order_relaxed);
}

// A new item; also tells the mover how much is stored, in steps that keep the header's line quiet.
inline void count_in(memory::actor& me, layout::cell_ref cell, heat of) noexcept {
  const segment& memory = *me.memory;
  const weight by = weight_of(memory, cell);
  detail::add(memory, by, of, 1);
  me.inserted += memory::cell_bytes(me, cell);
  if (me.inserted >= memory.geometry().page_size() / 8) {
    memory.header().inserted.fetch_add(me.inserted, std::memory_order_relaxed);
    me.inserted = 0;
  }
  const std::uint64_t now = memory.header().inserted.load(std::memory_order_relaxed);
  std::atomic<std::uint64_t>& last = memory.class_of(by.size_class).last_insert;
  if (last.load(std::memory_order_relaxed) != now) last.store(now, std::memory_order_relaxed);
}

// A bucket array that came (1) or went (-1).
inline void count_array(const segment& memory, layout::cell_ref cell, std::int64_t sign) noexcept {
  const weight by = weight_of(memory, cell);
  memory.class_of(by.size_class).arrays.fetch_add(sign * by.amount, std::memory_order_relaxed);
}

inline void count_out(memory::actor& me, layout::cell_ref cell, heat of) noexcept {
  detail::add(*me.memory, weight_of(*me.memory, cell), of, -1);
}

// An item that took another's place, with its heat.
inline void count_moved(memory::actor& me, layout::cell_ref from, layout::cell_ref to, heat of) noexcept {
  const weight before = weight_of(*me.memory, from);
  const weight after = weight_of(*me.memory, to);
  if (before.size_class == after.size_class && before.amount == after.amount) return;
  detail::add(*me.memory, before, of, -1);
  detail::add(*me.memory, after, of, 1);
}

// From probation to main.
inline void count_promoted(const segment& memory, layout::cell_ref cell) noexcept {
  const weight by = weight_of(memory, cell);
  detail::add(memory, by, heat::probation(), -1);
  detail::add(memory, by, heat::main(), 1);
}

}  // namespace larder::table

#endif  // LARDER_TABLE_POLICY_COUNTS_HPP
