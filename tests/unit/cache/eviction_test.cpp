// A full cache: it evicts, stays within its bounds, keeps what is used, and never waits for what is pinned.
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "cache/cache_impl.hpp"
#include "support/int_cache.hpp"
#include "support/test.hpp"

using larder::status;

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(eviction)

BOOST_AUTO_TEST_CASE(a_full_cache_evicts_and_every_put_succeeds) {
  support::temp_cache sut(2 * support::mebibyte);
  for (int i = 0; i < 100'000; ++i)
    BOOST_REQUIRE(sut->put("key" + std::to_string(i), std::string(100, 'v')) == status::ok);
  const larder::stats full = sut->stats();
  BOOST_TEST(full.evictions > 0u);
  BOOST_TEST(full.items * 100 < full.capacity);
  BOOST_TEST(full.items * 100 > full.capacity / 3);
  BOOST_TEST(full.capacity == 2 * support::mebibyte);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(the_item_stored_last_is_there) {
  support::int_cache sut(support::mebibyte);
  for (int key = 0; key < 50'000; ++key) {
    sut.insert(key, key);
    BOOST_REQUIRE(sut.lookup(key) == key);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_evicted_while_there_is_room) {
  support::int_cache sut(16 * support::mebibyte);
  for (int key = 0; key < 20'000; ++key) sut.insert(key, key);
  BOOST_TEST(sut.sut().stats().evictions == 0u);
  BOOST_TEST(sut.present(0, 20'000) == 20'000);
}

namespace {

// Stores items of 128 bytes, all counted but the table, until one has to leave. Returns the share of the capacity they take.
double share_at_first_eviction(support::temp_cache& sut) {
  for (int i = 0; sut->stats().evictions == 0; ++i) sut->put("key" + std::to_string(i), std::string(100, 'v'));
  const larder::stats full = sut->stats();
  return static_cast<double>(full.items * 128) / static_cast<double>(full.capacity);
}

}  // namespace

BOOST_AUTO_TEST_CASE(memory_that_the_growing_table_leaves_behind_is_used_before_anything_is_evicted) {
  support::temp_cache sut(16 * support::mebibyte);
  BOOST_TEST(share_at_first_eviction(sut) > 0.9);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(memory_of_erased_items_of_another_size_is_used_before_anything_is_evicted) {
  support::temp_cache sut(16 * support::mebibyte);
  for (int i = 0; i < 8'000; ++i) sut->put("large" + std::to_string(i), std::string(1000, 'v'));
  for (int i = 0; i < 8'000; ++i) {
    if (i % 100 != 0) BOOST_REQUIRE(sut->erase("large" + std::to_string(i)) == status::ok);
  }
  BOOST_TEST(share_at_first_eviction(sut) > 0.85);
  for (int i = 0; i < 8'000; i += 100) BOOST_TEST(sut->contains("large" + std::to_string(i)));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(items_in_use_outlive_items_that_nobody_asks_for) {
  support::int_cache sut(2 * support::mebibyte);
  for (int key = 0; key < 1000; ++key) sut.insert(key, key);
  for (int key = 1000; key < 100'000; ++key) {
    sut.insert(key, key);
    static_cast<void>(sut.lookup(key % 1000));
  }
  BOOST_TEST(sut.present(0, 1000) > 900);
}

BOOST_AUTO_TEST_CASE(when_everything_is_pinned_a_put_is_refused_and_disturbs_nothing) {
  support::temp_cache sut(support::mebibyte);
  constexpr std::size_t large = support::mebibyte / 16;
  std::vector<larder::read_handle> held;
  status last = status::ok;
  for (int i = 0; i < 64 && ok(last); ++i) {
    const std::string key = "key" + std::to_string(i);
    last = sut->put(key, std::string(large, static_cast<char>('a' + i % 26)));
    if (ok(last)) held.push_back(sut->get(key));
  }
  BOOST_TEST(last == status::no_space);
  BOOST_TEST(sut->stats().no_space >= 1u);
  for (std::size_t i = 0; i < held.size(); ++i)
    BOOST_REQUIRE((held[i].view() == std::string(large, static_cast<char>('a' + i % 26))));
  held.clear();
  BOOST_TEST(sut->put("key", std::string(large, 'v')) == status::ok);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(pinned_items_do_not_hinder_the_others) {
  support::temp_cache sut(2 * support::mebibyte);
  std::vector<larder::read_handle> held;
  for (int i = 0; i < 60; ++i) {
    const std::string key = "pinned" + std::to_string(i);
    sut->put(key, std::string(1000, 'p'));
    held.push_back(sut->get(key));
  }
  for (int i = 0; i < 50'000; ++i)
    BOOST_REQUIRE(sut->put("key" + std::to_string(i), std::string(1000, 'v')) == status::ok);
  for (const larder::read_handle& handle : held) BOOST_REQUIRE(handle.view() == std::string(1000, 'p'));
}

BOOST_AUTO_TEST_CASE(memory_follows_the_sizes_when_they_drift) {
  support::temp_cache sut(8 * support::mebibyte);
  for (const std::size_t size : {std::size_t{100}, std::size_t{1000}, std::size_t{10'000}, std::size_t{100}}) {
    const int working_set = static_cast<int>(sut->stats().capacity / 3 / (size + 60));
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < working_set; ++i) {
        const std::string key = std::to_string(size) + "-" + std::to_string(i);
        if (!sut->get(key)) BOOST_REQUIRE(sut->put(key, std::string(size, 'v')) == status::ok);
      }
    }
    int present = 0;
    for (int i = 0; i < working_set; ++i) present += sut->contains(std::to_string(size) + "-" + std::to_string(i));
    // The three working sets and the table together are more than the cache: the newest gets most of what it wants.
    BOOST_TEST(present > working_set * 8 / 10,
               present << " of " << working_set << " items of " << size << " bytes are there");
  }
  BOOST_TEST(sut->stats().page_moves > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

namespace {

// Stores values of 20 kB, none of them twice, five times as many as there is room for. How many of the last 100 are there?
int large_ones_present_after_a_flood(support::temp_cache& sut) {
  const int count = static_cast<int>(sut->stats().capacity / 20'000 * 5);
  for (int i = 0; i < count; ++i)
    BOOST_REQUIRE(sut->put("large" + std::to_string(i), std::string(20'000, 'v')) == status::ok);
  int present = 0;
  for (int i = count - 100; i < count; ++i) present += sut->contains("large" + std::to_string(i));
  return present;
}

void fill_with_small_ones(support::temp_cache& sut) {
  for (int i = 0; sut->stats().evictions == 0; ++i)
    BOOST_REQUIRE(sut->put("small" + std::to_string(i), std::string(1000, 'v')) == status::ok);
}

}  // namespace

BOOST_AUTO_TEST_CASE(memory_follows_the_sizes_though_the_pages_that_would_go_first_are_pinned) {
  support::temp_cache sut(8 * support::mebibyte);
  fill_with_small_ones(sut);
  std::vector<larder::read_handle> held;
  for (int i = 0; i < 1000; i += 25) held.push_back(sut->get("small" + std::to_string(i)));
  BOOST_TEST(large_ones_present_after_a_flood(sut) > 50);
}

BOOST_AUTO_TEST_CASE(memory_follows_the_sizes_though_every_page_of_the_least_used_size_is_pinned) {
  support::temp_cache sut(8 * support::mebibyte);
  sut->put("a size of its own", std::string(300, 'v'));
  const larder::read_handle held = sut->get("a size of its own");
  fill_with_small_ones(sut);
  BOOST_TEST(large_ones_present_after_a_flood(sut) > 50);
}

BOOST_AUTO_TEST_CASE(memory_follows_the_sizes_though_the_old_ones_were_used_once_and_the_new_ones_never) {
  support::temp_cache sut(8 * support::mebibyte);
  fill_with_small_ones(sut);
  for (int i = 500; i < 1500; ++i) static_cast<void>(sut->get("small" + std::to_string(i)));
  BOOST_TEST(large_ones_present_after_a_flood(sut) > 50);
}

BOOST_AUTO_TEST_CASE(several_threads_fill_a_small_cache_together) {
  support::temp_cache sut(2 * support::mebibyte);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&sut, t] {
      for (int i = 0; i < 20'000; ++i)
        sut->put(std::to_string(t) + "-" + std::to_string(i), std::string(static_cast<std::size_t>(i % 700), 'v'));
    });
  }
  threads.clear();
  BOOST_TEST(sut->stats().puts + sut->stats().no_space == 80'000u);
  BOOST_TEST(sut->stats().no_space == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

// Guarantee D: who is stopped with a stripe's lock in its hands delays that stripe's writers only.
BOOST_AUTO_TEST_CASE(a_put_into_a_full_cache_waits_for_no_stripe_but_its_own) {
  support::temp_cache sut(support::small(support::mebibyte));
  const auto put = [&](int i) { return sut->put("key" + std::to_string(i), std::string(100 + i % 7 * 300, 'v')); };
  for (int i = 0; i < 3000; ++i) BOOST_REQUIRE(put(i) == status::ok);
  constexpr std::uint32_t stripe = 5;
  std::latch locked(1);
  std::latch done(1);
  std::thread holder([&] {
    static_cast<void>(sut->contains("attach"));
    const larder::table::stripe_lock lock(larder::detail::this_thread->me, stripe);
    locked.count_down();
    done.wait();
  });
  locked.wait();
  const larder::segment& memory = *larder::detail::this_thread->me.memory;
  for (int i = 3000; i < 12'000; ++i) {
    if (memory.stripe_of(larder::table::hash_of(memory, {"key" + std::to_string(i)})) != stripe)
      BOOST_REQUIRE(put(i) == status::ok);
  }
  BOOST_TEST(sut->stats().lock_waits == 0u);
  done.count_down();
  holder.join();
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
