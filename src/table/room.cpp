#include "table/room.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "table/drain.hpp"
#include "table/eviction.hpp"
#include "table/heat.hpp"
#include "table/linked_pin.hpp"
#include "table/mover.hpp"
#include "table/sweeper.hpp"

namespace larder::table {

using layout::cell_ref;
using layout::frames_per_page;

namespace {

// Evicts and reclaims until something of the class is free.
bool evict_some(memory::actor& me, std::uint32_t size_class) noexcept {
  constexpr int attempts = 16;  // each may meet a limbo full of pinned cells only
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::uint32_t taken = evict(me, size_class, eviction_batch(me, size_class));
    if (memory::reclaim_and_keep(me) > 0) return true;
    if (taken == 0 && !memory::limbo_is_full(me)) return false;
    // Limbo is full of pinned cells: let them be nobody's, the hand will meet them again.
    if (memory::limbo_is_full(me)) memory::orphan_limbo(me);
  }
  return false;
}

constexpr std::uint64_t not_to_be_had = ~std::uint64_t{0};

// What it costs to free the run of frames that begins in a frame: its length, more if it has proved itself.
std::uint64_t cost_of(const segment& memory, linked_pin& pinned, std::uint32_t frame) noexcept {
  const std::uint16_t stamp = memory.frame(frame).load(std::memory_order_relaxed);
  if (stamp == layout::stamp_free || stamp == layout::stamp_tail) return 0;
  const cell_ref cell = memory::cell_of_frame(memory, frame);
  if (layout::is_orphan(stamp)) return memory::run_length(memory, cell);
  const layout::item* item = stamp == layout::stamp_linked ? pinned.linked_item(cell) : nullptr;
  if (item == nullptr) return not_to_be_had;  // a bucket array, or what somebody is just writing
  const heat h = heat_of(*item);
  return memory::run_length(memory, cell) * (1U + (h.in_main() ? 1U : 0U) + (h.marked() ? 2U : 0U));
}

struct window {
  std::uint32_t first = 0;
  std::uint64_t cost = not_to_be_had;
};

// The window of `count` frames that begins in this one. LARGE pages that lie side by side are as one.
window window_at(const segment& memory, linked_pin& pinned, std::uint32_t first, std::uint64_t count,
                 std::uint64_t most) noexcept {
  std::uint64_t cost = 0;
  for (std::uint64_t i = 0; i < count && cost < most; ++i) {
    const auto frame = static_cast<std::uint32_t>(first + i);
    const bool new_page = i == 0 || frame % frames_per_page == 0;
    const std::uint32_t page = frame / frames_per_page;
    if (new_page && (page >= memory.geometry().page_count || !memory::is_of_class(memory, page, layout::large_class)))
      return {};
    const std::uint64_t more = cost_of(memory, pinned, frame);
    if (more == not_to_be_had) return {};
    cost += more;
  }
  return {first, cost};
}

// The cheapest window of `count` frames that begins in the page. Its pin ends with it: one that was still held would keep
// the last item it looked at from being reclaimed.
window cheapest_window(memory::actor& me, std::uint32_t page, std::uint64_t count) noexcept {
  const segment& memory = *me.memory;
  linked_pin pinned(me);
  window best;
  bool after_free = false;
  for (std::uint32_t frame = page * frames_per_page; frame < (page + 1) * frames_per_page; ++frame) {
    const std::uint16_t stamp = memory.frame(frame).load(std::memory_order_relaxed);
    const bool within = stamp == layout::stamp_tail || (stamp == layout::stamp_free && after_free);
    after_free = stamp == layout::stamp_free;
    if (within) continue;  // one that begins where the run, or the stretch of free frames, does is no dearer
    const window here = window_at(memory, pinned, frame, count, best.cost);
    if (here.cost < best.cost) best = here;
  }
  return best;
}

// Evicts whatever stands in the window.
bool clear_window(memory::actor& me, const window& chosen, std::uint64_t count) noexcept {
  const segment& memory = *me.memory;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto frame = static_cast<std::uint32_t>(chosen.first + i);
    const std::uint16_t stamp = memory.frame(frame).load(std::memory_order_relaxed);
    if (stamp != layout::stamp_linked && !layout::is_orphan(stamp)) continue;
    if (memory::limbo_is_full(me)) memory::reclaim(me);
    const cell_ref cell = memory::cell_of_frame(memory, frame);
    static_cast<void>(layout::is_orphan(stamp) ? memory::adopt_orphan(me, cell) : evict_cell(me, cell));
  }
  return memory::reclaim(me) > 0;
}

