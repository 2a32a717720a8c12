#include "table/sweeper.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>
#include <span>

#include "table/bucket_index.hpp"
#include "table/expiry.hpp"
#include "table/find.hpp"
#include "table/linked_pin.hpp"
#include "table/stripe_lock.hpp"
#include "table/stripe_table.hpp"

namespace larder::table {

using layout::atomic_bound;
using layout::cell_ref;
using layout::expiry_bound;

namespace {

constexpr std::uint32_t most_groups = 1024;  // of a page of 1 MiB, in cells of 24 bytes: 683
constexpr std::uint32_t batch = 16;

void lower(atomic_bound& word, std::uint32_t tick) noexcept {
  expiry_bound seen{word.load(std::memory_order_relaxed)};  // relaxed: ordered by the fences (expiry_bound.hpp)
  while (seen.is_never() || seen.is_being_swept() || seen.tick() > tick) {
    if (word.compare_exchange_weak(seen.bits, seen.lowered_to(tick).bits, std::memory_order_relaxed)) return;
  }
}

// From a bound that has passed to a sweeper's mark. False: it has not passed.
bool mark(atomic_bound& word, std::uint32_t tick) noexcept {
  expiry_bound seen{word.load(std::memory_order_relaxed)};
  while (seen.is_due(tick)) {
    if (word.compare_exchange_weak(seen.bits, expiry_bound::being_swept(tick).bits, std::memory_order_relaxed))
      return true;
  }
  return false;
}

// The end of it: the bound of what was found, unless somebody has published something meanwhile.
void settle(atomic_bound& word, expiry_bound mine, expiry_bound found) noexcept {
  LARDER_KILL_POINT(sweep_looked);
  if (word.compare_exchange_strong(mine.bits, found.bits, std::memory_order_relaxed)) return;
  if (!found.is_never()) lower(word, found.tick());
}

// Does its owner name the cell as one that it is about to publish?
bool is_in_flight(const segment& memory, cell_ref cell, std::uint16_t stamp) noexcept {
  const std::uint32_t owner = layout::owner_of(stamp);
  if (owner >= memory.geometry().slot_count) return false;
  return memory::any_in_flight(memory.slot(owner), [cell](const layout::atomic_ref32& hint) noexcept {
    return hint.load(std::memory_order_acquire) == cell;
  });
}

// The last free pin word of the thread, as long as it is not the only one: handles take the first ones.
layout::atomic_ref32* spare_pin(memory::actor& me) noexcept {
  const auto is_free = [](const layout::atomic_ref32& word) noexcept {
    return word.load(std::memory_order_relaxed) == layout::no_cell;
  };
  const auto found = std::find_if(std::rbegin(me.slot->pins), std::rend(me.slot->pins), is_free);
  if (found == std::rend(me.slot->pins)) return nullptr;
  return std::any_of(std::next(found), std::rend(me.slot->pins), is_free) ? &*found : nullptr;
}

// What a step of a pass has to do with.
struct work {
  sweep_pass& pass;
  memory::overflow beyond = {};
};

// Takes an expired, pinned item out, unless it was touched meanwhile or its stripe cannot be had.
void take_out_expired(memory::actor& me, cell_ref cell, const layout::item& item, work& now) noexcept {
  sweep_pass& pass = now.pass;
  const segment& memory = *me.memory;
  const place at = place_of(memory, key_of(item));
  const std::uint32_t* known = std::begin(pass.obstructed) + pass.obstructed_count;
  if (std::find(std::cbegin(pass.obstructed), known, at.stripe) != known) return;
  if (pass.obstructed_count == std::size(pass.obstructed)) return;
  if (now.beyond.is_due(me)) memory::free_overflow(me, now.beyond);
  const stripe_lock lock(me, at.stripe);
  if (!lock.held()) {
    pass.obstructed[pass.obstructed_count++] = at.stripe;
    return;
  }
  const spot found = locate_cell(memory, at, cell);
  if (found.item == nullptr || !is_expired(*found.item)) return;
  const bool fits_limbo = !memory::limbo_is_full(me);
  const std::uint64_t bytes = memory::cell_bytes(me, cell);
  take_out(me, at, found, remember::no, change_kind::expired);
  if (!fits_limbo) now.beyond.add(cell, bytes);
  me.count(layout::counter::expirations);
  ++pass.removed;
}

// A page that is being swept: pinned by its first cell, so that it is not cut anew (I15).
class page_in_hand {
 public:
  page_in_hand() noexcept = default;
  page_in_hand(const page_in_hand&) = delete;
  page_in_hand& operator=(const page_in_hand&) = delete;
  ~page_in_hand() {
    if (pin_ != nullptr) unpin(*pin_);
  }

