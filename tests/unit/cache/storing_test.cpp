// put, get, erase, add, replace, cas, append, prepend, flags, versions: what a single caller sees.
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "support/int_cache.hpp"
#include "support/test.hpp"

using larder::status;
using support::copy_of;
using support::miss;

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(storing)

BOOST_AUTO_TEST_CASE(hit_and_miss) {
  support::int_cache sut;
  BOOST_TEST(sut.lookup(100) == miss);
  BOOST_TEST(sut.insert(100, 101));
  BOOST_TEST(sut.lookup(100) == 101);
  BOOST_TEST(sut.lookup(200) == miss);
  BOOST_TEST(sut.insert(200, 201));
  BOOST_TEST(sut.insert(100, 102));
  BOOST_TEST(sut.lookup(100) == 102);
  BOOST_TEST(sut.lookup(200) == 201);
  BOOST_TEST(support::violations(sut.sut()) == "");
}

BOOST_AUTO_TEST_CASE(erase_removes_one_key_and_only_once) {
  support::int_cache sut;
  BOOST_TEST(!sut.erase(200));
  sut.insert(100, 101);
  sut.insert(200, 201);
  BOOST_TEST(sut.erase(100));
  BOOST_TEST(sut.lookup(100) == miss);
  BOOST_TEST(sut.lookup(200) == 201);
  BOOST_TEST(!sut.erase(100));
}

BOOST_AUTO_TEST_CASE(many_keys_live_side_by_side_while_the_table_grows) {
  support::int_cache sut(32 * support::mebibyte);
  constexpr int keys = 20'000;
  for (int key = 0; key < keys; ++key) BOOST_REQUIRE(sut.insert(key, key + 7));
  for (int key = 0; key < keys; ++key) BOOST_REQUIRE(sut.lookup(key) == key + 7);
  BOOST_TEST(sut.lookup(keys) == miss);
  BOOST_TEST(sut.sut().stats().items == static_cast<std::uint64_t>(keys));
  BOOST_TEST(support::violations(sut.sut()) == "");
}

BOOST_AUTO_TEST_CASE(get_copy_leaves_the_string_alone_on_a_miss) {
  support::temp_cache sut;
  sut->put("key", "value");
  std::string out = "before";
  BOOST_TEST(!sut->get_copy("other", out));
  BOOST_TEST(out == "before");
  BOOST_TEST(sut->get_copy("key", out));
  BOOST_TEST(out == "value");
  BOOST_TEST(!sut->get_copy("other").has_value());
}

BOOST_AUTO_TEST_CASE(contains_tells_presence_without_counting_a_get) {
  support::temp_cache sut;
  sut->put("key", "value");
  const larder::stats before = sut->stats();
  BOOST_TEST(sut->contains("key"));
  BOOST_TEST(!sut->contains("other"));
  const larder::stats after = sut->stats();
  BOOST_TEST(after.hits == before.hits);
  BOOST_TEST(after.misses == before.misses);
}

BOOST_AUTO_TEST_CASE(values_of_every_byte_container_are_stored) {
  support::temp_cache sut;
  const std::vector<unsigned char> vector{1, 2, 0, 4};
  const std::array<std::byte, 2> array{std::byte{0}, std::byte{255}};
  const std::string string("a\0b", 3);
  struct point {
    int x, y;
  };
  sut->put("vector", vector);
  sut->put("array", array);
  sut->put("string", string);
  sut->put("struct", larder::object_bytes(point{3, 4}));
  BOOST_TEST(copy_of(*sut, "vector") == std::string("\1\2\0\4", 4));
  BOOST_TEST(copy_of(*sut, "array") == std::string("\0\377", 2));
  BOOST_TEST(copy_of(*sut, "string") == string);
  const larder::read_handle stored = sut->get("struct");
  BOOST_REQUIRE(stored.as<point>() != nullptr);
  BOOST_TEST(stored.as<point>()->y == 4);
  BOOST_TEST(stored.as<char>() == nullptr);
}

BOOST_AUTO_TEST_CASE(add_stores_only_what_is_absent) {
  support::temp_cache sut;
  BOOST_TEST(sut->add("key", "first") == status::ok);
  BOOST_TEST(sut->add("key", "second") == status::exists);
  BOOST_TEST(copy_of(*sut, "key") == "first");
  sut->erase("key");
  BOOST_TEST(sut->add("key", "third") == status::ok);
  BOOST_TEST(copy_of(*sut, "key") == "third");
}

