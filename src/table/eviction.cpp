#include "table/eviction.hpp"

#include <algorithm>
#include <array>

#include "table/bucket_index.hpp"
#include "table/expiry.hpp"
#include "table/find.hpp"
#include "table/heat.hpp"
#include "table/keyspace.hpp"
#include "table/linked_pin.hpp"
#include "table/policy_counts.hpp"
#include "table/stripe_table.hpp"

namespace larder::table {

using layout::cell_ref;

namespace {

constexpr std::int64_t probation_share = 10;  // a tenth of a class, as in S3-FIFO

// A place in the walk over the cells of a class.
struct position {
  std::uint32_t page;
  std::uint32_t cell;

  [[nodiscard]] static position from(std::uint64_t bits) noexcept {
    return {static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits)};
  }
  [[nodiscard]] std::uint64_t bits() const noexcept { return std::uint64_t{page} << 32 | cell; }
};

// A hand: walks the pages of one class in the order of their numbers, and the cells of each; knows when it has gone round.
class hand {
 public:
  hand(const memory::actor& me, std::uint32_t size_class, std::atomic<std::uint64_t>& shared) noexcept
      : memory_(*me.memory),
        classes_(*me.classes),
        size_class_(size_class),
        shared_(shared),
        at_(position::from(shared.load(std::memory_order_relaxed))) {}
  ~hand() {
    if (moved_)
      shared_.store(at_.bits(), std::memory_order_relaxed);  // relaxed: whoever stores last wins; all are fair
  }
  hand(const hand&) = delete;
  hand& operator=(const hand&) = delete;

  // The next cell that may hold an item, or an orphan; no_cell after a whole round without any page of the class.
  [[nodiscard]] cell_ref step() noexcept {
    const std::uint32_t pages = memory_.geometry().page_count;
    moved_ = true;
    for (std::uint32_t looked = 0; looked <= pages;) {
      if (at_.page < pages && is_mine(at_.page) && at_.cell < cells()) {
        const std::uint32_t cell = at_.cell++;
        if (size_class_ == layout::large_class) {
          const std::uint32_t frame = at_.page * layout::frames_per_page + cell;
          const std::uint16_t stamp = memory_.frame(frame).load(std::memory_order_relaxed);
          if (stamp != layout::stamp_linked && !layout::is_orphan(stamp)) continue;
          return memory::cell_of_frame(memory_, frame);
        }
        return memory::cell_at(memory_, at_.page, classes_[size_class_], cell);
      }
      at_ = {at_.page + 1 < pages ? at_.page + 1 : 0, 0};
      ++looked;
    }
    return layout::no_cell;
  }

 private:
  [[nodiscard]] bool is_mine(std::uint32_t page) const noexcept {
    const layout::page_word word = memory::word_of(memory_, page);
    const layout::page_state state =
        size_class_ == layout::large_class ? layout::page_state::large : layout::page_state::cells;
    return word.state() == state && word.size_class() == size_class_;
  }
  [[nodiscard]] std::uint32_t cells() const noexcept {
    return size_class_ == layout::large_class ? layout::frames_per_page : classes_[size_class_].count;
  }

  const segment& memory_;
  const memory::size_classes& classes_;
  std::uint32_t size_class_;
  std::atomic<std::uint64_t>& shared_;
  position at_;
  bool moved_ = false;
};

// Nobody can find it any more: it has expired, or its keyspace was invalidated.
bool has_ended(const segment& memory, const layout::item& item) noexcept {
  if (is_expired(item)) return true;
  const lookup_key key = key_of(item);
  return key.prefix && keyspace_exists(memory, *key.prefix) && !is_of_now(memory, *key.prefix);
}

// An item that is to go, and why.
struct leaver {
  cell_ref cell;
  place at;
  remember how;
  layout::counter why;
};

// REQUIRES: the item is pinned.
leaver leaving(const segment& memory, cell_ref cell, const layout::item& item, remember how,
               layout::counter why) noexcept {
  return {cell, place_of(memory, key_of(item)), how, why};
}

// Takes the item of a cell out, under its stripe's lock, if it stands there still. One that is to go because it has expired
// stays if somebody has touched it since that was seen.
bool take_out_leaver(memory::actor& me, const leaver& who, patience how) noexcept {
  if (who.why == layout::counter::evictions && me.memory->refuses_when_full()) return false;
  stripe_lock lock(me, who.at.stripe, how);
  if (!lock.held()) return false;
  const spot found = locate_cell(*me.memory, who.at, who.cell);
  const bool expires = who.why == layout::counter::expirations;
  if (found.item == nullptr || (expires && !has_ended(*me.memory, *found.item))) return false;
  take_out(me, who.at, found, who.how, expires ? change_kind::expired : change_kind::evicted);
  me.count(who.why);
  return true;
}

enum class verdict : std::uint8_t { stays, leaves, leaves_as_ghost };

// What the hands think of an item; changes its heat.
verdict judge(const segment& memory, cell_ref cell, layout::item& item, bool small_hand) noexcept {
  const heat seen = heat_of(item);
  if (seen.in_main() == small_hand) return verdict::stays;  // the other hand's
  if (small_hand) {
    if (!seen.marked()) return verdict::leaves_as_ghost;
    set_heat(item, heat::main());
    count_promoted(memory, cell);
    return verdict::stays;
  }
  if (seen.marked()) {
    set_heat(item, heat::main_with_chance());
    return verdict::stays;
  }
  if (!seen.has_chance()) return verdict::leaves;
  set_heat(item, heat::main());
  return verdict::stays;
}

// Some items that go together: so the lines of memory which this needs come side by side (evicting inserts take 0.9x the
// time).
class leavers {
 public:
  leavers(memory::actor& me, std::uint32_t* page) noexcept : me_(me), last_page_(page) {}