  // False: nothing is due in the page, or no pin is left for it.
  [[nodiscard]] bool take(memory::actor& me, std::uint32_t page, std::uint32_t tick) noexcept {
    const segment& memory = *me.memory;
    const layout::page_word word = memory::word_of(memory, page);
    const bool due = expiry_bound{memory.entry(page).expiry.load(std::memory_order_relaxed)}.is_due(tick);
    if (!due || !holds_items(word) || (pin_ = spare_pin(me)) == nullptr) return false;
    page_ = page;
    large_ = word.size_class() == layout::large_class;
    cells_ = &(*me.classes)[word.size_class()];
    pin(*pin_, cell(memory, 0), memory.full_fences());
    const layout::page_word again = memory::word_of(memory, page);
    // Not while it is drained: who drains it may have looked for pins before this one.
    const bool stays = holds_items(again) && again.state() != layout::page_state::draining;
    if (stays && again.size_class() == word.size_class() && mark(memory.entry(page).expiry, tick)) return true;
    unpin(*pin_);
    pin_ = nullptr;
    return false;
  }

  // After a heavy fence: whoever publishes from here on sees that the page is being swept, and who did before has
  // lowered its group's bound.
  void mark_groups(const segment& memory, std::uint32_t tick) noexcept {
    for (std::uint32_t g = 0; g < group_count(); ++g) {
      due_[g] = large_ || mark(bounds(memory)[g], tick);
    }
  }

  // After another one: looks at the cells of the groups that are due, and gives those and the page their new bounds.
  void sweep(memory::actor& me, work& now) noexcept {
    const segment& memory = *me.memory;
    const expiry_bound mine = expiry_bound::being_swept(now.pass.tick);
    expiry_bound of_page;
    for (std::uint32_t g = 0; g < group_count(); ++g) {
      expiry_bound of_group;
      if (due_[g]) of_group = sweep_group(me, g, now);
      if (!large_) {
        if (due_[g]) settle(bounds(memory)[g], mine, of_group);
        of_group = expiry_bound{bounds(memory)[g].load(std::memory_order_relaxed)};
      }
      if (!of_group.is_never()) of_page = of_page.lowered_to(of_group.tick());
    }
    settle(memory.entry(page_).expiry, mine, of_page);
  }

 private:
  static bool holds_items(layout::page_word word) noexcept {
    return word.holds_cells() || word.state() == layout::page_state::large;
  }
  [[nodiscard]] cell_ref cell(const segment& memory, std::uint32_t i) const noexcept {
    return large_ ? memory::cell_of_frame(memory, page_ * layout::frames_per_page + i)
                  : memory::cell_at(memory, page_, *cells_, i);
  }
  [[nodiscard]] std::uint32_t cell_count() const noexcept { return large_ ? layout::frames_per_page : cells_->count; }
  [[nodiscard]] std::uint32_t group_count() const noexcept {
    return (cell_count() + layout::cells_per_group - 1) / layout::cells_per_group;
  }
  [[nodiscard]] atomic_bound* bounds(const segment& memory) const noexcept {
    return memory::expiry_bounds(memory, page_, *cells_);
  }

  // Returns the bound of the items that stay.
  expiry_bound sweep_group(memory::actor& me, std::uint32_t group, work& now) const noexcept {
    const segment& memory = *me.memory;
    linked_pin pinned(me);
    expiry_bound earliest;
    const std::uint32_t first = group * layout::cells_per_group;
    for (std::uint32_t i = first; i < std::min(first + layout::cells_per_group, cell_count()); ++i) {
      const cell_ref at = cell(memory, i);
      // acquire: pairs with the stamp's release stores
      const std::uint16_t stamp = memory::stamp_of(memory, at).load(std::memory_order_acquire);
      if (layout::is_owned(stamp) && is_in_flight(memory, at, stamp)) {
        earliest = earliest.lowered_to(now.pass.tick + 1);
        continue;
      }
      // Looked at again after the hints: what was in flight may be linked by now.
      const layout::item* item = pinned.linked_item(at);
      if (item == nullptr || !item->shape().has_expiry()) continue;
      if (is_expired(*item)) {
        take_out_expired(me, at, *item, now);
        if (pinned.linked_item(at) == nullptr) continue;
      }
      earliest = earliest.lowered_to(expiry_bound::tick_of(expiry_of(*item)));
    }
    return earliest;
  }

