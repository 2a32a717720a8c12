// Creating and opening by many processes at once; values that cross processes; creators that are killed.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/sealed_value.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::status;
using support::child;

namespace {

constexpr int processes = 6;
constexpr int rounds = 15;

struct race {
  std::array<support::start_gate, rounds> starts;
  std::array<std::atomic<int>, rounds> creators;
  std::array<support::start_gate, rounds> ends;
};

std::string round_name(const std::string& prefix, int round) { return prefix + "-" + std::to_string(round); }

LARDER_CHILD_ROLE(races_to_create) {
  const support::shared_object<race> shared(arguments.number(1));
  for (int round = 0; round < rounds; ++round) {
    const std::string name = round_name(arguments.text(0), round);
    shared->starts[static_cast<std::size_t>(round)].meet(processes);
    try {
      const larder::cache created = larder::cache::create(name, support::small(support::mebibyte));
      ++shared->creators[static_cast<std::size_t>(round)];
      shared->ends[static_cast<std::size_t>(round)].meet(processes);
    } catch (const larder::error& e) {
      support::require(e.code() == std::errc::file_exists, e.what());
      support::require(ok(larder::cache::open(name).put("key", "value")), "what lost the race can be opened at once");
      shared->ends[static_cast<std::size_t>(round)].meet(processes);
    }
  }
  return 0;
}

LARDER_CHILD_ROLE(races_to_open_or_create) {
  const support::shared_object<race> shared(arguments.number(1));
  for (int round = 0; round < rounds; ++round) {
    shared->starts[static_cast<std::size_t>(round)].meet(processes);
    larder::cache cache =
        larder::cache::open_or_create(round_name(arguments.text(0), round), support::small(support::mebibyte));
    if (ok(cache.add("creator", "mine"))) ++shared->creators[static_cast<std::size_t>(round)];
    support::require(cache.incr("callers").has_value(), "a counter can be incremented");
  }
  return 0;
}

// Runs the race and removes its segments, after looking at each of them.
template <class Look>
void run_race(const std::string& role, Look&& look) {
  const support::temp_name prefix;
  const support::shared_object<race> shared;
  std::vector<std::unique_ptr<child>> racers;
  for (int i = 0; i < processes; ++i)
    racers.push_back(std::make_unique<child>(role, std::vector<std::string>{prefix.str(), shared.argument()}));
  for (const auto& racer : racers) BOOST_TEST(racer->wait() == 0);
  for (int round = 0; round < rounds; ++round) {
    const std::string name = round_name(prefix.str(), round);
    BOOST_TEST(shared->creators[static_cast<std::size_t>(round)] == 1);
    look(name);
    BOOST_TEST(larder::cache::remove(name));
  }
}

LARDER_CHILD_ROLE(creates_and_removes_for_ever) {
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  for (;; gate->arrive()) {
    static_cast<void>(larder::cache::open_or_create(arguments.text(0), support::small(4 * support::mebibyte)));
    larder::cache::remove(arguments.text(0));
  }
}

LARDER_CHILD_ROLE(answers_with_values) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  for (int i = 0; i < 500; ++i) {
    const std::string key = "question" + std::to_string(i);
    const larder::read_handle question = cache.get(key);
    support::require(support::unsealed(key, question.view()) == static_cast<std::uint64_t>(i),
                     "a value of the parent is whole");
    support::require(question.flags() == static_cast<std::uint32_t>(i), "its flags are");
    const std::string answer = "answer" + std::to_string(i);
    support::require(ok(cache.put(answer, support::sealed_value(answer, static_cast<std::uint64_t>(i),
                                                                16 + question.bytes().size()))),
                     "put");
  }
  return 0;
}

// Takes the page where the parent sees the value, so that the segment must lie elsewhere here.
LARDER_CHILD_ROLE(reads_at_another_address) {
  const auto theirs = static_cast<std::uintptr_t>(std::stoull(arguments.text(1)));
  void* page = reinterpret_cast<void*>(theirs / 4096 * 4096);
  ::mmap(page, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  larder::cache cache = larder::cache::open(arguments.text(0));
  const larder::read_handle handle = cache.get("key");
  support::require(reinterpret_cast<std::uintptr_t>(handle.bytes().data()) != theirs,
                   "the value lies at another address");
  support::require(support::unsealed("key", handle.view()) == 5, "the value is whole");
  support::require(ok(cache.put("reply", "value")), "put");
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(attaching)

BOOST_AUTO_TEST_CASE(of_many_creators_exactly_one_wins) {
  run_race("races_to_create", [](const std::string& name) { BOOST_TEST(larder::cache::open(name).check().sound()); });
}

BOOST_AUTO_TEST_CASE(all_who_open_or_create_get_the_same_segment) {
  run_race("races_to_open_or_create", [](const std::string& name) {
    larder::cache cache = larder::cache::open(name);
    BOOST_TEST(cache.incr("callers", 0).value() == processes);
    BOOST_TEST(support::violations(cache) == "");
  });
}

BOOST_AUTO_TEST_CASE(a_creator_that_is_killed_never_wedges_the_next_one) {
  support::temp_name name;
  support::random_source random(1);
  for (int round = 0; round < 60; ++round) {
    const support::shared_object<support::start_gate> gate;
    child creator("creates_and_removes_for_ever", {name.str(), gate.argument()});
    BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived > 0; }));
    std::this_thread::sleep_for(std::chrono::microseconds(random.number(4000)));
    creator.kill();
    larder::cache next = larder::cache::open_or_create(name.str(), support::small(4 * support::mebibyte));
    BOOST_REQUIRE(next.put("key", "value") == status::ok);
    BOOST_REQUIRE(support::violations(next) == "");
    BOOST_REQUIRE(larder::cache::remove(name.str()));
  }
}

BOOST_AUTO_TEST_CASE(values_cross_processes_in_both_directions) {
  support::temp_cache sut;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "question" + std::to_string(i);
    sut->put(key, support::sealed_value(key, static_cast<std::uint64_t>(i), 16 + static_cast<std::size_t>(i) * 7),
             {.flags = static_cast<std::uint32_t>(i)});
  }
  BOOST_TEST(child("answers_with_values", {sut.name()}).wait() == 0);
  for (int i = 0; i < 500; ++i) {
    const std::string key = "answer" + std::to_string(i);
    BOOST_REQUIRE((support::unsealed(key, sut->get(key).view()) == static_cast<std::uint64_t>(i)));
  }
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_segment_may_lie_at_another_address_in_each_process) {
  support::temp_cache sut;
  sut->put("key", support::sealed_value("key", 5, 1000));
  const larder::read_handle handle = sut->get("key");
  const auto address = std::to_string(reinterpret_cast<std::uintptr_t>(handle.bytes().data()));
  BOOST_TEST(child("reads_at_another_address", {sut.name(), address}).wait() == 0);
  BOOST_TEST(sut->contains("reply"));
}

BOOST_AUTO_TEST_CASE(a_process_that_ends_gives_its_slots_back) {
  support::temp_cache sut;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "question" + std::to_string(i);
    sut->put(key, support::sealed_value(key, static_cast<std::uint64_t>(i), 64),
             {.flags = static_cast<std::uint32_t>(i)});
  }
  for (int i = 0; i < 50; ++i) BOOST_REQUIRE(child("answers_with_values", {sut.name()}).wait() == 0);
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
