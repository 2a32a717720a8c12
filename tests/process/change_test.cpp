// Notices of changes between processes: what a subscriber is told of others, of the dead among them, and what becomes of
// subscribers who die or fork.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/private_copy.hpp"
#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::change;
using larder::change_kind;
using support::child;
using support::require;
using namespace std::chrono_literals;

namespace {

constexpr int own_keys = 20;

// Arguments: segment, number of the writer, how many puts.
LARDER_CHILD_ROLE(writes_its_own_keys_in_turn) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  for (long long i = 0; i < arguments.number(2); ++i) {
    const std::string key = arguments.text(1) + "/" + std::to_string(i % own_keys);
    require(ok(cache.put(key, std::to_string(i))), "put");
  }
  return 0;
}

// Arguments: segment, seed. Changes common keys in every way, for ever.
LARDER_CHILD_ROLE(changes_common_keys_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  larder::keyspace space = cache.keyspace(support::private_copy::keyspace);
  support::random_source random(static_cast<std::uint64_t>(arguments.number(1)));
  for (std::uint64_t i = 0;; ++i) {
    const std::string key = "key" + std::string(random.number(80), '-') + std::to_string(random.number(20));
    switch (random.number(8)) {
      case 0:
        cache.erase(key);
        break;
      case 1:
        static_cast<void>(cache.append(key, "more"));
        break;
      case 2:
        cache.incr("counter" + std::to_string(random.number(5)));
        break;
      case 3:
        space.invalidate();
        break;
      default:
        cache.put(key, std::to_string(i) + std::string(random.number(300), 'v'));
    }
  }
}

// As container runtimes do it that know nothing of membarrier(2).
void deny_membarrier() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof *filter, filter};
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
          "a process may give up a system call");
}

// Arguments: segment, which it makes.
LARDER_CHILD_ROLE(listens_without_membarrier) {
  deny_membarrier();
  larder::cache cache = larder::cache::create(arguments.text(0), support::small());
  for (std::uint64_t round = 0; round < 3; ++round) {
    cache.put("key", "before");
    require(cache.stats().changes == round, "nothing is announced while nobody is subscribed");
    larder::subscription feed = cache.subscribe();
    cache.put("key", "value");
    require(feed.next().has_value() && !feed.next(), "a subscriber is told");
  }
  return 0;
}

// Arguments: segment, gate.
LARDER_CHILD_ROLE(subscribes_and_waits) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  larder::subscription first = cache.subscribe();
  larder::subscription second = cache.subscribe();
  gate->arrive();
  for (;;) static_cast<void>(first.wait(1h));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(changes_of_every_process_come_in_order_and_all_of_them_guarantee_F) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  constexpr std::uint64_t puts = 20'000;
  std::vector<child> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back("writes_its_own_keys_in_turn",
                         std::vector<std::string>{sut.name(), std::to_string(w), std::to_string(puts)});
  std::map<std::string, larder::version> last;   // of each key, over what was missed
  std::map<std::string, larder::version> known;  // since something was missed
  std::uint64_t told = 0;
  while (told + feed.missed() < 3 * puts) {
    const std::optional<change> found = feed.wait(support::generous);
    BOOST_REQUIRE(found.has_value());
    if (found->kind == change_kind::missed) {
      known.clear();
      continue;
    }
    ++told;
    const std::string key(found->key);
    BOOST_REQUIRE(last[key] < found->version);
    last[key] = known[key] = found->version;
  }
  for (child& writer : writers) BOOST_TEST(writer.wait() == 0);
  BOOST_TEST(!feed.next());
  BOOST_TEST(told + feed.missed() == 3 * puts);
  // A writer may be interrupted for a whole round of the ring: then its notice, or the next one of that record, is lost.
  BOOST_TEST(sut->stats().changes + sut->stats().changes_lost == 3 * puts);
  BOOST_TEST(!known.empty());
  for (const auto& [key, version] : known) BOOST_TEST(sut->is_current(key, version));
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_looks_away_counts_exactly_what_it_missed) {
  support::temp_cache sut(support::mebibyte);
  larder::subscription feed = sut->subscribe();
  constexpr std::uint64_t puts = 5000;
  std::vector<child> writers;
  for (int w = 0; w < 2; ++w)
    writers.emplace_back("writes_its_own_keys_in_turn",
                         std::vector<std::string>{sut.name(), std::to_string(w), std::to_string(puts)});
  for (child& writer : writers) BOOST_TEST(writer.wait() == 0);
  std::uint64_t told = 0;
  while (const std::optional<change> found = feed.next()) told += found->kind != change_kind::missed;
  BOOST_TEST(told > 0u);
  BOOST_TEST(told + feed.missed() == 2 * puts);
}

