// The ring of changes below the public interface: records whose writers are stopped, late, dead or never come, damaged
// ones, and who turns the feed on and off.
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"
#include "table/table.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::change_kind;
using larder::layout::change_turn;
using larder::layout::lock_word;
using larder::table::change_reader;
using larder::table::change_ring;
using outcome = larder::table::change_reader::outcome;
using support::attached_actor;
namespace layout = larder::layout;
namespace tbl = larder::table;

namespace larder::table {
inline std::ostream& boost_test_print_type(std::ostream& out, outcome seen) { return out << static_cast<int>(seen); }
}  // namespace larder::table

namespace {

constexpr std::uint32_t childs_slot = 7;

// Arguments: segment, gate, how many records to mark, from the first one on.
LARDER_CHILD_ROLE(marks_records_for_ever) {
  const larder::segment segment = larder::segment::open(arguments.text(0), larder::platform::access::read_write);
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  const larder::memory::size_classes classes(segment.geometry());
  attached_actor me(segment, classes, childs_slot);
  const change_ring ring = change_ring::of_changes(segment);
  for (long long i = 0; i < arguments.number(2); ++i) {
    const std::uint64_t position = ring.next.fetch_add(1);
    ring.at(position).turn = change_turn::marked(position, lock_word::make(childs_slot, me->generation)).bits;
  }
  gate->arrive();
  for (;;) ::pause();
}

struct fixture : support::bare_segment {
  attached_actor me{segment, classes, 0};
  std::uint64_t from = 0;
  const bool listens = tbl::listen(segment, *me->slot, from);
  change_reader sut{segment, from};
  const support::shared_object<support::start_gate> gate;
  std::vector<char> room = std::vector<char>(2048);

  ~fixture() { tbl::unlisten(segment, *me->slot); }

  // An item as it would lie in a cell.
  [[nodiscard]] layout::item& item(std::string_view key) {
    auto* made = reinterpret_cast<layout::item*>(room.data() + 4);
    made->shape_bits = layout::item_shape(key.size(), false, false, false, 0).bits();
    made->set_version(7);
    std::memcpy(made->at(made->shape().key_offset()), key.data(), key.size());
    return *made;
  }
  void announce(std::string_view key) { tbl::announce(*me, change_kind::stored, item(key)); }

