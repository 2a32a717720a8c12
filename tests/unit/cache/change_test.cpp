// Notices of changes, in one process: what is announced, what is not, what is filtered, and what becomes of a slow
// subscriber.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/eventually.hpp"
#include "support/test.hpp"

using larder::change;
using larder::change_kind;
using larder::status;
using namespace std::chrono_literals;

namespace larder {
inline std::ostream& boost_test_print_type(std::ostream& out, change_kind kind) { return out << to_string(kind); }
}  // namespace larder

namespace {

// A notice that stays as it is.
struct notice {
  explicit notice(const change& c)
      : kind(c.kind), key(c.key), keyspace(c.keyspace), version(c.version), count(c.count) {}
  change_kind kind;
  std::string key;
  std::uint64_t keyspace;
  larder::version version;
  std::uint64_t count;
};

std::vector<notice> all_of(larder::subscription& from) {
  std::vector<notice> all;
  while (const std::optional<change> found = from.next()) all.emplace_back(*found);
  return all;
}

// "stored a, erased b"
std::string text_of(larder::subscription& from) {
  std::string text;
  for (const notice& n : all_of(from))
    text += (text.empty() ? "" : ", ") + std::string(to_string(n.kind)) + " " + n.key;
  return text;
}

// Every size of key that fills a record or a part of its tail, less one, and more one.
const std::vector<std::size_t> key_sizes = {1,  7,  8,   40,  41,  47,  48,  49,   95,   96,  97,
                                            98, 99, 151, 152, 153, 500, 968, 1023, 1024, 1000};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(each_visible_change_of_a_key_is_announced_in_order_guarantee_F) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  BOOST_TEST(!feed.next());
  sut->put("a", "1");
  BOOST_TEST(sut->add("b", "1") == status::ok);
  BOOST_TEST(sut->replace("a", "2") == status::ok);
  BOOST_TEST(sut->cas("a", sut->get("a").version(), "3") == status::ok);
  BOOST_TEST(sut->append("a", "4") == status::ok);
  sut->incr("n");
  sut->erase("b");
  larder::result<larder::reservation> room = sut->reserve("r", 10);
  BOOST_TEST(text_of(feed) == "stored a, stored b, stored a, stored a, stored a, stored n, erased b");
  BOOST_TEST(room->commit() == status::ok);
  BOOST_TEST(text_of(feed) == "stored r");
  BOOST_TEST(feed.missed() == 0u);
}

BOOST_AUTO_TEST_CASE(what_changes_nothing_is_not_announced) {
  support::temp_cache sut;
  sut->put("a", "1");
  larder::subscription feed = sut->subscribe();
  BOOST_TEST(sut->add("a", "2") == status::exists);
  BOOST_TEST(sut->replace("b", "2") == status::not_found);
  BOOST_TEST(sut->cas("a", larder::version{12345}, "2") == status::version_mismatch);
  BOOST_TEST(sut->erase("b") == status::not_found);
  BOOST_TEST(sut->touch("a", 1h) == status::ok);
  BOOST_TEST(sut->touch("a", larder::forever) == status::ok);
  static_cast<void>(sut->get("a"));
  static_cast<void>(sut->reserve("r", 10));
  BOOST_TEST(text_of(feed) == "");
}

BOOST_AUTO_TEST_CASE(a_notice_carries_the_version_that_was_stored_or_has_gone) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  sut->put("a", "1");
  const larder::version first = sut->get("a").version();
  sut->put("a", "2");
  const larder::version second = sut->get("a").version();
  sut->erase("a");
  const std::vector<notice> seen = all_of(feed);
  BOOST_REQUIRE(seen.size() == 3u);
  BOOST_TEST(seen[0].version == first);
  BOOST_TEST(seen[1].version == second);
  BOOST_TEST(seen[2].version == second);
}