  layout::atomic_ref32* pin_ = nullptr;
  const memory::cell_class* cells_ = nullptr;
  std::uint32_t page_ = 0;
  bool large_ = false;
  std::bitset<most_groups> due_;
};

// Up to 16 pages in which something is due.
void sweep_pages(memory::actor& me, work& now) noexcept {
  const segment& memory = *me.memory;
  sweep_pass& pass = now.pass;
  std::array<page_in_hand, batch> in_hand;
  std::uint32_t count = 0;
  for (; pass.next_page < memory.geometry().page_count && count < batch; ++pass.next_page) {
    if (in_hand[count].take(me, pass.next_page, pass.tick)) ++count;
  }
  LARDER_KILL_POINT(sweep_marked);
  pass.pages += count;
  const std::span taken(in_hand.data(), count);
  // If the kernel refuses a fence, the marks pass by themselves.
  if (count == 0 || !memory::everybody_fenced(memory)) return;
  for (page_in_hand& page : taken) page.mark_groups(memory, pass.tick);
  if (!memory::everybody_fenced(memory)) return;
  for (page_in_hand& page : taken) page.sweep(me, now);
}

}  // namespace

void lower_expiry_bound(const memory::actor& me, cell_ref cell, std::uint64_t expiry) noexcept {
  const segment& memory = *me.memory;
  if (memory.full_fences()) std::atomic_thread_fence(std::memory_order_seq_cst);
  platform::light_fence();  // after the stamp or the expiry was stored; pairs with the heavy fences of sweep_some
  const std::uint32_t tick = expiry_bound::tick_of(expiry);
  const std::uint32_t page = memory.page_of(cell);
  const std::uint32_t size_class = memory::word_of(memory, page).size_class();
  if (size_class != layout::large_class) {
    const memory::cell_class& cells = (*me.classes)[size_class];
    const std::uint32_t index = cells.index_of(memory.offset_of(cell) - memory.page_offset(page));
    lower(memory::expiry_bounds(memory, page, cells)[index / layout::cells_per_group], tick);
    LARDER_KILL_POINT(expiry_noted_in_group);
  }
  lower(memory.entry(page).expiry, tick);
  LARDER_KILL_POINT(expiry_noted);
}

bool is_within_bounds(const segment& memory, const memory::size_classes& classes, cell_ref cell,
                      const layout::item& item) noexcept {
  const std::uint64_t expiry = expiry_of(item);
  if (expiry == no_expiry) return true;
  // What a sweep leaves is looked at again soon: if its sweeper has died, or somebody was just publishing.
  const auto now = static_cast<std::uint32_t>(platform::coarse_now() >> expiry_bound::tick_shift);
  const std::uint32_t latest = std::max(expiry_bound::tick_of(expiry), now + expiry_bound::patience + 1);
  const auto leads_here = [latest](const atomic_bound& word) noexcept {
    return expiry_bound{word.load(std::memory_order_acquire)}.is_due(latest);
  };
  const std::uint32_t page = memory.page_of(cell);
  const std::uint32_t size_class = memory::word_of(memory, page).size_class();
  if (!leads_here(memory.entry(page).expiry)) return false;
  if (size_class == layout::large_class) return true;
  const memory::cell_class& cells = classes[size_class];
  const std::uint32_t index = cells.index_of(memory.offset_of(cell) - memory.page_offset(page));
  return leads_here(memory::expiry_bounds(memory, page, cells)[index / layout::cells_per_group]);
}

sweep_pass begin_sweep(bool to_the_millisecond) noexcept {
  const std::uint64_t now = platform::coarse_now();
  sweep_pass pass;
  pass.tick =
      to_the_millisecond ? expiry_bound::tick_of(now) : static_cast<std::uint32_t>(now >> expiry_bound::tick_shift);
  return pass;
}

bool sweep_some(memory::actor& me, sweep_pass& pass) noexcept {
  work now{pass};
  sweep_pages(me, now);
  // Now that no page is pinned any more.
  if (!now.beyond.empty()) memory::free_overflow(me, now.beyond);
  if (memory::limbo_is_due(me)) memory::reclaim(me);
  return pass.next_page < me.memory->geometry().page_count;
}

}  // namespace larder::table