  [[nodiscard]] outcome read_in_the_end() {
    outcome seen = sut.read();
    for (; seen == outcome::pending; seen = sut.read()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return seen;
  }
  [[nodiscard]] support::child start_marker(int records) {
    support::child marker("marks_records_for_ever", {name(), gate.argument(), std::to_string(records)});
    BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
    return marker;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_FIXTURE_TEST_SUITE(change_feed, fixture)

BOOST_AUTO_TEST_CASE(what_is_announced_is_read_once) {
  BOOST_REQUIRE(listens);
  BOOST_TEST(sut.read() == outcome::nothing);
  announce("key");
  BOOST_REQUIRE(sut.read() == outcome::found);
  BOOST_TEST(sut.key() == "key");
  BOOST_TEST(sut.what().version() == 7u);
  BOOST_TEST((sut.what().kind() == change_kind::stored));
  BOOST_TEST(sut.read() == outcome::nothing);
}

BOOST_AUTO_TEST_CASE(a_position_that_nobody_fills_is_missed_after_a_while_and_the_next_is_read) {
  static_cast<void>(change_ring::of_changes(segment).next.fetch_add(1));
  announce("key");
  BOOST_TEST(sut.read() == outcome::pending);
  BOOST_TEST(read_in_the_end() == outcome::missed);
  BOOST_TEST(sut.missed() == 1u);
  BOOST_TEST(sut.read() == outcome::found);
}

BOOST_AUTO_TEST_CASE(what_a_dead_writer_marked_is_missed_at_once) {
  support::child marker = start_marker(2);
  BOOST_TEST(sut.read() == outcome::pending);
  marker.kill();
  BOOST_TEST(sut.read() == outcome::missed);
  BOOST_TEST(sut.read() == outcome::missed);
  BOOST_TEST(sut.read() == outcome::nothing);
}

BOOST_AUTO_TEST_CASE(a_record_that_a_living_writer_has_marked_costs_one_notice_in_each_round) {
  support::child marker = start_marker(1);
  const std::uint64_t length = change_ring::of_changes(segment).length;
  for (std::uint64_t i = 0; i < length; ++i) announce("key");  // the last one would go where the mark is
  BOOST_TEST(me->slot->counters[static_cast<std::size_t>(layout::counter::changes_lost)] == 1u);
  BOOST_TEST(me->slot->counters[static_cast<std::size_t>(layout::counter::changes)] == length - 1);
  std::uint64_t told = 0;
  std::uint64_t missed = 0;
  for (outcome seen; (seen = read_in_the_end()) != outcome::nothing;) {
    told += seen == outcome::found;
    missed += seen == outcome::missed ? sut.missed() : 0;
  }
  BOOST_TEST(told + missed == length + 1);
  BOOST_TEST(missed >= 2u);
  marker.kill();
}

BOOST_AUTO_TEST_CASE(the_mark_of_a_dead_writer_is_taken_over_in_the_next_round) {
  start_marker(1).kill();
  const std::uint64_t length = change_ring::of_changes(segment).length;
  for (std::uint64_t i = 0; i < length; ++i) announce("key");
  BOOST_TEST(me->slot->counters[static_cast<std::size_t>(layout::counter::changes_lost)] == 0u);
  BOOST_REQUIRE(sut.read() == outcome::missed);  // overtaken
  std::uint64_t told = 0;
  while (sut.read() == outcome::found) ++told;
  BOOST_TEST(told + sut.missed() == length + 1);
}

BOOST_AUTO_TEST_CASE(a_writer_that_comes_a_round_late_lets_go) {
  // Others claim a whole round while it stands between its claim and its mark.
  static const change_ring* ring;
  const change_ring all = change_ring::of_changes(segment);
  ring = &all;
  larder::platform::on_kill_point = [](larder::platform::kill_point point) {
    if (point == larder::platform::kill_point::change_claimed) ring->next += ring->length;
  };
  announce("late");
  larder::platform::on_kill_point = nullptr;
  BOOST_TEST(all.at(0).turn == 0u);
  BOOST_TEST(me->slot->counters[static_cast<std::size_t>(layout::counter::changes_lost)] == 1u);
}

BOOST_AUTO_TEST_CASE(a_long_key_whose_tail_was_overtaken_is_missed) {
  announce(std::string(larder::max_key_size, 'k'));
  change_ring::of_tails(segment).at(0).turn = change_turn::whole(1000).bits;
  BOOST_TEST(sut.read() == outcome::missed);
  BOOST_TEST(sut.missed() == 1u);
}

BOOST_AUTO_TEST_CASE(damaged_words_lead_nowhere) {
  const change_ring ring = change_ring::of_changes(segment);
  announce("key");
  ring.at(0).words[0] = ~std::uint64_t{0};  // a kind that is none, and the longest key
  BOOST_TEST(sut.read() == outcome::missed);
  ring.next = 12345;
  BOOST_TEST(sut.read() == outcome::missed);
  ring.next = 3;  // less than was read
  BOOST_TEST(sut.read() == outcome::missed);
  ring.at(3).turn = change_turn::marked(3, lock_word::make(60000, 9)).bits;  // a slot that is none
  announce("key");
  BOOST_TEST(read_in_the_end() == outcome::missed);
}

BOOST_AUTO_TEST_CASE(nothing_is_announced_while_nobody_listens) {
  tbl::unlisten(segment, *me->slot);
  announce("key");
  BOOST_TEST(change_ring::of_changes(segment).next == 0u);
  BOOST_REQUIRE(tbl::listen(segment, *me->slot, from));
  announce("key");
  BOOST_TEST(change_ring::of_changes(segment).next == 1u);
}

BOOST_AUTO_TEST_CASE(the_feed_stays_on_as_long_as_one_of_many_listens) {
  const attached_actor other(segment, classes, 1);
  std::uint64_t its_place = 0;
  layout::slot& slot = segment.slot(1);
  BOOST_REQUIRE(tbl::listen(segment, slot, its_place));
  BOOST_REQUIRE(tbl::listen(segment, slot, its_place));
  tbl::unlisten(segment, slot);
  tbl::unlisten(segment, *me->slot);
  announce("key");
  BOOST_TEST(change_ring::of_changes(segment).next == 1u);
  tbl::unlisten(segment, slot);
  announce("key");
  BOOST_TEST(change_ring::of_changes(segment).next == 1u);
  BOOST_REQUIRE(tbl::listen(segment, *me->slot, from));
}

BOOST_AUTO_TEST_CASE(who_sleeps_is_woken_by_an_announcement) {
  const std::uint32_t bell = sut.before_sleep();
  std::jthread writer([&] {
    attached_actor mine(segment, classes, 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    tbl::announce(*mine, change_kind::erased, item("key"));
  });
  const auto start = std::chrono::steady_clock::now();
  while (sut.read() == outcome::nothing) sut.sleep(bell, std::chrono::minutes(1));
  BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::minutes(1)));
  BOOST_TEST((sut.what().kind() == change_kind::erased));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