BOOST_AUTO_TEST_CASE(keys_of_every_size_are_told_whole) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  for (const std::size_t size : key_sizes) {
    std::string key;
    for (std::size_t i = 0; i < size; ++i) key += static_cast<char>('!' + (i * 7 + size) % 90);
    sut->put(key, "value");
    const std::optional<change> found = feed.next();
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->key == key);
  }
  BOOST_TEST(feed.missed() == 0u);
}

BOOST_AUTO_TEST_CASE(the_smallest_segment_has_room_for_the_longest_keys) {
  support::temp_cache sut(support::mebibyte);
  larder::subscription feed = sut->subscribe();
  for (int i = 0; i < 100; ++i) {
    const std::string key = std::string(larder::max_key_size - 3, 'k') + std::to_string(100 + i);
    sut->put(key, "value");
    const std::optional<change> found = feed.next();
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->key == key);
  }
}

BOOST_AUTO_TEST_CASE(expired_and_evicted_items_are_told_from_erased_ones) {
  support::temp_cache sut(support::mebibyte);
  sut->put("short", "value", {.ttl = 1ms});
  larder::subscription feed = sut->subscribe();
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->sweep() == 1; }));
  BOOST_TEST(text_of(feed) == "expired short");
  larder::subscription evictions = sut->subscribe({.stored = false});
  std::map<change_kind, std::uint64_t> counts;
  for (int i = 0; i < 10'000; ++i) {
    sut->put("key" + std::to_string(i), std::string(500, 'v'));
    for (const notice& n : all_of(evictions)) counts[n.kind] += n.count;
  }
  BOOST_TEST(counts[change_kind::evicted] == sut->stats().evictions);
  BOOST_TEST(counts[change_kind::evicted] > 1000u);
  BOOST_TEST(counts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(clear_announces_every_item) {
  support::temp_cache sut;
  for (int i = 0; i < 50; ++i) sut->put(std::to_string(i), "value");
  larder::subscription feed = sut->subscribe();
  BOOST_TEST(sut->clear() == status::ok);
  const std::vector<notice> seen = all_of(feed);
  BOOST_TEST(seen.size() == 50u);
  for (const notice& n : seen) BOOST_TEST(n.kind == change_kind::erased);
}

BOOST_AUTO_TEST_CASE(kinds_and_prefix_select) {
  support::temp_cache sut;
  larder::subscription users = sut->subscribe({.prefix = "user:"});
  larder::subscription erased = sut->subscribe({.stored = false, .expired = false, .evicted = false});
  sut->put("user:1", "1");
  sut->put("page:1", "1");
  sut->erase("page:1");
  sut->erase("user:1");
  BOOST_TEST(text_of(users) == "stored user:1, erased user:1");
  BOOST_TEST(text_of(erased) == "erased page:1, erased user:1");
}

BOOST_AUTO_TEST_CASE(keyspaces_are_told_by_their_id_and_invalidation_is_one_notice) {
  support::temp_cache sut;
  larder::keyspace users = sut->keyspace("users");
  larder::subscription feed = sut->subscribe();
  users.put("key", "value");
  sut->put("key", "value");
  const std::vector<notice> stored = all_of(feed);
  BOOST_REQUIRE(stored.size() == 2u);
  BOOST_TEST(stored[0].key == "key");
  BOOST_TEST(stored[0].keyspace == users.id());
  BOOST_TEST(stored[1].keyspace == 0u);
  users.put("late", "value");
  users.invalidate();
  const std::vector<notice> seen = all_of(feed);  // not of `late`, which nobody can read any more
  BOOST_REQUIRE(seen.size() == 1u);
  BOOST_TEST(seen[0].kind == change_kind::invalidated);
  BOOST_TEST(seen[0].keyspace == users.id());
  BOOST_TEST(seen[0].key == "");
}

BOOST_AUTO_TEST_CASE(a_slow_subscriber_is_told_exactly_how_many_it_missed) {
  support::temp_cache sut(support::mebibyte);
  larder::subscription feed = sut->subscribe();
  constexpr int stores = 1000;
  for (int i = 0; i < stores; ++i) sut->put("key", std::to_string(i));
  const std::vector<notice> seen = all_of(feed);
  BOOST_REQUIRE(seen.size() > 1u);
  BOOST_TEST(seen.front().kind == change_kind::missed);
  BOOST_TEST(seen.front().count == stores - (seen.size() - 1));
  BOOST_TEST(feed.missed() == seen.front().count);
  BOOST_TEST(seen.back().version == sut->get("key").version());
}

BOOST_AUTO_TEST_CASE(each_subscription_has_a_place_of_its_own) {
  support::temp_cache sut;
  larder::subscription first = sut->subscribe();
  sut->put("a", "1");
  larder::subscription second = sut->subscribe();
  sut->put("b", "1");
  BOOST_TEST(text_of(first) == "stored a, stored b");
  BOOST_TEST(text_of(second) == "stored b");
  BOOST_TEST(sut->stats().subscriptions == 2u);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_down_while_nobody_is_subscribed) {
  support::temp_cache sut;
  sut->put("a", "1");
  BOOST_TEST(sut->stats().changes == 0u);
  {
    larder::subscription feed = sut->subscribe();
    sut->put("a", "2");
    BOOST_TEST(sut->stats().changes == 1u);
    larder::subscription moved = std::move(feed);
    BOOST_TEST(static_cast<bool>(moved));
    BOOST_TEST(!feed);
    BOOST_TEST(!feed.next());
    BOOST_TEST(!feed.wait(1h));
  }
  BOOST_TEST(sut->stats().subscriptions == 0u);
  sut->put("a", "3");
  BOOST_TEST(sut->stats().changes == 1u);
}

BOOST_AUTO_TEST_CASE(wait_returns_when_something_changes_or_the_time_is_over) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  BOOST_TEST(!feed.wait(0ms));
  BOOST_TEST(!feed.wait(20ms));
  std::jthread writer([&] {
    std::this_thread::sleep_for(20ms);
    sut->put("a", "1");
  });
  const std::optional<change> found = feed.wait(support::generous);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->key == "a");
}