BOOST_AUTO_TEST_CASE(replace_stores_only_over_what_is_present) {
  support::temp_cache sut;
  BOOST_TEST(sut->replace("key", "value") == status::not_found);
  BOOST_TEST(!sut->contains("key"));
  sut->put("key", "first");
  BOOST_TEST(sut->replace("key", "second") == status::ok);
  BOOST_TEST(copy_of(*sut, "key") == "second");
}

BOOST_AUTO_TEST_CASE(cas_stores_only_over_the_version_that_was_read) {
  support::temp_cache sut;
  BOOST_TEST(sut->cas("key", larder::version{1}, "value") == status::not_found);
  sut->put("key", "first");
  const larder::version read = sut->get("key").version();
  BOOST_TEST(sut->cas("key", read, "second") == status::ok);
  BOOST_TEST(sut->cas("key", read, "third") == status::version_mismatch);
  BOOST_TEST(copy_of(*sut, "key") == "second");
  sut->erase("key");
  BOOST_TEST(sut->cas("key", read, "fourth") == status::not_found);
}

BOOST_AUTO_TEST_CASE(cas_refuses_the_same_bytes_written_again) {
  support::temp_cache sut;
  sut->put("key", "same");
  const larder::version read = sut->get("key").version();
  sut->put("key", "same");
  BOOST_TEST(sut->cas("key", read, "other") == status::version_mismatch);
}

BOOST_AUTO_TEST_CASE(append_and_prepend_extend_what_is_present) {
  support::temp_cache sut;
  BOOST_TEST(sut->append("key", "tail") == status::not_found);
  BOOST_TEST(sut->prepend("key", "head") == status::not_found);
  sut->put("key", "middle", {.flags = 7});
  BOOST_TEST(sut->append("key", "-tail") == status::ok);
  BOOST_TEST(sut->prepend("key", "head-") == status::ok);
  BOOST_TEST(sut->append("key", "") == status::ok);
  const larder::read_handle stored = sut->get("key");
  BOOST_TEST(stored.view() == "head-middle-tail");
  BOOST_TEST(stored.flags() == 7u);
}

BOOST_AUTO_TEST_CASE(appending_grows_a_value_over_size_classes) {
  support::temp_cache sut;
  std::string expected;
  sut->put("key", "");
  for (int i = 0; i < 2000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    BOOST_REQUIRE(sut->append("key", piece) == status::ok);
    expected += piece;
  }
  BOOST_TEST(copy_of(*sut, "key") == expected);
}

BOOST_AUTO_TEST_CASE(flags_belong_to_the_item) {
  support::temp_cache sut;
  sut->put("key", "value", {.flags = 0xdeadbeef});
  BOOST_TEST(sut->get("key").flags() == 0xdeadbeef);
  sut->put("key", "value");
  BOOST_TEST(sut->get("key").flags() == 0u);
}

BOOST_AUTO_TEST_CASE(versions_grow_with_every_change_over_erase_and_reinsert_too) {
  support::temp_cache sut;
  larder::version last{};
  const auto grew = [&] {
    const larder::version now = sut->get("key").version();
    const bool later = now > last;
    last = now;
    return later;
  };
  sut->put("key", "a");
  BOOST_TEST(grew());
  sut->put("key", "b");
  BOOST_TEST(grew());
  BOOST_TEST(sut->append("key", "c") == status::ok);
  BOOST_TEST(grew());
  BOOST_TEST(sut->cas("key", last, "d") == status::ok);
  BOOST_TEST(grew());
  sut->erase("key");
  sut->put("key", "e");
  BOOST_TEST(grew());
  sut->clear();
  sut->put("key", "f");
  BOOST_TEST(grew());
  sut->touch("key", std::chrono::hours(1));
  BOOST_TEST(sut->get("key").version() == last);
}

BOOST_AUTO_TEST_CASE(clear_erases_everything_and_the_cache_goes_on) {
  support::int_cache sut;
  for (int key = 0; key < 5000; ++key) sut.insert(key, key);
  BOOST_TEST(sut.sut().clear() == status::ok);
  BOOST_TEST(sut.present(0, 5000) == 0);
  BOOST_TEST(sut.sut().stats().items == 0u);
  BOOST_TEST(sut.insert(1, 2));
  BOOST_TEST(sut.lookup(1) == 2);
  BOOST_TEST(support::violations(sut.sut()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
