#include "table/eviction.hpp"

#include <algorithm>

#include "table/bucket_index.hpp"
#include "table/expiry.hpp"
#include "table/find.hpp"
#include "table/heat.hpp"
#include "table/linked_pin.hpp"
#include "table/policy_counts.hpp"
#include "table/stripe_lock.hpp"
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

  // The next cell that may hold an item; no_cell after a whole round without any page of the class.
  [[nodiscard]] cell_ref step() noexcept {
    const std::uint32_t pages = memory_.geometry().page_count;
    moved_ = true;
    for (std::uint32_t looked = 0; looked <= pages;) {
      if (at_.page < pages && is_mine(at_.page) && at_.cell < cells()) {
        const std::uint32_t cell = at_.cell++;
        if (size_class_ == layout::large_class) {
          const std::uint32_t frame = at_.page * layout::frames_per_page + cell;
          if (memory_.frame(frame).load(std::memory_order_relaxed) != layout::stamp_linked) continue;
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

// Takes a pinned item out under its stripe's lock. One that is to go because it has expired stays if somebody has touched it
// since that was seen.
bool take_out_pinned(memory::actor& me, cell_ref cell, layout::item& item, remember how, layout::counter why) noexcept {
  const segment& memory = *me.memory;
  const place at = place_of(memory, hash_of(memory, item.key()));
  stripe_lock lock(me, at.stripe);
  if (!lock.held()) return false;
  const spot found = locate_cell(memory, at, cell);
  if (found.item == nullptr || (why == layout::counter::expirations && !is_expired(*found.item))) return false;
  take_out(me, at, found, how, why == layout::counter::expirations ? change_kind::expired : change_kind::evicted);
  me.count(why);
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
      const cell_ref cell = layout::bucket_word{word.load(std::memory_order_acquire)}.cell();
      const layout::item* item = memory.in_pages(cell) ? pinned.linked_item(cell) : nullptr;
      if (item == nullptr) continue;
      const heat seen = heat_of(*item);
      const std::uint32_t use = (seen.in_main() ? 1U : 0U) + (seen.marked() ? 2U : 0U);
      if (use >= least_use) continue;
      least_use = use;
      coldest = cell;
    }
  }
  return coldest;
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
  const segment& memory = *me.memory;
  layout::class_state& shared = memory.class_of(size_class);
  linked_pin pinned(me);
  if (!pinned.available()) return 0;
  hand small(me, size_class, shared.small_hand);
  hand main(me, size_class, shared.main_hand);
  std::uint32_t taken = 0;
  std::uint32_t adopted = 0;
  // Each item is met at most three times before it leaves: marked, with a chance, without. The bound is for pages full of
  // what cannot leave.
  const std::uint64_t cells =
      std::uint64_t{shared.pages.load(std::memory_order_relaxed) + 1} *
      (size_class == layout::large_class ? layout::frames_per_page : (*me.classes)[size_class].count);
  for (std::uint64_t steps = 0; taken < wanted && steps < cells * 8 && !memory::limbo_is_full(me); ++steps) {
    const std::int64_t on_probation = shared.small.load(std::memory_order_relaxed);
    const std::int64_t in_main = shared.main.load(std::memory_order_relaxed);
    // Counts may be off after a death, so each hand has its turn at least now and then.
    const bool small_hand =
        (on_probation * probation_share > on_probation + in_main && steps < cells * 4) || in_main <= 0;
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
    bool gone = false;
    if (is_expired(*item)) {
      gone = take_out_pinned(me, cell, *item, remember::no, layout::counter::expirations);
    } else if (const verdict v = judge(memory, cell, *item, small_hand); v != verdict::stays) {
      const remember how = v == verdict::leaves_as_ghost ? remember::as_ghost : remember::no;
      gone = take_out_pinned(me, cell, *item, how, layout::counter::evictions);
    }
    if (!gone) continue;
    ++taken;
    if (page != nullptr) *page = memory.page_of(cell);
  }
  return taken;
}

bool is_full(const memory::actor& me, std::uint32_t size_class) noexcept {
  const layout::class_state& shared = me.memory->class_of(size_class);
  const bool hands_moved =
      (shared.small_hand.load(std::memory_order_relaxed) | shared.main_hand.load(std::memory_order_relaxed)) != 0;
  return hands_moved && static_cast<std::int32_t>(me.memory->header().free_pages.load(std::memory_order_relaxed)) <= 0;
}

bool evict_cell(memory::actor& me, cell_ref cell) noexcept {
  linked_pin pinned(me);
  layout::item* item = pinned.linked_item(cell);
  if (item == nullptr) return false;
  const remember how = heat_of(*item).in_main() ? remember::no : remember::as_ghost;
  return take_out_pinned(me, cell, *item, how, layout::counter::evictions);
}

bool evict_beside(memory::actor& me, place at) noexcept {
  if (memory::limbo_is_full(me)) memory::reclaim(me);
  const cell_ref coldest = coldest_beside(me, at);
  return coldest != layout::no_cell && evict_cell(me, coldest);
}

}  // namespace larder::table
