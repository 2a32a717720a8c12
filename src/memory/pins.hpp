// What other threads name: their pins and their hints. The reclaimer's half of the hazard protocol.
//
// Ordering: everybody_fenced() first, or fenced_since() (heavy_fence.hpp). A name that was stored before it is seen
// afterwards; one that is stored later belongs to a thread that will find the word it checks next changed, and let go.
#ifndef LARDER_MEMORY_PINS_HPP
#define LARDER_MEMORY_PINS_HPP

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

// How far to look: no slot at or behind this one has ever been used.
[[nodiscard]] inline std::uint32_t used_slots(const segment& memory) noexcept {
  return std::min(memory.header().slots_used.load(std::memory_order_acquire), memory.geometry().slot_count);
}

// Calls use(slot) for every slot in use.
template <class Use>
void for_each_used_slot(const segment& memory, Use use) noexcept {
  const std::uint32_t slots = used_slots(memory);
  for (std::uint32_t i = 0; i < slots; ++i) {
    layout::slot& other = memory.slot(i);
    if (layout::slot_word{other.state.load(std::memory_order_acquire)}.state() != layout::slot_state::free) use(other);
  }
}

// Calls use(cell) for every pin.
template <class Use>
void for_each_pin(const segment& memory, Use use) noexcept {
  for_each_used_slot(memory, [&](layout::slot& other) noexcept {
    for (const layout::atomic_ref32& pin : other.pins) {
      // acquire: pairs with the release store that ends a pin: its reader is done with the bytes
      if (const layout::cell_ref cell = pin.load(std::memory_order_acquire); cell != layout::no_cell) use(cell);
    }
  });
}

// True if `names` holds for a hint of what the slot's owner has claimed and is about to publish.
template <class Names>
[[nodiscard]] bool any_in_flight(const layout::slot& slot, Names names) noexcept {
  return names(slot.inflight) || names(slot.copy) ||
         std::any_of(std::begin(slot.reserved), std::end(slot.reserved), names);
}

// The same for every hint of a single cell, but for those in limbo.
template <class Names>
[[nodiscard]] bool any_hint(const layout::slot& slot, Names names) noexcept {
  return any_in_flight(slot, names) || names(slot.retiring);
}

// Does a hint of the slot, limbo included, name the cell? Hints move only from the single ones to limbo and back, and from
// one place of limbo to another: each is looked at both ways, so that one that moves meanwhile is not missed.
[[nodiscard]] inline bool is_hinted_by(const segment& memory, layout::cell_ref cell, std::uint32_t index) noexcept {
  layout::slot& slot = memory.slot(index);
  // acquire: pairs with the release stores of hints
  const auto names = [cell](const layout::atomic_ref32& hint) noexcept {
    return hint.load(std::memory_order_acquire) == cell;
  };
  const layout::atomic_ref32* begin = slot.limbo();
  const layout::atomic_ref32* end = begin + memory.geometry().limbo_capacity;
  return any_hint(slot, names) || std::any_of(begin, end, names) ||
         std::any_of(std::reverse_iterator(end), std::reverse_iterator(begin), names) || any_hint(slot, names);
}

// The same for the slots of all threads.
[[nodiscard]] inline bool is_hinted(const segment& memory, layout::cell_ref cell) noexcept {
  const std::uint32_t slots = used_slots(memory);
  for (std::uint32_t i = 0; i < slots; ++i) {
    if (is_hinted_by(memory, cell, i)) return true;
  }
  return false;
}

// True if no pin, hint or subscription of the slot names anything.
[[nodiscard]] inline bool holds_nothing(const segment& memory, layout::slot& slot) noexcept {
  const auto names = [](const auto& word) noexcept { return word.load(std::memory_order_acquire) != 0; };
  static_assert(layout::no_cell == 0);
  const layout::atomic_ref32* limbo = slot.limbo();
  return !any_hint(slot, names) && !names(slot.claimed_page) && !names(slot.page) && !names(slot.waits_for) &&
         !names(slot.invalidating) && !names(slot.subscriptions) &&
         std::none_of(limbo, limbo + memory.geometry().limbo_capacity, names) &&
         std::none_of(std::begin(slot.pins), std::end(slot.pins), names);
}

// True if the page is between two states and the slot's owner moves it: what is claimed of its cells is named by the page.
[[nodiscard]] inline bool is_moved_by(layout::page_word word, std::uint32_t slot) noexcept {
  return (word.state() == layout::page_state::draining || word.state() == layout::page_state::owned) &&
         word.owner() == slot;
}

// Does a hint of the slot name the page?
[[nodiscard]] inline bool is_page_hinted_by(const segment& memory, std::uint32_t page, std::uint32_t index) noexcept {
  const layout::slot& slot = memory.slot(index);
  const std::uint32_t first = slot.page.load(std::memory_order_acquire);  // acquire: before its span
  const std::uint32_t span = slot.page_span.load(std::memory_order_acquire);
  return slot.claimed_page.load(std::memory_order_acquire) == page + 1 ||
         (first != 0 && page + 1 >= first && page + 1 - first < span);
}

// True if a pin or a hint for a single cell, of any thread, names a cell of the page, or that of a run which is being claimed
// and may reach into the page; the caller's own limbo counts too.
[[nodiscard]] inline bool is_named(const actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  const auto here = [&](const layout::atomic_ref32& word) noexcept {
    const layout::cell_ref cell = word.load(std::memory_order_acquire);
    return memory.in_pages(cell) && memory.page_of(cell) == page;
  };
  bool named = false;
  for_each_used_slot(memory, [&](layout::slot& other) noexcept {
    const auto reaches = [&](const layout::atomic_ref32& word) noexcept {
      const layout::cell_ref cell = word.load(std::memory_order_acquire);  // acquire: before its borders
      return memory.in_pages(cell) && page - memory.page_of(cell) <= other.run_borders.load(std::memory_order_acquire);
    };
    named = named || any_hint(other, reaches) || std::any_of(std::begin(other.pins), std::end(other.pins), here);
  });
  for (std::uint32_t i = 0; i < me.limbo.used(); ++i) {
    named = named || here(me.slot->limbo()[i]);
  }
  return named;
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_PINS_HPP
