// What happens to an item's expiry between two steps of another thread: sweeps against publication, eviction against touch.
#include <cstring>
#include <functional>
#include <string>

#include "support/test.hpp"
#include "table/eviction.hpp"
#include "table/sweeper.hpp"
#include "table/table.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::platform::kill_point;
namespace layout = larder::layout;
namespace mem = larder::memory;
namespace tbl = larder::table;

namespace {

constexpr std::uint64_t long_ago = 1;
constexpr std::uint64_t far_ahead = std::uint64_t{1} << 40;

// Does something else when the thread comes to a kill point, once.
class interruption {
 public:
  interruption(kill_point point, std::function<void()> what) {
    where_ = point;
    what_ = std::move(what);
    larder::platform::on_kill_point = [](kill_point reached) {
      if (reached != where_) return;
      larder::platform::on_kill_point = nullptr;
      what_();
    };
  }
  ~interruption() { larder::platform::on_kill_point = nullptr; }
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

 private:
  inline static kill_point where_ = kill_point::count;
  inline static std::function<void()> what_;
};

struct fixture : support::bare_segment {
  support::attached_actor me{segment, classes, 0};
  support::attached_actor other{segment, classes, 1};
  const std::string key = "key";
  const tbl::place at = tbl::place_of(segment, {key});

  // An item in flight.
  [[nodiscard]] layout::cell_ref make(std::uint64_t expiry) {
    const layout::item_shape shape(key.size(), true, false, false, 8);
    const layout::cell_ref cell = mem::allocate(*me, layout::item_size(shape, 8), me->slot->inflight);
    BOOST_REQUIRE(cell != layout::no_cell);
    layout::item& item = *segment.item_at(cell);
    item.shape_bits = shape.bits();
    item.expiry() = expiry;
    std::memcpy(item.at(shape.key_offset()), key.data(), key.size());
    return cell;
  }
  void link(layout::cell_ref cell) {
    const tbl::stripe_lock lock(*me, at.stripe);
    BOOST_REQUIRE(tbl::publish(*me, at, cell, me->slot->inflight));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_FIXTURE_TEST_SUITE(expiring, fixture)

// I16
BOOST_AUTO_TEST_CASE(an_item_that_expires_in_flight_is_within_the_bounds_that_a_sweep_leaves) {
  const layout::cell_ref cell = make(long_ago);
  const interruption sweeps(kill_point::expiry_noted, [&] {
    tbl::sweep_pass pass = tbl::begin_sweep(false);
    while (tbl::sweep_some(*other, pass)) {
    }
    BOOST_TEST(pass.pages == 1u);
  });
  link(cell);
  BOOST_TEST(tbl::is_within_bounds(segment, classes, cell, *segment.item_at(cell)));
}

BOOST_AUTO_TEST_CASE(a_bound_that_is_too_late_is_seen) {
  const layout::cell_ref cell = make(far_ahead);
  link(cell);
  layout::item& item = *segment.item_at(cell);
  BOOST_TEST(tbl::is_within_bounds(segment, classes, cell, item));
  item.expiry() = long_ago;  // and no bound is told
  BOOST_TEST(!tbl::is_within_bounds(segment, classes, cell, item));
}

// A touch dies when it has stored the new expiry; but the bound that it told of it before, a sweep has set anew.
BOOST_AUTO_TEST_CASE(who_takes_the_lock_over_from_a_dead_touch_tells_the_bounds) {
  const layout::cell_ref cell = make(far_ahead);
  link(cell);
  layout::item& item = *segment.item_at(cell);
  item.expiry() = long_ago;
  constexpr std::uint32_t deads_slot = 5;
  constexpr std::uint32_t deads_generation = 1;  // the slot's own is 0: it is not in use any more
  segment.stripe(at.stripe).lock = layout::lock_word::make(deads_slot, deads_generation).bits;
  BOOST_TEST(tbl::stripe_lock(*other, at.stripe).held());
  BOOST_TEST(tbl::is_within_bounds(segment, classes, cell, item));
}

// A touch that found the item alive may store its new expiry after an evictor has seen the old one pass.
BOOST_AUTO_TEST_CASE(an_item_that_is_touched_at_its_last_moment_is_not_taken_out_as_expired) {
  const layout::cell_ref cell = make(long_ago);
  link(cell);
  layout::item& item = *segment.item_at(cell);
  tbl::set_heat(item, tbl::heat::main_with_chance().with_mark());
  const interruption touches(kill_point::lock_hinted, [&] { item.expiry() = far_ahead; });
  const std::uint32_t size_class = mem::word_of(segment, segment.page_of(cell)).size_class();
  tbl::evict(*other, size_class, 1);
  BOOST_TEST(other->slot->counters[static_cast<std::size_t>(layout::counter::expirations)] == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
