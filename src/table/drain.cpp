#include "table/drain.hpp"

#include <algorithm>
#include <cstring>

#include "table/bucket_index.hpp"
#include "table/eviction.hpp"
#include "table/expiry.hpp"
#include "table/heat.hpp"
#include "table/linked_pin.hpp"
#include "table/policy_counts.hpp"
#include "table/resize.hpp"
#include "table/stripe_lock.hpp"
#include "table/stripe_table.hpp"

namespace larder::table {

using layout::cell_ref;

namespace {

constexpr int passes = 3;  // cells that others were just writing in one pass are linked in the next

// What an item may ask for when its page is emptied: one that has been used, that colder ones leave for it.
enum class price : std::uint8_t { free_cell, colder_items };

// A cell for a copy, of the item's own class. no_cell: there is none.
cell_ref allocate_beside(memory::actor& me, std::size_t size, std::uint32_t size_class, price most) noexcept {
  cell_ref cell = memory::allocate(me, size, me.slot->copy);
  if (most == price::free_cell) return cell;
  if (cell == layout::no_cell && evict(me, size_class, eviction_batch(me, size_class)) > 0) {
    memory::reclaim(me);
    cell = memory::allocate(me, size, me.slot->copy);
  }
  return cell;
}

// Copies a linked item to another cell of its class and publishes the copy. False: it stays where it is.
bool rescue(memory::actor& me, cell_ref cell, price most) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t size_class = memory::word_of(memory, memory.page_of(cell)).size_class();
  const std::uint64_t room =
      memory::cell_bytes(me, cell) - (size_class == layout::large_class ? layout::cell_shift : 0U);
  const cell_ref copy = allocate_beside(me, room, size_class, most);
  if (copy == layout::no_cell) return false;
  LARDER_KILL_POINT(rescue_allocated);
  bool done = false;
  linked_pin pinned(me);
  if (const layout::item* item = pinned.linked_item(cell)) {
    const place at = place_of(memory, key_of(*item));
    const std::size_t size = layout::item_size(item->shape(), item->value_size());
    stripe_lock lock(me, at.stripe, patience::a_moment);
    const spot found = lock.held() ? locate_cell(memory, at, cell) : spot{};
    if (found.item != nullptr && size <= room) {
      layout::item& to = *memory.item_at(copy);
      set_heat(to, heat_of(*found.item));
      constexpr std::size_t kept = offsetof(layout::item, version_high);
      std::memcpy(to.at(kept), found.item->at(kept), size - kept);
      relocate(me, at, found, copy, me.slot->copy);
      done = true;
    }
  }
  if (done) {
    me.count(layout::counter::rescues);
  } else {
    memory::free_cell(me, copy);
    memory::clear_hint(me.slot->copy);
  }
  return done;
}

// Copies a bucket array out of the page. False: there is no cell for it elsewhere.
bool move_array(memory::actor& me, cell_ref cell, std::uint32_t size_class) noexcept {
  const std::uint32_t stripe = stripe_of_array(*me.memory->item_at(cell));
  if (!holds_array(me, stripe, cell)) return true;  // replaced since, and in somebody's limbo
  const std::uint32_t count = table_word_of(*me.memory, stripe).count();
  if (resize(me, stripe, count, patience::a_moment) == resized::done) return true;
  evict(me, size_class, eviction_batch(me, size_class));
  memory::reclaim(me);
  return resize(me, stripe, count, patience::a_moment) == resized::done;
}

// The first frame of the run that reaches into the page from the one before.
cell_ref run_from_before(const segment& memory, std::uint32_t page) noexcept {
  std::uint32_t frame = page * layout::frames_per_page;
  while (frame > 0 && memory::is_tail(memory, frame)) --frame;
  return memory::cell_of_frame(memory, frame);
}

// False: the cell holds what cannot be moved now.
bool clear_cell(memory::actor& me, cell_ref cell, std::uint16_t stamp, std::uint32_t size_class) noexcept {
  if (memory::limbo_is_full(me)) memory::reclaim(me);
  if (layout::is_orphan(stamp)) {
    memory::adopt_orphan(me, cell);
  } else if (stamp == layout::stamp_table) {
    return move_array(me, cell, size_class);
  } else if (stamp == layout::stamp_linked) {
    const layout::item& item = *me.memory->item_at(cell);
    const heat used = heat_of(item);
    const price most = used.marked() || used.in_main() ? price::colder_items : price::free_cell;
    // Where a full cache refuses, an item for which there is no other cell keeps its page.
    if ((is_expired(item) || !rescue(me, cell, most)) && !evict_cell(me, cell)) return !me.memory->refuses_when_full();
  }
  return true;
}

// True if what is in the page has room in the class's other pages, as far as one can tell: else its items would be copied in
// vain. Where runs are that takes more than free frames, so half of all are to be free.
bool has_room_elsewhere(const memory::actor& me, std::uint32_t page) noexcept {
  const std::int64_t whole = memory::cells_in(me, page);
  if (memory::free_cells(me, page) == whole) return true;
  const std::uint32_t size_class = memory::word_of(*me.memory, page).size_class();
  const class_room room = room_of(me, size_class);
  return room.free >= (size_class == layout::large_class ? std::max(room.cells / 2, whole) : whole);
}

// True once every cell of the page is the caller's.
bool empty_page(memory::actor& me, std::uint32_t page) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t size_class = memory::word_of(memory, page).size_class();
  const bool all_stay = memory.refuses_when_full();
  std::uint32_t claimed = 0;
  bool movable = true;
  const auto clear_what_reaches_in = [&](bool arrays) noexcept {
    const cell_ref before = run_from_before(memory, page);
    if (size_class != layout::large_class || memory.page_of(before) == page) return;
    const std::uint16_t stamp = memory::stamp_of(memory, before).load(std::memory_order_acquire);
    if (!arrays || stamp == layout::stamp_table) movable = clear_cell(me, before, stamp, size_class) && movable;
  };
  // The bucket arrays first: they are what may have nowhere to go, and then no item has left in vain.
  clear_what_reaches_in(true);
  memory::for_each_cell(me, page, [&](cell_ref cell, layout::atomic_stamp& stamp) noexcept {
    if (movable && stamp.load(std::memory_order_acquire) == layout::stamp_table)
      movable = clear_cell(me, cell, layout::stamp_table, size_class);
  });
  if (!movable) return false;
  for (int pass = 0; pass < passes; ++pass) {
    clear_what_reaches_in(false);
    memory::for_each_cell(me, page, [&](cell_ref cell, layout::atomic_stamp& stamp) noexcept {
      if (all_stay && !movable) return;
      movable = clear_cell(me, cell, stamp.load(std::memory_order_acquire), size_class) && movable;
    });
    if (all_stay && !movable) return false;
    memory::reclaim(me);
    claimed = memory::claim_free_cells(me, page, claimed);
    if (claimed == memory::cells_in(me, page)) return memory::own_drained_page(me, page);
  }
  return false;
}

bool own_page(memory::actor& me, std::uint32_t page) noexcept {
  if (memory::own_free_page(me, page)) return true;
  if (me.memory->refuses_when_full() && !has_room_elsewhere(me, page)) return false;
  if (!memory::begin_drain(me, page)) return false;
  if (empty_page(me, page)) return true;
  memory::abandon_drain(me, page);
  return false;
}

}  // namespace

bool drain_window(memory::actor& me, std::uint32_t first, std::uint32_t count) noexcept {
  memory::reclaim(me);  // what is in limbo could be of these very pages
  // Full of pinned cells: they must not keep pages from moving that nobody pins.
  if (memory::limbo_is_full(me)) memory::orphan_limbo(me);
  // Racy, but cheap: most pages in use are noticed before anything is moved.
  for (std::uint32_t page = first; page < first + count; ++page) {
    if (memory::is_named(me, page)) return false;
  }
  memory::hint_pages(me, first, count);
  std::uint32_t owned = 0;
  while (owned < count && own_page(me, first + owned)) ++owned;
  if (owned == count) return true;
  while (owned > 0) memory::set_free(me, first + --owned);
  memory::clear_page_hint(me);
  return false;
}

}  // namespace larder::table