  [[nodiscard]] bool full() const noexcept { return count_ == who_.size(); }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  void add(const leaver& one) noexcept {
    prefetch_for_writer(*me_.memory, one.at);
    who_[count_++] = one;
  }
  // How many of them really went.
  std::uint32_t take_out() noexcept {
    std::uint32_t gone = 0;
    for (std::uint32_t i = 0; i < count_ && !memory::limbo_is_full(me_); ++i) {
      if (!take_out_leaver(me_, who_[i], patience::a_moment)) continue;
      ++gone;
      if (last_page_ != nullptr) *last_page_ = me_.memory->page_of(who_[i].cell);
    }
    count_ = 0;
    return gone;
  }

 private:
  memory::actor& me_;
  std::uint32_t* last_page_;
  std::uint32_t count_ = 0;
  std::array<leaver, 8> who_;
};

// The item in the two buckets of a key that has been used least.
cell_ref coldest_beside(memory::actor& me, place at) noexcept {
  const segment& memory = *me.memory;
  const bucket_array buckets(memory, table_word_of(memory, at.stripe));
  if (!buckets.usable()) return layout::no_cell;
  linked_pin pinned(me);
  cell_ref coldest = layout::no_cell;
  std::uint32_t least_use = ~0U;
  for (const layout::bucket* in : {&buckets.primary(at.tag), &buckets.alternate(at.tag)}) {
    for (const std::atomic<std::uint64_t>& word : in->words) {
      const cell_ref cell = load_word(word).cell();
      const layout::item* item = memory.in_pages(cell) ? pinned.linked_item(cell) : nullptr;
      if (item == nullptr || (memory.refuses_when_full() && !has_ended(memory, *item))) continue;
      const heat seen = heat_of(*item);
      const std::uint32_t use = (seen.in_main() ? 1U : 0U) + (seen.marked() ? 2U : 0U);
      if (use >= least_use) continue;
      least_use = use;
      coldest = cell;
    }
  }
  return coldest;
}

// What evict does where a full cache refuses.
std::uint32_t collect_ended(memory::actor& me, std::uint32_t size_class, std::uint32_t wanted) noexcept {
  constexpr std::uint32_t most = 256;  // cells: a store that is refused must not cost much
  const segment& memory = *me.memory;
  layout::class_state& shared = memory.class_of(size_class);
  linked_pin pinned(me);
  if (shared.pages.load(std::memory_order_relaxed) == 0 || !pinned.available()) return 0;
  hand next(me, size_class, shared.small_hand);
  std::uint32_t taken = 0;
  for (std::uint32_t looked = 0; looked < most && taken < wanted && !memory::limbo_is_full(me); ++looked) {
    const cell_ref cell = next.step();
    if (cell == layout::no_cell) break;
    if (layout::is_orphan(memory::stamp_of(memory, cell).load(std::memory_order_relaxed))) {
      taken += memory::adopt_orphan(me, cell) ? 1U : 0U;
      continue;
    }
    layout::item* item = pinned.linked_item(cell);
    if (item == nullptr || !has_ended(memory, *item)) continue;
    const leaver gone = leaving(memory, cell, *item, remember::no, layout::counter::expirations);
    taken += take_out_leaver(me, gone, patience::a_moment) ? 1U : 0U;
  }
  return taken;
}

// Whose turn it is: the hand among the items on probation, or that among the others. Counts may be off after a death, so each
// hand has its turn at least now and then.
bool is_turn_of_small(const layout::class_state& shared, bool late) noexcept {
  const std::int64_t on_probation = shared.small.load(std::memory_order_relaxed);
  const std::int64_t in_main = shared.main.load(std::memory_order_relaxed);
  return (on_probation * probation_share > on_probation + in_main && !late) || in_main <= 0;
}

}  // namespace

