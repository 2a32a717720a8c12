// Keyspaces: keys of their own, invalidated all at once.
#include <array>
#include <map>
#include <string>
#include <utility>

#include "support/test.hpp"

using larder::status;

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(keyspaces)

BOOST_AUTO_TEST_CASE(the_same_key_means_another_item_in_each_keyspace) {
  support::temp_cache sut;
  larder::keyspace users = sut->keyspace("users");
  larder::keyspace pages = sut->keyspace("pages");
  sut->put("key", "plain");
  users.put("key", "user");
  BOOST_TEST(!pages.contains("key"));
  pages.put("key", "page");
  BOOST_TEST(support::copy_of(*sut, "key") == "plain");
  BOOST_TEST(users.get("key").view() == "user");
  BOOST_TEST(users.get("key").key() == "key");
  BOOST_TEST(pages.get_copy("key").value_or("(miss)") == "page");
  BOOST_TEST(users.erase("key") == status::ok);
  BOOST_TEST(pages.contains("key"));
  BOOST_TEST(sut->contains("key"));
}

BOOST_AUTO_TEST_CASE(a_name_always_means_the_same_keyspace) {
  support::temp_cache sut;
  larder::keyspace first = sut->keyspace("users");
  larder::keyspace again = sut->keyspace("users");
  larder::cache other = larder::cache::open(sut.name());
  larder::keyspace elsewhere = other.keyspace("users");
  first.put("key", "value");
  BOOST_TEST(again.get("key").view() == "value");
  BOOST_TEST(elsewhere.get("key").view() == "value");
  BOOST_TEST(first.id() == elsewhere.id());
  BOOST_TEST(first.id() != 0u);
  BOOST_TEST(first.id() != sut->keyspace("pages").id());
}

