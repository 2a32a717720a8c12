#include "memory/limbo.hpp"

#include <algorithm>
#include <bit>
#include <bitset>
#include <span>

#include "memory/allocator.hpp"
#include "memory/cell_walk.hpp"
#include "memory/heavy_fence.hpp"
#include "memory/pages.hpp"
#include "memory/pins.hpp"

namespace larder::memory {

using layout::cell_ref;

namespace {

// The cells of one limbo, for looking pins up: open addressing in twice as many places as it has, rounded up to a power of two.
// No more: all have to be cleared first.
class cell_set {
 public:
  // REQUIRES: at most layout::largest_limbo.
  explicit cell_set(std::uint32_t most) noexcept : size_(2 * std::bit_ceil(most)) {
    std::fill_n(cells_, size_, layout::no_cell);
    std::fill_n(pinned_, size_, false);
  }
  void add(cell_ref cell) noexcept {
    std::uint32_t at = place(cell);
    while (cells_[at] != layout::no_cell) at = next(at);
    cells_[at] = cell;
  }
  void note_pin(cell_ref cell) noexcept {
    if (const std::uint32_t at = find(cell); at != size_) pinned_[at] = true;
  }
  [[nodiscard]] bool is_pinned(cell_ref cell) const noexcept {
    const std::uint32_t at = find(cell);
    return at != size_ && pinned_[at];
  }