std::uint32_t eviction_batch(const memory::actor& me, std::uint32_t size_class) noexcept {
  if (size_class == layout::large_class) return 1;  // one may be a large part of what there is
  const layout::class_state& shared = me.memory->class_of(size_class);
  const std::int64_t items = shared.small.load(std::memory_order_relaxed) + shared.main.load(std::memory_order_relaxed);
  const std::int64_t most = std::max(me.memory->geometry().limbo_capacity / 2, 1U);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(items / 32, 1, most));
}

std::uint32_t evict(memory::actor& me, std::uint32_t size_class, std::uint32_t wanted, std::uint32_t* page) noexcept {
  if (me.memory->refuses_when_full()) return collect_ended(me, size_class, wanted);
  const segment& memory = *me.memory;
  layout::class_state& shared = memory.class_of(size_class);
  linked_pin pinned(me);
  if (!pinned.available()) return 0;
  hand small(me, size_class, shared.small_hand);
  hand main(me, size_class, shared.main_hand);
  std::uint32_t taken = 0;
  std::uint32_t adopted = 0;
  leavers chosen(me, page);
  // Each item is met at most three times before it leaves: marked, with a chance, without. The bound is for pages full of
  // what cannot leave.
  const std::uint64_t cells =
      std::uint64_t{shared.pages.load(std::memory_order_relaxed) + 1} *
      (size_class == layout::large_class ? layout::frames_per_page : (*me.classes)[size_class].count);
  for (std::uint64_t steps = 0; steps < cells * 8 && !memory::limbo_is_full(me); ++steps) {
    if (chosen.full() || taken + chosen.count() >= wanted) taken += chosen.take_out();
    if (taken >= wanted) break;
    const bool small_hand = is_turn_of_small(shared, steps >= cells * 4);
    const cell_ref cell = small_hand ? small.step() : main.step();
    if (cell == layout::no_cell) break;
    if (layout::is_orphan(memory::stamp_of(memory, cell).load(std::memory_order_relaxed))) {
      // At most half of limbo, so that orphans which are still pinned leave room for what is not.
      if (adopted < memory.geometry().limbo_capacity / 2 && memory::adopt_orphan(me, cell)) {
        ++adopted;
        ++taken;
      }
      continue;
    }
    layout::item* item = pinned.linked_item(cell);
    if (item == nullptr) continue;
    if (is_expired(*item)) {
      chosen.add(leaving(memory, cell, *item, remember::no, layout::counter::expirations));
    } else if (const verdict v = judge(memory, cell, *item, small_hand); v != verdict::stays) {
      const remember how = v == verdict::leaves_as_ghost ? remember::as_ghost : remember::no;
      chosen.add(leaving(memory, cell, *item, how, layout::counter::evictions));
    }
  }
  return taken + chosen.take_out();
}

bool is_full(const memory::actor& me, std::uint32_t size_class) noexcept {
  const layout::class_state& shared = me.memory->class_of(size_class);
  const bool hands_moved =
      (shared.small_hand.load(std::memory_order_relaxed) | shared.main_hand.load(std::memory_order_relaxed)) != 0;
  return hands_moved && memory::has_no_free_page(*me.memory);
}

bool evict_cell(memory::actor& me, cell_ref cell, patience how) noexcept {
  linked_pin pinned(me);
  layout::item* item = pinned.linked_item(cell);
  if (item == nullptr) return false;
  if (me.memory->refuses_when_full() ? has_ended(*me.memory, *item) : is_expired(*item))
    return take_out_leaver(me, leaving(*me.memory, cell, *item, remember::no, layout::counter::expirations), how);
  const remember ghost = heat_of(*item).in_main() ? remember::no : remember::as_ghost;
  return take_out_leaver(me, leaving(*me.memory, cell, *item, ghost, layout::counter::evictions), how);
}

bool evict_beside(memory::actor& me, place at) noexcept {
  if (memory::limbo_is_full(me)) memory::reclaim(me);
  const cell_ref coldest = coldest_beside(me, at);
  return coldest != layout::no_cell && evict_cell(me, coldest, patience::lock_timeout);
}

}  // namespace larder::table
