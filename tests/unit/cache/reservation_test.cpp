// reserve, commit and abandon: values written in place.
#include <algorithm>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "support/test.hpp"

using larder::reservation;
using larder::status;
using support::copy_of;

namespace {

void write(reservation& room, std::string_view text) { std::memcpy(room.bytes().data(), text.data(), text.size()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(reservations)

BOOST_AUTO_TEST_CASE(nobody_sees_a_value_before_its_commit) {
  support::temp_cache sut;
  auto room = sut->reserve("key", 5, {.flags = 3});
  BOOST_REQUIRE(room.has_value());
  BOOST_TEST(room->bytes().size() == 5u);
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(room->bytes().data()) % 8 == 0u);
  write(*room, "value");
  BOOST_TEST(!sut->contains("key"));
  BOOST_TEST(room->commit() == status::ok);
  BOOST_TEST(copy_of(*sut, "key") == "value");
  BOOST_TEST(sut->get("key").flags() == 3u);
  BOOST_TEST(room->bytes().empty());
  BOOST_TEST(room->commit() == status::detached);
}

BOOST_AUTO_TEST_CASE(commit_of_a_part_stores_that_part) {
  support::temp_cache sut;
  for (const std::size_t used : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{999}, std::size_t{1000}}) {
    auto room = sut->reserve("key", 1000);
    BOOST_REQUIRE(room.has_value());
    std::memset(room->bytes().data(), 'v', 1000);
    BOOST_TEST(room->commit(used) == status::ok);
    BOOST_TEST(copy_of(*sut, "key") == std::string(used, 'v'));
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(guarantee_A_a_reservation_of_a_keyspace_is_committed_in_the_generation_of_its_commit) {
  support::temp_cache sut;
  larder::keyspace space = sut->keyspace("space");
  auto room = space.reserve("key", 3);
  BOOST_REQUIRE(room.has_value());
  write(*room, "new");
  space.invalidate();
  space.put("key", "old");
  BOOST_TEST(room->commit() == status::ok);
  BOOST_TEST(space.get_copy("key").value_or("") == "new");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(what_is_abandoned_never_appears_and_gives_its_room_back) {
  support::temp_cache sut(4 * support::mebibyte);
  sut->put("key", "old");
  for (int i = 0; i < 200; ++i) {
    auto room = sut->reserve("key", support::mebibyte / 2);
    BOOST_REQUIRE(room.has_value());
    if (i % 2 == 0) room->abandon();
    room->abandon();
    BOOST_REQUIRE(room->bytes().empty() == true);
  }
  BOOST_TEST(copy_of(*sut, "key") == "old");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(the_destructor_abandons) {
  support::temp_cache sut(4 * support::mebibyte);
  for (int i = 0; i < 200; ++i) BOOST_REQUIRE(sut->reserve("key", support::mebibyte / 2).has_value());
  BOOST_TEST(!sut->contains("key"));
  BOOST_TEST(sut->check().cells_owned == 0u);
}

BOOST_AUTO_TEST_CASE(the_last_commit_of_a_key_wins_whatever_came_between) {
  support::temp_cache sut;
  auto first = sut->reserve("key", 5);
  auto second = sut->reserve("key", 6);
  BOOST_REQUIRE((first && second));
  write(*first, "first");
  write(*second, "second");
  sut->put("key", "put");
  BOOST_TEST(second->commit() == status::ok);
  BOOST_TEST(copy_of(*sut, "key") == "second");
  sut->erase("key");
  BOOST_TEST(first->commit() == status::ok);
  BOOST_TEST(copy_of(*sut, "key") == "first");
}

BOOST_AUTO_TEST_CASE(eight_may_be_open_at_once) {
  support::temp_cache sut;
  std::vector<reservation> open;
  for (int i = 0; i < 8; ++i) {
    auto room = sut->reserve("key" + std::to_string(i), 100);
    BOOST_REQUIRE(room.has_value());
    open.push_back(std::move(*room));
  }
  BOOST_TEST(sut->reserve("ninth", 100).error() == status::no_space);
  BOOST_TEST(sut->put("other", "value") == status::ok);
  for (reservation& room : open) {
    std::ranges::fill(room.bytes(), std::byte{'v'});
    BOOST_TEST(room.commit() == status::ok);
  }
  BOOST_TEST(sut->reserve("ninth", 100).has_value());
  BOOST_TEST(copy_of(*sut, "key7") == std::string(100, 'v'));
}

BOOST_AUTO_TEST_CASE(a_reservation_may_be_moved_and_committed_by_another_thread) {
  support::temp_cache sut;
  auto room = sut->reserve("key", 5);
  BOOST_REQUIRE(room.has_value());
  std::jthread([moved = std::move(*room)]() mutable {
    write(moved, "value");
    BOOST_TEST(moved.commit() == status::ok);
  }).join();
  BOOST_TEST(copy_of(*sut, "key") == "value");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(move_assignment_abandons_what_was_there) {
  support::temp_cache sut;
  auto first = sut->reserve("first", 5);
  auto second = sut->reserve("second", 5);
  BOOST_REQUIRE((first && second));
  write(*second, "value");
  *first = std::move(*second);
  BOOST_TEST(first->commit() == status::ok);
  BOOST_TEST(!sut->contains("first"));
  BOOST_TEST(copy_of(*sut, "second") == "value");
}

BOOST_AUTO_TEST_CASE(the_time_to_live_of_a_reservation_is_that_of_its_item) {
  support::temp_cache sut;
  auto room = sut->reserve("key", 1, {.ttl = larder::milliseconds(0)});
  BOOST_REQUIRE(room.has_value());
  room->bytes()[0] = std::byte{'v'};
  BOOST_TEST(room->commit() == status::ok);
  BOOST_TEST(!sut->contains("key"));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
