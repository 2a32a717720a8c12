// cache_view: a read-only mapping that shows the same and disturbs nobody.
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "support/eventually.hpp"
#include "support/sealed_value.hpp"
#include "support/test.hpp"

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(view)

BOOST_AUTO_TEST_CASE(a_view_shows_what_the_cache_holds_as_it_changes) {
  support::temp_cache writer;
  const larder::cache_view sut = larder::cache_view::open(writer.name());
  BOOST_TEST(!sut.contains("key"));
  BOOST_TEST(!sut.get_copy("key").has_value());
  writer->put("key", "value");
  BOOST_TEST(sut.contains("key"));
  BOOST_TEST(sut.get_copy("key").value_or("(miss)") == "value");
  writer->put("key", "other");
  std::string copy = "before";
  BOOST_TEST(sut.get_copy("key", copy));
  BOOST_TEST(copy == "other");
  writer->erase("key");
  BOOST_TEST(!sut.get_copy("key", copy));
  BOOST_TEST(copy == "other");
  writer->put("key", "expired", {.ttl = larder::milliseconds(0)});
  BOOST_TEST(!sut.contains("key"));
}

BOOST_AUTO_TEST_CASE(a_view_needs_only_a_read_only_descriptor_and_no_slot) {
  support::temp_cache writer;
  writer->put("key", "value");
  const std::uint64_t attached = writer->stats().attached_threads;
  const larder::cache_view sut = larder::cache_view::open(writer.name());
  BOOST_TEST(sut.contains("key"));
  BOOST_TEST(writer->stats().attached_threads == attached);
  BOOST_TEST(writer->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(a_view_walks_all_items_and_tells_the_same_statistics) {
  support::temp_cache writer;
  for (int i = 0; i < 1000; ++i) writer->put(std::to_string(i), "value of " + std::to_string(i));
  const larder::cache_view sut = larder::cache_view::open(writer.name());
  std::set<std::string> seen;
  sut.for_each([&](const larder::item_view& item) {
    BOOST_REQUIRE(item.value == "value of " + std::string(item.key));
    return seen.emplace(item.key).second;
  });
  BOOST_TEST(seen.size() == 1000u);
  BOOST_TEST(sut.stats().items == 1000u);
  BOOST_TEST(sut.stats().puts == writer->stats().puts);
  BOOST_TEST(sut.check().sound());
}

BOOST_AUTO_TEST_CASE(a_view_never_shows_a_torn_value_while_a_writer_works) {
  support::temp_cache writer(2 * support::mebibyte);
  const larder::cache_view sut = larder::cache_view::open(writer.name());
  std::atomic<bool> done{false};
  std::jthread storm([&] {
    for (std::uint64_t i = 0; !done; ++i) {
      const std::string key = "key" + std::to_string(i % 500);
      writer->put(key, support::sealed_value(key, i, 16 + i % 2000));
    }
  });
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut.contains("key499"); }));
  int hits = 0;
  std::string copy;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = "key" + std::to_string(i % 500);
    if (!sut.get_copy(key, copy)) continue;
    ++hits;
    BOOST_REQUIRE(support::unsealed(key, copy).has_value());
  }
  sut.for_each([&](const larder::item_view& item) {
    BOOST_REQUIRE(support::unsealed(item.key, item.value).has_value());
    return true;
  });
  done = true;
  BOOST_TEST(hits > 0);
}

BOOST_AUTO_TEST_CASE(a_view_may_be_moved_and_outlives_the_writer) {
  support::temp_name name;
  auto writer = std::make_unique<larder::cache>(larder::cache::create(name.str(), support::small()));
  writer->put("key", "value");
  larder::cache_view first = larder::cache_view::open(name.str());
  writer.reset();
  const larder::cache_view sut = std::move(first);
  BOOST_TEST(sut.get_copy("key").value_or("(miss)") == "value");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
