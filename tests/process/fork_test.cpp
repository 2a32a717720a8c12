// The fork rule: a cache opened before fork() works in the child without any call; handles stay the parent's.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/sealed_value.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::status;
using support::child;
using support::require;

namespace {

void evict_everything(larder::cache& cache) {
  for (int i = 0; i < 40'000; ++i) cache.put("filler" + std::to_string(i), std::string(200, 'f'));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(forking)

BOOST_AUTO_TEST_CASE(a_child_uses_the_inherited_cache_at_once) {
  support::temp_cache sut;
  sut->put("key", "value");
  child forked = child::fork([&] {
    require(sut->get("key").view() == "value", "the child reads");
    require(ok(sut->put("reply", "value")), "the child writes");
    return 0;
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_TEST(support::copy_of(*sut, "reply") == "value");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(pre_forked_workers_share_one_counter) {
  support::temp_cache sut;
  std::vector<child> workers;
  for (int w = 0; w < 8; ++w) {
    workers.push_back(child::fork([&] {
      for (int i = 0; i < 1000; ++i) require(sut->incr("counter").has_value(), "incr");
      return 0;
    }));
  }
  for (child& worker : workers) BOOST_TEST(worker.wait() == 0);
  BOOST_TEST(sut->incr("counter", 0).value() == 8000);
}

BOOST_AUTO_TEST_CASE(what_a_child_does_to_inherited_handles_does_not_touch_the_pins_of_the_parent) {
  support::temp_cache sut(2 * support::mebibyte);
  const std::string value = support::sealed_value("key", 1, 500);
  sut->put("key", value);
  std::optional<larder::read_handle> released = sut->get("key"), destroyed = sut->get("key"),
                                     overwritten = sut->get("key");
  child forked = child::fork([&] {
    released->release();
    destroyed.reset();
    overwritten = sut->get("key");
    require(overwritten->view() == value, "the child has pins of its own");
    return 0;
  });
  BOOST_TEST(forked.wait() == 0);
  sut->reap();
  BOOST_TEST(sut->stats().pins == 3u);
  sut->erase("key");
  evict_everything(*sut);
  for (const auto* handle : {&released, &destroyed, &overwritten}) BOOST_TEST(((*handle)->view() == value));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_ends_with_pins_leaves_none_behind) {
  support::temp_cache sut;
  sut->put("key", "value");
  const support::shared_object<support::start_gate> gate;
  child forked = child::fork([&]() -> int {
    const larder::read_handle held = sut->get("key");
    gate->arrive_and_pass();
    ::_exit(held ? 0 : 1);
  });
  BOOST_TEST(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
  BOOST_TEST(sut->stats().pins == 1u);
  gate->open();
  BOOST_TEST(forked.wait() == 0);
  sut->reap();
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(sut->stats().attached_threads == 1u);
}

BOOST_AUTO_TEST_CASE(an_inherited_reservation_is_empty_and_the_parent_may_still_commit) {
  support::temp_cache sut;
  auto room = sut->reserve("key", 5);
  BOOST_REQUIRE(room.has_value());
  child forked = child::fork([&] {
    require(room->bytes().empty(), "it has no room in the child");
    require(room->commit() == status::detached, "it cannot be committed in the child");
    room->abandon();
    return 0;
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_REQUIRE(room->bytes().size() == 5u);
  std::ranges::fill(room->bytes(), std::byte{'v'});
  BOOST_TEST(room->commit() == status::ok);
  BOOST_TEST(support::copy_of(*sut, "key") == "vvvvv");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(keyspaces_and_views_work_in_the_child_too) {
  support::temp_cache sut;
  larder::keyspace space = sut->keyspace("users");
  const larder::cache_view view = larder::cache_view::open(sut.name());
  child forked = child::fork([&] {
    require(ok(space.put("key", "value")), "the child stores into the keyspace");
    require(ok(sut->put("plain", "value")) && view.contains("plain"), "the child's view shows it");
    return 0;
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_TEST(space.get("key").view() == "value");
}

BOOST_AUTO_TEST_CASE(children_of_children_use_the_cache) {
  support::temp_cache sut;
  child forked = child::fork([&] {
    require(ok(sut->put("child", "value")), "the child writes");
    child grandchild =
        child::fork([&] { return sut->contains("child") && ok(sut->put("grandchild", "value")) ? 0 : 1; });
    return grandchild.wait();
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_TEST(sut->contains("grandchild"));
}

BOOST_AUTO_TEST_CASE(destroying_the_cache_in_the_child_leaves_the_parent_attached) {
  support::temp_name name;
  std::optional<larder::cache> sut = larder::cache::create(name.str(), support::small());
  sut->put("key", "value");
  const larder::read_handle held = sut->get("key");
  child forked = child::fork([&] {
    sut.reset();
    return larder::cache::open(name.str()).contains("key") ? 0 : 1;
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_TEST(sut->put("other", "value") == status::ok);
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(sut->stats().pins == 1u);
  BOOST_TEST(held.view() == "value");
}

BOOST_AUTO_TEST_CASE(a_fork_while_other_threads_work_harms_neither_side) {
  support::temp_cache sut(2 * support::mebibyte);
  std::atomic<bool> done{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !done; ++i) {
        sut->put(std::to_string(t) + "-" + std::to_string(i % 5000),
                 std::string(static_cast<std::size_t>(i % 400), 'v'));
        static_cast<void>(sut->get(std::to_string(t) + "-" + std::to_string(i * 7 % 5000)));
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    child forked = child::fork([&] {
      char key[] = "child-000";
      for (int k = 0; k < 500; ++k) {
        key[6] = static_cast<char>('0' + k / 100);
        key[7] = static_cast<char>('0' + k / 10 % 10);
        key[8] = static_cast<char>('0' + k % 10);
        if (!ok(sut->put(key, key))) return 1;
        const larder::read_handle stored = sut->get(key);
        if (stored && stored.view() != key) return 2;
      }
      return 0;
    });
    BOOST_TEST(forked.wait() == 0);
  }
  done = true;
  threads.clear();
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