 private:
  [[nodiscard]] std::uint32_t place(cell_ref cell) const noexcept {
    return (cell * 0x9E37'79B1U) >> std::countl_zero(size_ - 1);
  }
  [[nodiscard]] std::uint32_t next(std::uint32_t at) const noexcept { return (at + 1) & (size_ - 1); }
  [[nodiscard]] std::uint32_t find(cell_ref cell) const noexcept {
    for (std::uint32_t at = place(cell); cells_[at] != layout::no_cell; at = next(at)) {
      if (cells_[at] == cell) return at;
    }
    return size_;
  }

  static constexpr std::uint32_t largest = 2 * std::bit_ceil(layout::largest_limbo);
  std::uint32_t size_;  // a power of two
  cell_ref cells_[largest];
  bool pinned_[largest];
};

// Who drains a page may have looked for hints already.
bool is_drained_by_another(const actor& me, cell_ref cell) noexcept {
  if (!me.memory->in_pages(cell)) return false;
  const layout::page_word word = word_of(*me.memory, me.memory->page_of(cell));
  return word.state() == layout::page_state::draining && word.owner() != me.slot_index;
}

// ORPHAN -> OWNED(me), if the stamp is still the one that was seen. The cell is named in `retiring` afterwards, in any case.
bool claim_orphan(actor& me, cell_ref cell, std::uint16_t seen) noexcept {
  hint(me.slot->retiring, cell);
  LARDER_KILL_POINT(adopt_hinted);
  const bool mine =
      !is_drained_by_another(me, cell) && is_cell(*me.memory, *me.classes, cell) &&  // I15: looked at after the hint
      stamp_of(*me.memory, cell)
          .compare_exchange_strong(seen, me.stamp(), std::memory_order_acq_rel, std::memory_order_relaxed);
  if (mine) LARDER_KILL_POINT(adopt_claimed);
  return mine;
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

void free_from_limbo(actor& me, std::uint16_t place) noexcept {
  layout::atomic_ref32& word = me.slot->limbo()[place];
  free_cell(me, word.load(std::memory_order_relaxed));  // relaxed: mine
  LARDER_KILL_POINT(reclaim_freed);
  clear_hint(word);
}

// Kept cells that were of no use to this thread are everybody's again. Returns how many.
std::uint32_t free_kept(actor& me) noexcept {
  const std::uint32_t kept = me.limbo.kept();
  if (kept == 0) return 0;
  for (std::uint16_t i = 0; i < me.limbo.used(); ++i) {
    if (me.limbo.is_kept(i)) free_from_limbo(me, i);
  }
  me.limbo.vacate_all_kept();
  return kept;
}

enum class which : std::uint8_t { marked, all };

// Calls use(place, cell) for what waits. Relaxed: mine.
template <class Use>
void for_each_waiting(const actor& me, which wanted, Use use) noexcept {
  for (std::uint16_t i = 0; i < me.limbo.used(); ++i) {
    if (wanted == which::all ? me.limbo.waits(i) : me.limbo.is_marked(i))
      use(i, me.slot->limbo()[i].load(std::memory_order_relaxed));
  }
}

// So many may be kept: some places stay vacant for what is retired before the first kept cell is used.
std::uint32_t most_kept(const actor& me, which reclaimed) noexcept {
  const std::uint32_t capacity = me.memory->geometry().limbo_capacity;
  const std::uint32_t others = reclaimed == which::all ? 0 : me.limbo.unmarked();
  return capacity - std::min(capacity, capacity / 8 + others);
}

// REQUIRES: what is wanted is fenced.
std::uint32_t reclaim_fenced(actor& me, which wanted, bool keep) noexcept {
  std::uint32_t done = free_kept(me);
  me.count(layout::counter::reclaims);
  cell_set candidates(me.memory->geometry().limbo_capacity);
  for_each_waiting(me, wanted, [&](std::uint16_t, cell_ref cell) noexcept {
    if (!keep) prefetch_free_bit(me, cell);
    candidates.add(cell);
  });
  for_each_pin(*me.memory, [&](cell_ref cell) noexcept { candidates.note_pin(cell); });
  note_the_dead(me);
  const std::uint32_t most = keep ? most_kept(me, wanted) : 0;
  for_each_waiting(me, wanted, [&](std::uint16_t place, cell_ref cell) noexcept {
    if (candidates.is_pinned(cell) && !platform::has(platform::bug::reclaim_ignores_pins)) return;
    ++done;
    const layout::page_word page = word_of(*me.memory, me.memory->page_of(cell));
    if (me.limbo.kept() < most && page.state() == layout::page_state::cells) {
      me.limbo.keep(place, page.size_class());
    } else {
      free_from_limbo(me, place);
      me.limbo.vacate_waiting(place);
    }
  });
  me.limbo_bytes = 0;
  for_each_waiting(me, which::all,
                   [&](std::uint16_t, cell_ref cell) noexcept { me.limbo_bytes += cell_bytes(me, cell); });
  return done;
}

std::uint32_t reclaim_all(actor& me, bool keep) noexcept {
  if (me.limbo.waiting() == 0 || !everybody_fenced(*me.memory)) return free_kept(me);
  return reclaim_fenced(me, which::all, keep);
}

}  // namespace

void retire_unusual(actor& me, cell_ref cell) noexcept {
  layout::atomic_stamp& stamp = stamp_of(*me.memory, cell);
  if (limbo_is_full(me)) {
    stamp.store(layout::stamp_orphan(me.slot_index), std::memory_order_release);
    LARDER_KILL_POINT(retire_orphaned);
  } else {
    stamp.store(me.stamp(), std::memory_order_release);  // release: as in retire
    LARDER_KILL_POINT(retire_stamped);
    put_in_limbo(me, cell, cell_bytes(me, cell));
  }
  clear_hint(me.slot->retiring);
}

bool adopt_orphan(actor& me, cell_ref cell) noexcept {
  if (limbo_is_full(me)) return false;
  const std::uint16_t seen = stamp_of(*me.memory, cell).load(std::memory_order_relaxed);  // relaxed: the CAS decides
  const bool mine = layout::is_orphan(seen) && claim_orphan(me, cell, seen);
  if (mine) put_in_limbo(me, cell, cell_bytes(me, cell));
  clear_hint(me.slot->retiring);
  return mine;
}

std::uint32_t free_overflow(actor& me, overflow& beyond) noexcept {
  std::uint32_t freed = reclaim(me);  // first, so that limbo has room for what is pinned
  const std::span<const cell_ref> cells = beyond.sorted();
  if (!cells.empty() && everybody_fenced(*me.memory)) {
    me.count(layout::counter::reclaims);
    std::bitset<overflow::most> pinned;
    for_each_pin(*me.memory, [&](cell_ref cell) noexcept {
      const auto at = std::lower_bound(cells.begin(), cells.end(), cell);
      if (at != cells.end() && *at == cell) pinned.set(static_cast<std::size_t>(at - cells.begin()));
    });
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (pinned[i]) {
        adopt_orphan(me, cells[i]);
        continue;
      }
      if (claim_orphan(me, cells[i], layout::stamp_orphan(me.slot_index))) {
        free_cell(me, cells[i]);
        ++freed;
      }
      clear_hint(me.slot->retiring);
    }
  }
  beyond.clear();
  return freed;
}

void orphan_limbo(actor& me) noexcept {
  reclaim(me);
  for (std::uint16_t i = 0; i < me.limbo.used(); ++i) {
    if (me.limbo.is_vacant(i)) continue;
    layout::atomic_ref32& word = me.slot->limbo()[i];
    stamp_of(*me.memory, word.load(std::memory_order_relaxed))
        .store(layout::stamp_orphan(me.slot_index), std::memory_order_release);
    LARDER_KILL_POINT(limbo_orphaned);
    clear_hint(word);
    me.limbo.vacate_waiting(i);
  }
  me.limbo_bytes = 0;
}

void adopt_orphans_of(actor& me, std::uint32_t page) noexcept {
  for_each_cell(me, page, [&](cell_ref cell, layout::atomic_stamp& stamp) noexcept {
    if (!layout::is_orphan(stamp.load(std::memory_order_relaxed))) return;  // relaxed: adopting decides
    if (limbo_is_full(me)) reclaim(me);
    adopt_orphan(me, cell);
  });
}

void collect_orphans(actor& me) noexcept {
  for (std::uint32_t page = 0; page < me.memory->geometry().page_count; ++page) adopt_orphans_of(me, page);
  orphan_limbo(me);
}

std::uint32_t reclaim(actor& me) noexcept { return reclaim_all(me, false); }
std::uint32_t reclaim_and_keep(actor& me) noexcept { return reclaim_all(me, true); }

void mark_limbo(actor& me) noexcept {
  me.limbo.mark();
  me.limbo_mark = fence_mark(*me.memory);
}

void reclaim_due(actor& me, bool keep) noexcept {
  if (me.limbo.marked() != 0 && fenced_since(*me.memory, me.limbo_mark)) {
    reclaim_fenced(me, which::marked, keep);
    if (!limbo_is_due(me)) return mark_limbo(me);
  }
  reclaim_all(me, keep);
}

void refuse_kept(actor& me, std::uint16_t place, std::uint32_t size_class) noexcept {
  free_from_limbo(me, place);
  me.limbo.vacate_kept(size_class);
}

}  // namespace larder::memory
