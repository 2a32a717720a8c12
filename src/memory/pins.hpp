// What other threads name: their pins and their hints. The reclaimer's half of the hazard protocol.
//
// Ordering: everybody_fenced() first. A name that was stored before it is seen afterwards; one that is stored later
// belongs to a thread that will find the word it checks next changed, and let go.
#ifndef LARDER_MEMORY_PINS_HPP
#define LARDER_MEMORY_PINS_HPP

#include <algorithm>
#include <cstdint>

#include "layout/layout.hpp"
#include "memory/actor.hpp"

namespace larder::memory {

// A full fence here and, unless the segment is one of full fences, on every processor that runs an attached process.
// False: the kernel refused; then nothing is known.
[[nodiscard]] inline bool everybody_fenced(const segment& memory) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return memory.full_fences() || platform::heavy_fence();
}

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

// True if a pin or a hint for a single cell, of any thread, names a cell of the page; the caller's own limbo counts too.
[[nodiscard]] inline bool is_named(const actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  const auto here = [&](const layout::atomic_ref32& word) noexcept {
    const layout::cell_ref cell = word.load(std::memory_order_acquire);
    return memory.in_pages(cell) && memory.page_of(cell) == page;
  };
  bool named = false;
  for_each_used_slot(memory, [&](layout::slot& other) noexcept {
    named = named || here(other.inflight) || here(other.copy) || here(other.retiring) ||
            std::any_of(std::begin(other.pins), std::end(other.pins), here) ||
            std::any_of(std::begin(other.reserved), std::end(other.reserved), here);
  });
  for (std::uint32_t i = 0; i < me.limbo_count; ++i) {
    named = named || here(me.slot->limbo()[i]);
  }
  return named;
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_PINS_HPP
