#include "table/mover.hpp"

#include <algorithm>
#include <bitset>

#include "table/drain.hpp"
#include "table/policy_counts.hpp"

namespace larder::table {

namespace {

constexpr std::uint32_t pages_kept = 2;
// First uses that every class is taken to have, beside those that were counted: where hardly anything is used, the classes
// have about as many pages, and these do not wander.
constexpr std::uint64_t unseen_uses = 8;
constexpr std::uint32_t tries = 4;  // of classes, and of pages of one, that may turn out to be in use

// Advisory arithmetic on shared numbers: all relaxed.
constexpr auto relaxed = std::memory_order_relaxed;

// First uses of a class so far, by all threads that ever were.
std::uint32_t first_uses_of(const segment& memory, std::uint32_t size_class) noexcept {
  std::uint32_t sum = memory.class_of(size_class).departed_uses.load(relaxed);
  memory::for_each_used_slot(memory, [&](layout::slot& slot) noexcept {
    sum += slot.first_uses(memory.geometry().limbo_capacity)[size_class].load(relaxed);
  });
  return sum;
}

// Starts a new window when an eighth of the capacity has been stored in this one. The CAS lets one thread do it.
void turn_window(const memory::actor& me) noexcept {
  layout::header& top = me.memory->header();
  const std::uint64_t now = top.inserted.load(relaxed);
  std::uint64_t start = top.window_start.load(relaxed);
  if (now - start < me.memory->geometry().capacity / 8 ||
      !top.window_start.compare_exchange_strong(start, now, relaxed))
    return;
  for (std::uint32_t c = 0; c < me.classes->count(); ++c) {
    layout::class_state& shared = me.memory->class_of(c);
    const std::uint32_t sum = first_uses_of(*me.memory, c);
    const std::uint64_t all = shared.first_uses.load(relaxed) + (sum - shared.first_uses_seen.load(relaxed));
    shared.first_uses.store(all * 3 / 4, relaxed);  // rounded down: what nobody uses is worth nothing in the end
    shared.first_uses_seen.store(sum, relaxed);
  }
}

// Pages of a class that hold items: those that bucket arrays fill do not count, there is nothing to be had of them.
std::uint32_t item_pages(const memory::actor& me, std::uint32_t size_class) noexcept {
  const layout::class_state& shared = me.memory->class_of(size_class);
  const std::int64_t in_a_page = memory::cells_in_page_of(me, size_class);
  const std::int64_t of_arrays = (std::max<std::int64_t>(shared.arrays.load(relaxed), 0) + in_a_page - 1) / in_a_page;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(shared.pages.load(relaxed) - of_arrays, 0));
}

// True if nothing was stored in the class while a whole capacity was stored elsewhere.
bool is_idle(const memory::actor& me, std::uint32_t size_class) noexcept {
  return stored_since_last(*me.memory, size_class) > me.memory->geometry().capacity;
}

bool may_give(const memory::actor& me, std::uint32_t size_class) noexcept {
  const std::uint32_t pages = item_pages(me, size_class);
  return pages > pages_kept || (pages > 0 && is_idle(me, size_class));
}

// The value of a class, by which it is compared. One in which something is stored has the benefit of the doubt.
std::uint64_t value_of(const memory::actor& me, std::uint32_t size_class) noexcept {
  return worth_of(me, size_class) + (is_idle(me, size_class) ? 0 : unseen_uses);
}

struct donor {
  std::uint32_t size_class = layout::max_classes;
  std::uint64_t value = 0;
  std::uint32_t pages = 1;
};

// Classes that have been asked for a page in vain, in one call.
using asked = std::bitset<layout::max_classes>;

// The class of least value per page that may give one; when forced and there is none, the one with most pages.
donor choose_donor(const memory::actor& me, std::uint32_t taker, bool forced, const asked& in_vain) noexcept {
  donor best;
  donor largest;
  for (std::uint32_t c = 0; c < me.classes->count(); ++c) {
    const std::uint32_t pages = item_pages(me, c);
    if (c == taker || pages == 0 || in_vain[c]) continue;
    if (pages > largest.pages || largest.size_class == layout::max_classes) largest = {c, 0, pages};
    if (!may_give(me, c)) continue;
    const std::uint64_t value = value_of(me, c);
    if (best.size_class == layout::max_classes || value * best.pages < best.value * pages) best = {c, value, pages};
  }
  return best.size_class == layout::max_classes && forced ? largest : best;
}

// Empties the page and gives it to the class `to`.
bool hand_over(memory::actor& me, std::uint32_t page, std::uint32_t to) noexcept {
  if (!drain_window(me, page, 1)) return false;
  memory::give_to_class(me, page, to);
  memory::clear_page_hint(me);
  me.count(layout::counter::page_moves);
  return true;
}

struct vacancy {
  std::uint32_t free = 0;  // cells
  std::uint32_t page = 0;
  friend auto operator<=>(const vacancy&, const vacancy&) = default;  // NOLINT(modernize-use-nullptr)
};

// The emptiest page of the class that is behind `after`, if the class's other pages have room for what is in it; else one
// without free cells. Looks at some hundred pages, others each time.
vacancy emptiest_page(const memory::actor& me, std::uint32_t size_class, vacancy after) noexcept {
  constexpr std::uint32_t most = 256;
  const segment& memory = *me.memory;
  const layout::geometry& areas = memory.geometry();
  const auto start =
      static_cast<std::uint32_t>((memory.header().inserted.load(relaxed) >> areas.page_shift) % areas.page_count);
  vacancy best;
  std::uint64_t free = 0;
  std::uint32_t looked = 0;
  for (std::uint32_t i = 0; i < areas.page_count && looked < most; ++i) {
    const std::uint32_t page = (start + i) % areas.page_count;
    if (!memory::is_of_class(memory, page, size_class) || memory.entry(page).may_have_free.load(relaxed) == 0) continue;
    ++looked;
    const vacancy here{memory::free_cells(me, page), page};
    free += here.free;
    if (here > best && here < after) best = here;
  }
  const std::uint32_t whole = memory::cells_in_page_of(me, size_class);
  // Runs need frames side by side: what is free here and there is of no use to them.
  return size_class == layout::large_class ? (best.free == whole ? best : vacancy{})
                                           : (free >= whole ? best : vacancy{});
}

// True if the class has so many free cells that it may do without a page. Where runs are, only if half of all is free: some
// frames always are, and looking for a page of them would be in vain.
bool has_spare_page(const memory::actor& me, std::uint32_t size_class) noexcept {
  const class_room room = room_of(me, size_class);
  const std::int64_t whole = memory::cells_in_page_of(me, size_class);
  return room.free >= (size_class == layout::large_class ? std::max<std::int64_t>(room.cells / 2, 1) : whole);
}

// Takes one page of the class: the one where its small hand stands, or the next that can be emptied. If none of those
// tried can be, the hand moves on: a class that stores nothing does not move it, and would be asked for the same pinned
// pages for ever.
bool take_page(memory::actor& me, std::uint32_t from, std::uint32_t to) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t pages = memory.geometry().page_count;
  std::atomic<std::uint64_t>& small_hand = memory.class_of(from).small_hand;
  const auto hand = static_cast<std::uint32_t>(small_hand.load(relaxed) >> 32);
  std::uint32_t tried = 0;
  std::uint32_t page = hand;
  for (std::uint32_t i = 0; i < pages && tried < tries; ++i) {
    page = (hand + i) % pages;
    if (!memory::is_of_class(memory, page, from)) continue;
    ++tried;
    if (hand_over(me, page, to)) return true;
  }
  small_hand.store(std::uint64_t{page + 1} << 32, relaxed);
  return false;
}