// Evicts one item, as it is due, and then what else stands in the way of `count` frames about there.
bool make_room_for_run(memory::actor& me, std::uint64_t count) noexcept {
  std::uint32_t page = layout::no_page;
  if (evict(me, layout::large_class, 1, &page) == 0) return memory::reclaim(me) > 0;
  const bool freed = memory::reclaim(me) > 0;
  if (page == layout::no_page) return freed;
  window chosen = cheapest_window(me, page, count);
  if (chosen.cost == not_to_be_had && page != 0) chosen = cheapest_window(me, page - 1, count);
  if (chosen.cost == not_to_be_had) return freed;
  return clear_window(me, chosen, count) || freed;
}

// Empties as many neighbouring pages as the run needs, of whatever class, starting where this thread allocated last.
cell_ref allocate_window(memory::actor& me, std::uint64_t frames, layout::atomic_ref32& hint) noexcept {
  const std::uint32_t pages = me.memory->geometry().page_count;
  const auto need = static_cast<std::uint32_t>((frames + frames_per_page - 1) / frames_per_page);
  const std::uint32_t start = me.page_cursor[layout::large_class] % pages;
  for (std::uint32_t i = 0; i < pages; ++i) {
    const std::uint32_t first = (start + i) % pages;
    if (first + need > pages || !drain_window(me, first, need)) continue;
    me.page_cursor[layout::large_class] = (first + need) % pages;
    return memory::place_run(me, first, frames, hint);
  }
  return layout::no_cell;
}

// Removes some items that have expired, of whatever class. False: there are none.
bool sweep_until_something_goes(memory::actor& me) noexcept {
  sweep_pass pass = begin_sweep(true);
  while (sweep_some(me, pass) && pass.removed == 0) {
  }
  memory::reclaim(me);
  return pass.removed > 0;
}

// make_room where a full cache refuses.
bool make_room_without_loss(memory::actor& me, std::uint32_t size_class) noexcept {
  if (memory::reclaim(me) > 0) return true;
  me.no_spare_page_at = 0;  // what is erased makes pages spare, too, and only stores are counted there
  if (take_spare_page(me, size_class) || take_empty_large_page(me, size_class) || sweep_until_something_goes(me))
    return true;
  // Of its own class, and by and by of all others: their pages may become spare.
  me.searched_class = (me.searched_class + 1) % me.classes->count();
  for (const std::uint32_t c : {size_class, me.searched_class}) {
    if (evict(me, c, eviction_batch(me, c)) > 0 && memory::reclaim(me) > 0) return true;
    if (memory::limbo_is_full(me)) memory::orphan_limbo(me);
  }
  return false;
}

}  // namespace

bool make_room(memory::actor& me, std::size_t size) noexcept {
  if (me.memory->refuses_when_full()) return make_room_without_loss(me, me.classes->class_for(size));
  if (memory::limbo_is_due(me) && memory::reclaim_and_keep(me) > 0) return true;
  const std::uint32_t size_class = me.classes->class_for(size);
  const std::uint32_t pages = me.memory->class_of(size_class).pages.load(std::memory_order_relaxed);
  if (move_page(me, size_class)) return true;
  if (pages > 0) {
    if (size_class != layout::large_class) {
      if (evict_some(me, size_class)) return true;
    } else if (make_room_for_run(me, me.classes->frames_for(size))) {
      return true;
    }
  }
  return force_page(me, size_class);
}

cell_ref allocate_with_room(memory::actor& me, std::size_t size, layout::atomic_ref32& hint) noexcept {
  // Each round frees something; others may take it first, and a run may need several pieces side by side. When nothing
  // can be freed because other threads are just using the few cells of a class, they are given a moment to go on.
  constexpr int rounds = 64;
  constexpr int rounds_over_pages = 4;
  constexpr int moments = 20;
  int waited = 0;
  const bool over_pages =
      me.classes->class_for(size) == layout::large_class && me.classes->frames_for(size) > frames_per_page;
  for (int round = 0; round < rounds; ++round) {
    if (const cell_ref cell = memory::allocate(me, size, hint)) return cell;
    if (over_pages) {
      // Among the large items, as a shorter run does; if there is no window, or others are quicker, pages of its own.
      const std::uint64_t frames = me.classes->frames_for(size);
      if (!me.memory->refuses_when_full() && round < rounds_over_pages && make_room_for_run(me, frames)) continue;
      return allocate_window(me, frames, hint);
    }
    if (make_room(me, size)) continue;
    if (me.memory->refuses_when_full()) return memory::allocate(me, size, hint);
    if (++waited > moments) return layout::no_cell;
    std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
  return layout::no_cell;
}

}  // namespace larder::table
