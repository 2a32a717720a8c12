// actor: the thread that acts, as the layers below the cache know it: its slot in the segment (hints, counters, limbo)
// and its private notes, which are lost with it and cost nothing then.
//
// Thread safety: used by its own thread only. The slot's words have one writer, this thread, until it is dead.
#ifndef LARDER_MEMORY_ACTOR_HPP
#define LARDER_MEMORY_ACTOR_HPP

#include <atomic>
#include <cstdint>

#include "layout/layout.hpp"
#include "memory/limbo_places.hpp"
#include "memory/size_class.hpp"
#include "platform/platform.hpp"
#include "segment/segment.hpp"

namespace larder::memory {

struct actor {
  const larder::segment* memory = nullptr;
  const size_classes* classes = nullptr;
  layout::slot* slot = nullptr;
  std::uint32_t slot_index = 0;
  std::uint32_t generation = 0;

  limbo_places limbo;             // which words of slot->limbo() are in use, and for what
  std::uint64_t limbo_bytes = 0;  // that wait there
  std::uint64_t limbo_mark = 0;   // fence_mark of when some of them were marked
  std::uint32_t lock_timeout_ms = 1000;
  std::uint32_t met_dead = 0;          // slot + 1 of a dead thread that was met; to be recovered when it suits
  std::uint64_t inserted = 0;          // bytes stored that are not in header::inserted yet
  std::uint64_t mover_looked = 0;      // header::inserted when this thread last looked for a page to move
  std::uint64_t no_spare_page_at = 0;  // the same, plus 1, for a spare page that was not found (table/mover)
  std::uint32_t searched_class = 0;  // where a full cache refuses: looked through last, for what has ended (table/room)
  std::uint64_t foreseen_at = 0;     // the same for foreseen_items; 0: never
  std::uint32_t foreseen_items = 0;  // of a stripe, when the segment will be full (table/resize)

  // Where this thread allocates: for each class a page and a word of its free bits.
  std::uint32_t page_cursor[layout::max_classes] = {};  // page + 1; 0: none
  std::uint16_t word_cursor[layout::max_classes] = {};

  // Relaxed: single writer, advisory.
  void count_first_uses(std::uint32_t size_class, std::uint32_t by) noexcept {
    std::atomic<std::uint32_t>& word = slot->first_uses(memory->geometry().limbo_capacity)[size_class];
    word.store(word.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint16_t stamp() const noexcept { return layout::stamp_owned(slot_index); }

  // Relaxed: single writer, and a reader of statistics may see it late.
  void count(layout::counter which, std::uint64_t by = 1) noexcept {
    platform::add_alone(slot->counters[static_cast<std::uint32_t>(which)], by);
  }
};

// A hint is written before the act it covers and cleared after it (I3).
template <class T>
inline void hint(std::atomic<T>& word, T value) noexcept {
  word.store(value,
             std::memory_order_release);  // release: not moved behind the act by the compiler; no partner in memory
  platform::light_fence();
}
template <class T>
inline void clear_hint(std::atomic<T>& word) noexcept {
  platform::light_fence();
  word.store(0, std::memory_order_release);  // release: the act is done; pairs with acquire in recovery
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_ACTOR_HPP