BOOST_AUTO_TEST_CASE(a_private_copy_is_right_again_though_writers_were_killed_at_random_guarantee_F) {
  support::temp_cache sut(4 * support::mebibyte);
  support::private_copy copy(*sut);
  support::random_source random(support::seed());
  std::size_t heard = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<child> writers;
    for (int w = 0; w < 2; ++w)
      writers.emplace_back("changes_common_keys_for_ever",
                           std::vector<std::string>{sut.name(), std::to_string(round * 2 + w)});
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(5000 + random.number(20'000));
    while (std::chrono::steady_clock::now() < end) heard += copy.refresh();
    for (child& writer : writers) writer.kill();
    BOOST_REQUIRE(copy.catch_up() == "");
  }
  BOOST_TEST(heard > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(the_feed_is_off_when_its_last_subscriber_has_died) {
  support::temp_cache sut;
  const support::shared_object<support::start_gate> gate;
  child subscriber("subscribes_and_waits", {sut.name(), gate.argument()});
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
  BOOST_TEST(sut->stats().subscriptions == 2u);
  sut->put("key", "1");
  BOOST_TEST(sut->stats().changes == 1u);
  subscriber.kill();
  BOOST_TEST(sut->reap() == 1u);
  BOOST_TEST(sut->stats().subscriptions == 0u);
  sut->put("key", "2");
  BOOST_TEST(sut->stats().changes == 1u);
}

BOOST_AUTO_TEST_CASE(a_subscriber_who_dies_leaves_others_theirs) {
  support::temp_cache sut;
  const support::shared_object<support::start_gate> gate;
  larder::subscription feed = sut->subscribe();
  child subscriber("subscribes_and_waits", {sut.name(), gate.argument()});
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
  subscriber.kill();
  BOOST_TEST(sut->reap() == 1u);
  sut->put("key", "1");
  BOOST_TEST(feed.next().has_value());
}

BOOST_AUTO_TEST_CASE(in_a_forked_child_a_subscription_is_empty_and_the_parents_goes_on) {
  support::temp_cache sut;
  std::optional<larder::subscription> feed = sut->subscribe();
  child forked = child::fork([&] {
    require(!*feed, "an inherited subscription is empty");
    require(!feed->next() && !feed->wait(1h), "nothing comes of it");
    feed.reset();
    larder::subscription own = sut->subscribe();
    require(ok(sut->put("key", "1")), "the child stores");
    require(own.next().has_value(), "the child's own subscription works");
    return 0;
  });
  BOOST_TEST(forked.wait() == 0);
  BOOST_TEST(sut->reap() <= 1u);  // the child ends without detaching
  const std::optional<change> found = feed->next();
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->key == "key");
  BOOST_TEST(sut->stats().subscriptions == 1u);
}

BOOST_AUTO_TEST_CASE(where_membarrier_is_denied_writers_fence_fully) {
  const support::temp_name name;
  child listener("listens_without_membarrier", {name.str()});
  BOOST_TEST(listener.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_sleeping_subscriber_is_woken_by_another_process) {
  support::temp_cache sut;
  larder::subscription feed = sut->subscribe();
  child writer = child::fork([&] {
    std::this_thread::sleep_for(50ms);
    require(ok(sut->put("key", "1")), "put");
    return 0;
  });
  BOOST_TEST(feed.wait(support::generous).has_value());
  BOOST_TEST(writer.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
