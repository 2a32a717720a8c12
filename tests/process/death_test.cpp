// Processes that are killed or stopped at random: what the others see (guarantees C, D and E, property P1). The crash
// tests go through every kill point in turn; these let time choose.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
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

constexpr std::size_t writers = 4;
constexpr std::size_t own_keys = 150;

// What a writer noted about each of its keys: before a put, and after it was acknowledged.
struct notes {
  std::array<std::atomic<std::uint64_t>, own_keys> begun;
  std::array<std::atomic<std::uint64_t>, own_keys> acknowledged;
};

struct journal {
  support::start_gate gate;
  std::array<notes, writers> by_writer;
};

std::string own_key(std::size_t writer, std::size_t i) {
  return "writer" + std::to_string(writer) + "/" + std::to_string(i);
}

bool store(larder::cache& cache, const std::string& key, std::uint64_t sequence, support::random_source& random) {
  const std::string value = support::sealed_value(key, sequence, 16 + random.number(random.one_in(10) ? 30'000 : 1500));
  if (random.one_in(2)) return ok(cache.put(key, value));
  auto room = cache.reserve(key, value.size());
  if (!room) return false;
  std::ranges::copy(std::as_bytes(std::span(value)), room->bytes().begin());
  return ok(room->commit());
}

// Keys of all writers, for contention: sealed as well, so that a torn value is found out.
void disturb(larder::cache& cache, support::random_source& random) {
  const std::string key = "common" + std::to_string(random.number(20));
  switch (random.number(4)) {
    case 0:
      cache.erase(key);
      break;
    case 1:
      static_cast<void>(cache.incr("counter" + std::to_string(random.number(5))));
      break;
    case 2:
      static_cast<void>(cache.add(key, support::sealed_value(key, 1, 500)));
      break;
    default: {
      const larder::read_handle handle = cache.get(key);
      support::require(!handle || support::unsealed(key, handle.view()).has_value(), "a common value is whole");
      cache.put(key, support::sealed_value(key, 2, 16 + random.number(3000)));
    }
  }
}

// Arguments: name, journal, writer. Writes until it is killed.
LARDER_CHILD_ROLE(writes_and_notes_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0), {.lock_timeout = std::chrono::minutes(2)});
  const support::shared_object<journal> shared(arguments.number(1));
  const auto writer = static_cast<std::size_t>(arguments.number(2));
  notes& mine = shared->by_writer[writer];
  support::random_source random(static_cast<std::uint64_t>(::getpid()));
  shared->gate.arrive();
  for (;;) {
    const std::size_t i = random.number(own_keys);
    const std::uint64_t sequence = mine.begun[i] + 1;
    mine.begun[i] = sequence;
    support::require(store(cache, own_key(writer, i), sequence, random),
                     "a store into a large segment is acknowledged");
    mine.acknowledged[i] = sequence;
    disturb(cache, random);
  }
}

// Guarantees C and E for the keys of a writer that is dead: old or new, whole, and never gone.
void check_keys_of(larder::cache& cache, const journal& shared, std::size_t writer) {
  for (std::size_t i = 0; i < own_keys; ++i) {
    const std::string key = own_key(writer, i);
    const std::uint64_t acknowledged = shared.by_writer[writer].acknowledged[i],
                        begun = shared.by_writer[writer].begun[i];
    const larder::read_handle handle = cache.get(key);
    BOOST_REQUIRE_MESSAGE(handle || acknowledged == 0, "an acknowledged value is there: " << key);
    if (!handle) continue;
    const auto sequence = support::unsealed(key, handle.view());
    BOOST_REQUIRE_MESSAGE(sequence.has_value(), "the value is whole: " << key);
    BOOST_REQUIRE_MESSAGE(*sequence >= acknowledged && *sequence <= begun,
                          "the value is the last one acknowledged or the one in flight: " << key);
  }
}

// Arguments: name, gate, number of keys. Holds all of them until it is killed.
LARDER_CHILD_ROLE(holds_pins_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  std::vector<larder::read_handle> held;
  for (long long i = 0; i < arguments.number(2); ++i) {
    held.push_back(cache.get("pinned" + std::to_string(i)));
    support::require(static_cast<bool>(held.back()), "the key is there");
  }
  auto room = cache.reserve("reserved", 1000);
  support::require(room.has_value(), "there is room for a reservation");
  gate->arrive();
  for (;;) ::pause();
}

LARDER_CHILD_ROLE(becomes_another_program_with_pins) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const larder::read_handle held = cache.get("pinned0");
  support::require(static_cast<bool>(held), "the key is there");
  ::execl("/bin/sleep", "sleep", "600", nullptr);
  return 1;
}

LARDER_CHILD_ROLE(writes_for_ever) {
  larder::cache cache = larder::cache::open(arguments.text(0), {.lock_timeout = std::chrono::minutes(2)});
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  for (std::uint64_t i = 0;; ++i) {
    cache.put("key" + std::to_string(i * 7919 % 300), "value of the child");
    if (i == 1000) gate->arrive();
  }
}