// Asks so many classes, the best donor first, until one gives a page or `worth_it` says no to one.
template <class WorthIt>
bool take_from_donors(memory::actor& me, std::uint32_t taker, std::uint32_t most, bool forced,
                      WorthIt worth_it) noexcept {
  asked in_vain;
  for (std::uint32_t i = 0; i < most; ++i) {
    const donor from = choose_donor(me, taker, forced, in_vain);
    if (from.size_class == layout::max_classes || !worth_it(from)) return false;
    if (take_page(me, from.size_class, taker)) return true;
    in_vain.set(from.size_class);
  }
  return false;
}

}  // namespace

std::uint64_t worth_of(const memory::actor& me, std::uint32_t size_class) noexcept {
  const layout::class_state& shared = me.memory->class_of(size_class);
  return shared.first_uses.load(relaxed) +
         (first_uses_of(*me.memory, size_class) - shared.first_uses_seen.load(relaxed));
}

bool take_spare_page(memory::actor& me, std::uint32_t size_class) noexcept {
  const std::uint64_t now = me.memory->header().inserted.load(relaxed) + 1;
  if (me.no_spare_page_at == now) return false;  // nothing has changed since this thread looked in vain
  for (std::uint32_t c = 0; c < me.classes->count(); ++c) {
    if (c == size_class || !has_spare_page(me, c)) continue;
    vacancy at{~0U, ~0U};
    for (std::uint32_t i = 0; i < tries; ++i) {
      at = emptiest_page(me, c, at);
      if (at.free == 0) break;
      if (hand_over(me, at.page, size_class)) return true;
    }
  }
  me.no_spare_page_at = now;
  return false;
}

bool take_empty_large_page(memory::actor& me, std::uint32_t size_class) noexcept {
  const segment& memory = *me.memory;
  if (size_class == layout::large_class || room_of(me, layout::large_class).free < layout::frames_per_page)
    return false;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    const bool empty = memory::is_of_class(memory, page, layout::large_class) &&
                       memory::free_cells(me, page) == layout::frames_per_page;
    if (empty && hand_over(me, page, size_class)) return true;
  }
  return false;
}

bool move_page(memory::actor& me, std::uint32_t size_class) noexcept {
  const segment& memory = *me.memory;
  layout::header& top = memory.header();
  if (take_spare_page(me, size_class)) return true;
  const std::uint64_t inserted = top.inserted.load(relaxed);
  if (inserted == me.mover_looked) return false;  // nothing has changed since this thread looked last
  me.mover_looked = inserted;
  turn_window(me);
  // The budget: a page's worth of moving for a page's worth of storing, at most 4 pages in reserve.
  const std::uint64_t page_size = memory.geometry().page_size();
  const std::uint64_t moved = top.moved.load(relaxed);
  if (moved > inserted) return false;
  const std::uint64_t mine = value_of(me, size_class);
  const std::uint64_t my_pages = item_pages(me, size_class);
  const std::uint64_t earliest = inserted > 4 * page_size ? inserted - 4 * page_size : 0;
  return take_from_donors(me, size_class, tries, false, [&](const donor& from) noexcept {
    // value / (pages + 1) against 1.5 times the donor's value / pages
    if (mine * from.pages * 2 < from.value * (my_pages + 1) * 3) return false;
    top.moved.store(std::max(moved, earliest) + page_size, relaxed);  // a page that cannot be had is paid for, too
    return true;
  });
}

bool force_page(memory::actor& me, std::uint32_t size_class) noexcept {
  if (take_spare_page(me, size_class)) return true;
  turn_window(me);
  return take_from_donors(me, size_class, me.classes->count(), true, [](const donor&) noexcept { return true; });
}

}  // namespace larder::table