BOOST_AUTO_TEST_CASE(a_subscription_outlives_its_thread_and_works_in_another_one) {
  support::temp_cache sut;
  std::optional<larder::subscription> feed;
  std::jthread([&] { feed = sut->subscribe(); }).join();
  sut->put("a", "1");
  BOOST_TEST(text_of(*feed) == "stored a");
  BOOST_TEST(sut->stats().subscriptions == 1u);
  feed.reset();
  BOOST_TEST(sut->stats().subscriptions == 0u);
  sut->put("a", "2");
  BOOST_TEST(sut->stats().changes == 1u);
}

BOOST_AUTO_TEST_CASE(is_current_compares_the_version_of_the_item_that_is_there) {
  support::temp_cache sut;
  BOOST_TEST(!sut->is_current("a", larder::version{0}));
  sut->put("a", "1");
  const larder::version first = sut->get("a").version();
  BOOST_TEST(sut->is_current("a", first));
  BOOST_TEST(sut->touch("a", 1h) == status::ok);
  BOOST_TEST(sut->is_current("a", first));
  sut->put("a", "1");
  BOOST_TEST(!sut->is_current("a", first));
  BOOST_TEST(sut->is_current("a", sut->get("a").version()));
  BOOST_TEST(sut->touch("a", 0ms) == status::ok);
  BOOST_TEST(!sut->is_current("a", first));
  larder::keyspace users = sut->keyspace("users");
  users.put("a", "1");
  const larder::version inner = users.get("a").version();
  BOOST_TEST(users.is_current("a", inner));
  users.invalidate();
  BOOST_TEST(!users.is_current("a", inner));
  BOOST_TEST(sut->stats().pins == 0u);
}

BOOST_AUTO_TEST_CASE(every_kind_has_a_name) {
  for (const change_kind kind : {change_kind::stored, change_kind::erased, change_kind::expired, change_kind::evicted,
                                 change_kind::invalidated, change_kind::missed})
    BOOST_TEST(to_string(kind) != "?");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
