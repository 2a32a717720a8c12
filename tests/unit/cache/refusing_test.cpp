// A full cache that refuses: no item ever leaves to make room, and all memory that holds none is used.
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/eventually.hpp"
#include "support/test.hpp"

using larder::milliseconds;
using larder::status;

namespace {

larder::create_options that_refuses(std::size_t capacity = 2 * support::mebibyte) {
  larder::create_options options = support::small(capacity);
  options.when_full = larder::full_policy::refuse;
  return options;
}

std::string key_of(const char* kind, int i) { return kind + std::to_string(i); }

// Stores items, each under a key of its own, until all are refused: one alone may be, where the part of the hash table that
// its key belongs to is full. Returns the numbers of their keys.
std::vector<int> fill(larder::cache& sut, const char* kind, std::size_t size, milliseconds ttl = larder::forever) {
  const std::string value(size, kind[0]);
  std::vector<int> stored;
  for (int i = 0, refused = 0; refused < 50; ++i) {
    const bool done = sut.put(key_of(kind, i), value, {.ttl = ttl}) == status::ok;
    refused = done ? 0 : refused + 1;
    if (done) stored.push_back(i);
  }
  return stored;
}

// How many of these items are there, whole.
std::size_t present(larder::cache& sut, const char* kind, const std::vector<int>& keys, std::size_t size) {
  const std::string value(size, kind[0]);
  return static_cast<std::size_t>(
      std::count_if(keys.begin(), keys.end(), [&](int key) { return sut.get(key_of(kind, key)).view() == value; }));
}

// Stores `wanted` new items, in at most twice as many tries. Returns how many it could.
int store(larder::cache& sut, const char* kind, int wanted, std::size_t size = 100) {
  int stored = 0;
  for (int i = 0; i < 2 * wanted && stored < wanted; ++i)
    stored += sut.put(key_of(kind, i), std::string(size, kind[0])) == status::ok ? 1 : 0;
  return stored;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(refusing)

BOOST_AUTO_TEST_CASE(a_full_cache_refuses_and_no_item_leaves) {
  support::temp_cache sut(that_refuses());
  const std::vector<int> stored = fill(*sut, "key", 100);
  for (int i = 0; i < 5000; ++i) {
    sut->put(key_of("more", i), std::string(100, 'm'));
    sut->put(key_of("large", i), std::string(static_cast<std::size_t>(i) * 50, 'l'));
  }
  BOOST_TEST(present(*sut, "key", stored, 100) == stored.size());
  const larder::stats full = sut->stats();
  BOOST_TEST(full.evictions == 0u);
  BOOST_TEST(full.no_space >= 9000u);
  BOOST_TEST(full.items * 128 > full.capacity * 8 / 10, full.items << " items");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(without_it_a_full_cache_evicts) {
  support::temp_cache sut(2 * support::mebibyte);
  for (int i = 0; i < 50'000; ++i) BOOST_REQUIRE(sut->put(key_of("key", i), std::string(100, 'k')) == status::ok);
  BOOST_TEST(sut->stats().evictions > 0u);
}

BOOST_AUTO_TEST_CASE(all_who_open_the_segment_refuse) {
  support::temp_cache sut(that_refuses());
  larder::cache other = larder::cache::open(sut.name());
  larder::cache third = larder::cache::open_or_create(sut.name(), support::small());
  const std::vector<int> stored = fill(other, "key", 100);
  fill(third, "more", 100);
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(present(*sut, "key", stored, 100) == stored.size());
}

BOOST_AUTO_TEST_CASE(a_value_is_overwritten_while_there_is_a_free_or_just_retired_cell) {
  support::temp_cache sut(that_refuses());
  const std::vector<int> stored = fill(*sut, "key", 100);
  BOOST_REQUIRE(sut->erase(key_of("key", stored[0])) == status::ok);
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 1; i < stored.size(); ++i)
      BOOST_REQUIRE(sut->put(key_of("key", stored[i]), std::string(100, static_cast<char>('a' + round))) == status::ok);
  }
  BOOST_TEST(sut->get(key_of("key", stored[1])).view() == std::string(100, 'e'));
  BOOST_TEST(sut->stats().items == stored.size() - 1);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_refused_store_leaves_the_old_value) {
  support::temp_cache sut(that_refuses());
  const std::vector<int> stored = fill(*sut, "key", 100);
  fill(*sut, "large", 5000);
  BOOST_TEST(sut->put(key_of("key", stored[0]), std::string(100, 'n')) == status::no_space);
  BOOST_TEST(sut->replace(key_of("key", stored[1]), std::string(5000, 'n')) == status::no_space);
  BOOST_TEST(sut->append(key_of("key", stored[2]), std::string(500, 'n')) == status::no_space);
  BOOST_TEST(sut->reserve(key_of("key", stored[3]), 1000).error() == status::no_space);
  BOOST_TEST(present(*sut, "key", stored, 100) == stored.size());
}

BOOST_AUTO_TEST_CASE(what_is_erased_makes_room_for_as_much_by_whichever_thread) {
  support::temp_cache sut(that_refuses());
  std::vector<int> stored = fill(*sut, "key", 100);
  const auto erase_last = [&] {
    BOOST_REQUIRE(sut->erase(key_of("key", stored.back())) == status::ok);
    stored.pop_back();
  };
  std::jthread([&] {
    for (int i = 0; i < 500; ++i) erase_last();
  }).join();
  BOOST_TEST(store(*sut, "new", 500) >= 300, "but for what the table may take of it");
  for (int i = 0; i < 50; ++i) {                                  // while this thread is there, and does nothing else
    const std::string kind = "o" + std::to_string(10 + i) + "-";  // no longer than the keys of what is erased
    const std::string next = "p" + std::to_string(10 + i) + "-";
    int after = 0;
    // Full again: a stripe that was crowded may have grown meanwhile, and have left a page of old buckets.
    std::jthread([&] { fill(*sut, kind.c_str(), 100); }).join();
    erase_last();
    const std::uint64_t moves = sut->stats().page_moves;
    std::jthread([&] { after = store(*sut, next.c_str(), 5); }).join();
    BOOST_TEST(after >= 1);
    BOOST_TEST((after == 1 || sut->stats().page_moves != moves), after << " in the place of one");
  }
  BOOST_TEST(present(*sut, "key", stored, 100) == stored.size());
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(memory_that_is_erased_is_used_for_other_sizes) {
  support::temp_cache sut(that_refuses(8 * support::mebibyte));
  const std::vector<int> stored = fill(*sut, "key", 100);
  std::vector<int> kept;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (i % 50 == 0) {
      kept.push_back(stored[i]);
    } else {
      BOOST_REQUIRE(sut->erase(key_of("key", stored[i])) == status::ok);
    }
  }
  const std::vector<int> large = fill(*sut, "large", 3000);
  BOOST_TEST(large.size() * 3000 > 5'000'000u, large.size() << " items of 3000 bytes");
  BOOST_TEST(present(*sut, "key", kept, 100) == kept.size());
  BOOST_TEST(present(*sut, "large", large, 3000) == large.size());
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(memory_of_large_items_that_are_erased_is_used_for_small_ones) {
  support::temp_cache sut(that_refuses(8 * support::mebibyte));
  std::vector<int> large = fill(*sut, "large", 20'000);
  const std::size_t erased = large.size() / 4;
  for (std::size_t i = 0; i < erased; ++i) BOOST_REQUIRE(sut->erase(key_of("large", large[i])) == status::ok);
  large.erase(large.begin(), large.begin() + static_cast<std::ptrdiff_t>(erased));
  const std::vector<int> small = fill(*sut, "key", 100);
  BOOST_TEST(small.size() * 128 > erased * 20'000 / 2, small.size() << " small items");
  BOOST_TEST(present(*sut, "large", large, 20'000) == large.size());
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(values_of_several_pages_are_refused_without_any_loss) {
  support::temp_cache sut(that_refuses(8 * support::mebibyte));
  const std::vector<int> stored = fill(*sut, "key", 300);
  for (int i = 0; i < 20; ++i) BOOST_TEST(sut->put("huge", std::string(500'000, 'h')) == status::no_space);
  BOOST_TEST(present(*sut, "key", stored, 300) == stored.size());
  for (const int key : stored) BOOST_REQUIRE(sut->erase(key_of("key", key)) == status::ok);
  BOOST_TEST(sut->put("huge", std::string(500'000, 'h')) == status::ok);
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(what_has_expired_makes_room_for_any_size) {
  support::temp_cache sut(that_refuses());
  std::vector<int> lasting;
  for (int i = 0; i < 3000; ++i) {
    BOOST_REQUIRE(sut->put(key_of("lasting", i), std::string(100, 'l')) == status::ok);
    lasting.push_back(i);
  }
  const std::vector<int> passing = fill(*sut, "passing", 100, milliseconds(300));
  BOOST_TEST(passing.size() > 3000u);
  for (const std::size_t size : {std::size_t{100}, std::size_t{700}, std::size_t{4000}}) {
    BOOST_TEST(support::eventually(support::generous, [&] {
      return sut->put(key_of("after", static_cast<int>(size)), std::string(size, 'a')) == status::ok;
    }));
  }
  BOOST_TEST(fill(*sut, "new", 100).size() > passing.size() * 9 / 10);
  BOOST_TEST(present(*sut, "lasting", lasting, 100) == lasting.size());
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(what_was_invalidated_makes_room) {
  support::temp_cache sut(that_refuses());
  larder::keyspace users = sut->keyspace("users");
  int stored = 0;
  while (users.put(key_of("key", stored), std::string(100, 'k')) == status::ok) ++stored;
  users.invalidate();
  std::vector<int> again;
  for (int i = 0; i < 4 * stored && again.size() < static_cast<std::size_t>(stored) * 9 / 10; ++i) {
    if (users.put(key_of("new", i), std::string(100, 'n')) == status::ok) again.push_back(i);
  }
  BOOST_TEST(again.size() == static_cast<std::size_t>(stored) * 9 / 10, again.size() << " of " << stored);
  for (const int key : again) BOOST_REQUIRE(users.contains(key_of("new", key)));
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(what_was_held_when_it_was_erased_makes_room_once_it_is_let_go_of) {
  support::temp_cache sut(that_refuses());
  std::vector<int> stored = fill(*sut, "key", 100);
  std::vector<larder::read_handle> held;
  for (std::size_t i = 0; i < 60; ++i) held.push_back(sut->get(key_of("key", stored[i])));
  for (std::size_t i = 0; i < 60; ++i) BOOST_REQUIRE(sut->erase(key_of("key", stored[i])) == status::ok);
  stored.erase(stored.begin(), stored.begin() + 60);
  BOOST_TEST(store(*sut, "more", 10) == 0);
  for (const larder::read_handle& handle : held) BOOST_TEST(handle.view() == std::string(100, 'k'));
  held.clear();
  int again = 0;  // some of them are found by later stores only
  for (int i = 0; i < 1000 && again < 60; ++i)
    again += sut->put(key_of("new", i), std::string(100, 'n')) == status::ok ? 1 : 0;
  BOOST_TEST(again == 60);
  BOOST_TEST(present(*sut, "key", stored, 100) == stored.size());
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(the_table_grows_while_the_cache_fills_and_items_of_any_size_are_found) {
  support::temp_cache sut(that_refuses(16 * support::mebibyte));
  const std::vector<int> stored = fill(*sut, "k", 1);
  BOOST_TEST(sut->stats().table_resizes > 0u);
  BOOST_TEST(stored.size() > 300'000u);
  BOOST_TEST(present(*sut, "k", stored, 1) == stored.size());
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(several_threads_fill_it_and_each_finds_all_that_it_stored) {
  support::temp_cache sut(that_refuses(4 * support::mebibyte));
  constexpr int threads = 4;
  std::vector<std::vector<int>> stored(threads);
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([&, t] {
        const auto of_thread = [t](int i) { return std::to_string(t) + "-" + std::to_string(i); };
        for (int i = 0; i < 20'000; ++i) {
          const std::string value(static_cast<std::size_t>(i % 17 == 0 ? i % 5000 : i % 300),
                                  static_cast<char>('a' + t));
          if (sut->put(of_thread(i), value) == status::ok) stored[static_cast<std::size_t>(t)].push_back(i);
          if (i % 3 == 0 && !stored[static_cast<std::size_t>(t)].empty()) {
            static_cast<void>(sut->erase(of_thread(stored[static_cast<std::size_t>(t)].back())));
            stored[static_cast<std::size_t>(t)].pop_back();
          }
        }
      });
    }
  }
  for (int t = 0; t < threads; ++t) {
    for (const int i : stored[static_cast<std::size_t>(t)])
      BOOST_REQUIRE(sut->contains(std::to_string(t) + "-" + std::to_string(i)));
  }
  BOOST_TEST(sut->stats().no_space > 0u);
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