std::unique_ptr<child> start_and_await(const std::string& role, const std::string& name,
                                       const std::string& extra = "0") {
  const support::shared_object<support::start_gate> gate;
  auto started = std::make_unique<child>(role, std::vector<std::string>{name, gate.argument(), extra});
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
  return started;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(death)

BOOST_AUTO_TEST_CASE(guarantees_C_and_E_writers_killed_at_random_lose_nothing_that_was_acknowledged) {
  support::temp_cache sut(128 * support::mebibyte);
  const support::shared_object<journal> shared;
  support::random_source random(3);
  std::array<std::unique_ptr<child>, writers> children;
  const auto start = [&](std::size_t w) {
    children[w] = std::make_unique<child>("writes_and_notes_for_ever",
                                          std::vector<std::string>{sut.name(), shared.argument(), std::to_string(w)});
  };
  for (std::size_t w = 0; w < writers; ++w) start(w);
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return shared->gate.arrived == writers; }));
  for (int round = 0; round < 40; ++round) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.number(60'000)));
    const std::size_t victim = random.number(writers);
    children[victim]->kill();
    check_keys_of(*sut, *shared, victim);
    if (round % 8 == 0) BOOST_REQUIRE(support::violations(*sut) == "");
    start(victim);
  }
  for (std::size_t w = 0; w < writers; ++w) {
    BOOST_TEST(children[w]->running(), "a survivor goes on");
    children[w]->kill();
  }
  for (std::size_t w = 0; w < writers; ++w) check_keys_of(*sut, *shared, w);
  sut->reap();
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(sut->check().cells_owned == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(pins_and_reservations_of_a_killed_process_are_reaped) {
  support::temp_cache sut;
  for (int i = 0; i < 50; ++i) sut->put("pinned" + std::to_string(i), "value");
  const auto holder = start_and_await("holds_pins_for_ever", sut.name(), "50");
  BOOST_TEST(sut->stats().pins == 50u);
  BOOST_TEST(sut->reap() == 0u);
  holder->kill();
  BOOST_TEST(sut->reap() == 1u);
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(sut->stats().recoveries == 1u);
  BOOST_TEST(sut->check().cells_owned == 0u);
  BOOST_TEST(!sut->contains("reserved"));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(memory_that_only_the_dead_pinned_can_be_used_again) {
  support::temp_cache sut(support::mebibyte);
  const std::string large(support::mebibyte / 32, 'v');
  for (int i = 0; i < 8; ++i) BOOST_REQUIRE(sut->put("pinned" + std::to_string(i), large) == status::ok);
  const auto holder = start_and_await("holds_pins_for_ever", sut.name(), "8");
  for (int i = 0; i < 200; ++i) sut->put("more" + std::to_string(i), large);
  BOOST_TEST(sut->clear() == status::ok);
  holder->kill();
  sut->reap();
  for (int i = 0; i < 200; ++i) BOOST_REQUIRE(sut->put("after" + std::to_string(i), large) == status::ok);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(exec_ends_the_pins_of_a_process) {
  support::temp_cache sut;
  sut->put("pinned0", "value");
  const child changed("becomes_another_program_with_pins", {sut.name()});
  BOOST_TEST(support::eventually(support::generous, [&] { return sut->reap() == 1; }));
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(sut->stats().attached_threads == 1u);
}

BOOST_AUTO_TEST_CASE(guarantee_D_a_stopped_writer_delays_readers_not_at_all_and_few_writers) {
  support::temp_cache sut(support::small(), {.lock_timeout = std::chrono::milliseconds(10)});
  support::random_source random(5);
  for (int i = 0; i < 300; ++i) sut->put("key" + std::to_string(i), "value of the parent");
  const auto writer = start_and_await("writes_for_ever", sut.name());
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.number(3000)));
    writer->stop();
    int stored = 0;
    for (int i = 0; i < 300; ++i) {
      const std::string key = "key" + std::to_string(i);
      BOOST_REQUIRE(sut->get(key).view().starts_with("value of the "));
      const status s = sut->put(key, "value of the parent");
      BOOST_REQUIRE((s == status::ok || s == status::timed_out));
      stored += ok(s);
    }
    BOOST_TEST(stored > 150, stored << " of 300 keys could be written");
    writer->resume();
  }
  BOOST_TEST(writer->running());
  for (int i = 0; i < 300; ++i) {
    const std::string key = "key" + std::to_string(i);
    BOOST_TEST(support::eventually(support::generous, [&] { return ok(sut->put(key, "value")); }));
  }
  writer->kill();
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_process_killed_while_it_is_stopped_counts_as_dead) {
  support::temp_cache sut;
  for (int round = 0; round < 10; ++round) {
    const auto writer = start_and_await("writes_for_ever", sut.name());
    writer->stop();
    writer->kill();
    for (int i = 0; i < 300; ++i) BOOST_REQUIRE(sut->put("key" + std::to_string(i), "value") == status::ok);
  }
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
