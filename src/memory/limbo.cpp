#include "memory/limbo.hpp"

#include <algorithm>
#include <array>

#include "memory/allocator.hpp"
#include "memory/cell_walk.hpp"
#include "memory/pins.hpp"

namespace larder::memory {

using layout::cell_ref;

namespace {

// The cells of one limbo, for looking pins up: open addressing in twice the largest limbo.
class cell_set {
 public:
  void add(cell_ref cell) noexcept {
    std::uint32_t at = place(cell);
    while (cells_[at] != layout::no_cell) at = (at + 1) % size;
    cells_[at] = cell;
  }
  void mark(cell_ref cell) noexcept {
    if (const std::uint32_t at = find(cell); at != size) pinned_[at] = true;
  }
  [[nodiscard]] bool is_marked(cell_ref cell) const noexcept {
    const std::uint32_t at = find(cell);
    return at != size && pinned_[at];
  }

 private:
  static constexpr std::uint32_t size = 512;
  static std::uint32_t place(cell_ref cell) noexcept { return (cell * 0x9E37'79B1U) >> 23; }
  [[nodiscard]] std::uint32_t find(cell_ref cell) const noexcept {
    for (std::uint32_t at = place(cell); cells_[at] != layout::no_cell; at = (at + 1) % size) {
      if (cells_[at] == cell) return at;
    }
    return size;
  }

  std::array<cell_ref, size> cells_{};
  std::array<bool, size> pinned_{};
};

// Who drains a page may have looked for hints already.
bool is_drained_by_another(const actor& me, cell_ref cell) noexcept {
  if (!me.memory->in_pages(cell)) return false;
  const layout::page_word word = word_of(*me.memory, me.memory->page_of(cell));
  return word.state() == layout::page_state::draining && word.owner() != me.slot_index;
}

void put_in_limbo(actor& me, cell_ref cell) noexcept {
  hint(me.slot->limbo()[me.limbo_count], cell);
  ++me.limbo_count;
  me.limbo_bytes += cell_bytes(me, cell);
  LARDER_KILL_POINT(retire_in_limbo);
}

// Whoever looks at all pins meets the dead readers among them, too: one is noted, to be recovered when it suits.
void note_the_dead(actor& me) noexcept {
  const segment& memory = *me.memory;
  for_each_used_slot(memory, [&](layout::slot& other) noexcept {
    const layout::slot_word state{other.state.load(std::memory_order_acquire)};
    if (state.state() != layout::slot_state::active || !other.token.owner_died()) return;
    const auto offset = reinterpret_cast<std::byte*>(&other) - reinterpret_cast<std::byte*>(&memory.slot(0));
    me.met_dead = static_cast<std::uint32_t>(static_cast<std::uint64_t>(offset) / memory.geometry().slot_size) + 1;
  });
}

}  // namespace

void retire(actor& me, cell_ref cell) noexcept {
  layout::atomic_stamp& stamp = stamp_of(*me.memory, cell);
  if (limbo_is_full(me)) {
    stamp.store(layout::stamp_orphan, std::memory_order_release);
    LARDER_KILL_POINT(retire_orphaned);
  } else {
    if (platform::has(platform::bug::hint_cleared_before_limbo)) clear_hint(me.slot->retiring);
    stamp.store(me.stamp(), std::memory_order_release);  // release: after the bucket word was cleared (I2)
    LARDER_KILL_POINT(retire_stamped);
    put_in_limbo(me, cell);
  }
  clear_hint(me.slot->retiring);
}

bool adopt_orphan(actor& me, cell_ref cell) noexcept {
  if (limbo_is_full(me)) return false;
  hint(me.slot->retiring, cell);
  LARDER_KILL_POINT(adopt_hinted);
  std::uint16_t expected = layout::stamp_orphan;
  const bool mine =
      !is_drained_by_another(me, cell) && is_cell(*me.memory, *me.classes, cell) &&  // I15: looked at after the hint
      stamp_of(*me.memory, cell)
          .compare_exchange_strong(expected, me.stamp(), std::memory_order_acq_rel, std::memory_order_relaxed);
  if (mine) {
    LARDER_KILL_POINT(adopt_claimed);
    put_in_limbo(me, cell);
  }
  clear_hint(me.slot->retiring);
  return mine;
}

void orphan_limbo(actor& me) noexcept {
  reclaim(me);
  for (std::uint32_t i = 0; i < me.limbo_count; ++i) {
    layout::atomic_ref32& word = me.slot->limbo()[i];
    stamp_of(*me.memory, word.load(std::memory_order_relaxed)).store(layout::stamp_orphan, std::memory_order_release);
    LARDER_KILL_POINT(limbo_orphaned);
    clear_hint(word);
  }
  me.limbo_count = 0;
  me.limbo_bytes = 0;
}

void collect_orphans(actor& me) noexcept {
  const segment& memory = *me.memory;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    for_each_cell(me, page, [&](cell_ref cell, layout::atomic_stamp& stamp) noexcept {
      if (stamp.load(std::memory_order_relaxed) != layout::stamp_orphan) return;  // relaxed: adopting decides
      if (limbo_is_full(me)) reclaim(me);
      adopt_orphan(me, cell);
    });
  }
  orphan_limbo(me);
}

std::uint32_t reclaim(actor& me) noexcept {
  if (me.limbo_count == 0 || !everybody_fenced(*me.memory)) return 0;
  me.count(layout::counter::reclaims);
  layout::atomic_ref32* limbo = me.slot->limbo();
  cell_set waiting;
  for (std::uint32_t i = 0; i < me.limbo_count; ++i) {
    const cell_ref cell = limbo[i].load(std::memory_order_relaxed);  // relaxed: mine
    prefetch_free_bit(me, cell);
    waiting.add(cell);
  }
  for_each_pin(*me.memory, [&](cell_ref cell) noexcept { waiting.mark(cell); });
  note_the_dead(me);
  std::uint32_t kept = 0;
  me.limbo_bytes = 0;
  for (std::uint32_t i = 0; i < me.limbo_count; ++i) {
    const cell_ref cell = limbo[i].load(std::memory_order_relaxed);
    if (!waiting.is_marked(cell) || platform::has(platform::bug::reclaim_ignores_pins)) {
      free_cell(me, cell);
      LARDER_KILL_POINT(reclaim_freed);
      clear_hint(limbo[i]);
      continue;
    }
    me.limbo_bytes += cell_bytes(me, cell);
    if (kept != i) {
      hint(limbo[kept], cell);  // named twice for a moment, never not at all
      clear_hint(limbo[i]);
    }
    ++kept;
  }
  const std::uint32_t freed = me.limbo_count - kept;
  me.limbo_count = kept;
  return freed;
}

bool limbo_is_due(const actor& me) noexcept {
  constexpr std::uint64_t most = std::uint64_t{1} << 20;
  return limbo_is_full(me) || me.limbo_bytes > std::min(most, me.memory->geometry().capacity / 256);
}

}  // namespace larder::memory