BOOST_AUTO_TEST_CASE(invalidate_makes_all_items_of_one_keyspace_unreachable) {
  support::temp_cache sut;
  larder::keyspace users = sut->keyspace("users");
  larder::keyspace pages = sut->keyspace("pages");
  for (int i = 0; i < 1000; ++i) {
    users.put(std::to_string(i), "user");
    pages.put(std::to_string(i), "page");
    sut->put(std::to_string(i), "plain");
  }
  const larder::read_handle held = users.get("7");
  const std::uint64_t generation = users.generation();
  users.invalidate();
  BOOST_TEST(users.generation() == generation + 1);
  for (int i = 0; i < 1000; ++i) {
    BOOST_REQUIRE(!users.contains(std::to_string(i)));
    BOOST_REQUIRE(pages.contains(std::to_string(i)));
    BOOST_REQUIRE(sut->contains(std::to_string(i)));
  }
  BOOST_TEST(held.view() == "user");
  BOOST_TEST(users.put("7", "new") == status::ok);
  BOOST_TEST(users.get("7").view() == "new");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(every_writing_call_sees_an_invalidated_item_as_absent) {
  support::temp_cache sut;
  larder::keyspace sut_space = sut->keyspace("users");
  const auto stale = [&] {
    sut_space.put("key", larder::object_bytes(std::int64_t{9}));
    sut_space.invalidate();
    return std::string_view("key");
  };
  BOOST_TEST(!sut_space.get(stale()));
  BOOST_TEST(sut_space.replace(stale(), "new") == status::not_found);
  BOOST_TEST(sut_space.cas(stale(), larder::version{1}, "new") == status::not_found);
  BOOST_TEST(sut_space.touch(stale(), larder::forever) == status::not_found);
  BOOST_TEST(sut_space.erase(stale()) == status::not_found);
  BOOST_TEST(sut_space.incr(stale()).value() == 1);
  BOOST_TEST(sut_space.add(stale(), "new") == status::ok);
}

BOOST_AUTO_TEST_CASE(keyspaces_offer_the_calls_of_a_cache) {
  support::temp_cache sut;
  larder::keyspace space = sut->keyspace("users");
  BOOST_TEST(space.add("key", "a") == status::ok);
  BOOST_TEST(space.add("key", "b") == status::exists);
  BOOST_TEST(space.replace("key", "b") == status::ok);
  BOOST_TEST(space.cas("key", space.get("key").version(), "c") == status::ok);
  BOOST_TEST(space.touch("key", larder::milliseconds(0)) == status::ok);
  BOOST_TEST(!space.contains("key"));
  BOOST_TEST(space.incr("counter", 2).value() == 2);
  BOOST_TEST(space.decr("counter", 3).value() == -1);
  BOOST_TEST(space.put("text", "b") == status::ok);
  BOOST_TEST(space.append("text", "c") == status::ok);
  BOOST_TEST(space.prepend("text", "a") == status::ok);
  BOOST_TEST(space.get_and_touch("text", larder::milliseconds(0)).view() == "");
  BOOST_TEST(!space.get("text"));
  BOOST_TEST(space.put("text", "abc") == status::ok);
  BOOST_TEST(space.get_and_touch("text", std::chrono::hours(1)).view() == "abc");
  auto room = space.reserve("reserved", 1);
  BOOST_REQUIRE(room.has_value());
  room->bytes()[0] = std::byte{'r'};
  BOOST_TEST(room->commit() == status::ok);
  std::string copy;
  BOOST_TEST(space.get_copy("reserved", copy));
  BOOST_TEST(copy == "r");
  BOOST_TEST(!sut->contains("reserved"));
}

// Keys of some sizes are looked up without being put together, and items of each form are found on another way.
BOOST_AUTO_TEST_CASE(items_of_every_form_are_found_under_keys_of_every_size_and_in_no_other_keyspace) {
  support::temp_cache sut(support::small(64 * support::mebibyte));
  larder::keyspace users = sut->keyspace("users");
  larder::keyspace pages = sut->keyspace("pages");
  const std::string large(100'000, 'l');
  const std::array<std::pair<std::string, larder::put_options>, 4> forms = {{
      {"value", {}},
      {"fleeting", {.ttl = std::chrono::hours(1)}},
      {"marked", {.ttl = std::chrono::hours(1), .flags = 7}},
      {large, {.flags = 7}},
  }};
  for (const auto& [value, options] : forms) {
    for (std::size_t size = 1; size < 100; ++size) {
      std::string key(size, 'k');
      key.back() = static_cast<char>(size);
      BOOST_REQUIRE(users.put(key, value, options) == status::ok);
      BOOST_TEST_CONTEXT("key of " << size << " bytes, value of " << value.size()) {
        const std::array<std::string_view, 2> asked{key, "absent"};
        std::array<larder::read_handle, 2> found;
        BOOST_TEST(users.get(key).view() == value);
        BOOST_TEST(users.get(key).key() == key);
        BOOST_TEST(users.get_copy(key).value_or("(miss)") == value);
        BOOST_TEST(users.multi_get(asked, found) == 1u);
        BOOST_TEST(found[0].view() == value);
        BOOST_TEST(users.get(key).view() == value);  // beside a handle that is out
        BOOST_TEST(!pages.get(key));
        BOOST_TEST(pages.multi_get(asked, found) == 0u);
        BOOST_TEST(!sut->get(key));
        key[0] = key[0] == 'x' ? 'y' : 'x';
        BOOST_TEST(!users.get(key));
      }
    }
    users.invalidate();
    for (std::size_t size = 1; size < 100; ++size) {
      std::string key(size, 'k');
      key.back() = static_cast<char>(size);
      BOOST_REQUIRE(!users.get(key));
    }
  }
  BOOST_TEST(support::violations(*sut) == "");
}

// So many that some stand in their alternate buckets.
BOOST_AUTO_TEST_CASE(every_item_of_a_crowded_table_is_found_in_its_keyspace) {
  support::temp_cache sut(support::small(4 * support::mebibyte));
  larder::keyspace users = sut->keyspace("users");
  const auto key_of = [](int i) { return "a user's key of usual size " + std::to_string(i); };
  constexpr int items = 15'000;
  for (int i = 0; i < items; ++i) BOOST_REQUIRE(users.put(key_of(i), std::to_string(i)) == status::ok);
  BOOST_REQUIRE(sut->stats().evictions == 0u);
  for (int i = 0; i < items; ++i) BOOST_REQUIRE(users.get(key_of(i)).view() == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(keys_of_a_keyspace_may_be_eight_bytes_shorter_than_plain_ones) {
  support::temp_cache sut;
  larder::keyspace space = sut->keyspace("users");
  BOOST_TEST(space.put(std::string(larder::max_key_size - 8, 'k'), "value") == status::ok);
  BOOST_TEST(space.contains(std::string(larder::max_key_size - 8, 'k')));
  BOOST_TEST(space.put(std::string(larder::max_key_size + 1, 'k'), "value") == status::too_large);
  BOOST_TEST(space.put("", "value") == status::too_large);
}

BOOST_AUTO_TEST_CASE(there_is_room_for_64_keyspaces_and_a_clear_error_when_there_is_none) {
  support::temp_cache sut;
  for (int i = 0; i < 64; ++i) sut->keyspace("space" + std::to_string(i)).put("key", std::to_string(i));
  for (int i = 0; i < 64; ++i)
    BOOST_TEST(sut->keyspace("space" + std::to_string(i)).get("key").view() == std::to_string(i));
  const auto exhaust = [&] {
    for (int i = 64; i < 1'000'000; ++i) static_cast<void>(sut->keyspace("space" + std::to_string(i)));
  };
  BOOST_CHECK_EXCEPTION(exhaust(), larder::error, support::failure(status::no_space));
  BOOST_TEST(sut->keyspace("space7").get("key").view() == "7");
}

BOOST_AUTO_TEST_CASE(for_each_shows_keyspaces_by_their_id_and_skips_what_was_invalidated) {
  support::temp_cache sut;
  larder::keyspace users = sut->keyspace("users");
  larder::keyspace gone = sut->keyspace("gone");
  sut->put("plain", "value");
  users.put("user", "value");
  gone.put("stale", "value");
  gone.invalidate();
  std::map<std::string, std::uint64_t> seen;
  sut->for_each([&](const larder::item_view& item) { return seen.emplace(item.key, item.keyspace).second; });
  BOOST_TEST(seen.size() == 2u);
  BOOST_TEST(seen["plain"] == 0u);
  BOOST_TEST(seen["user"] == users.id());
}

BOOST_AUTO_TEST_CASE(the_memory_of_invalidated_items_is_used_again) {
  support::temp_cache sut(4 * support::mebibyte);
  larder::keyspace space = sut->keyspace("users");
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 2000; ++i) BOOST_REQUIRE(space.put(std::to_string(i), std::string(1000, 'v')) == status::ok);
    space.invalidate();
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
