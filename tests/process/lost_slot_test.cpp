// Slots that are hard to take back: of the dead whom the kernel could not mark, and those that a thread was just taking over
// when something was in its way.
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "platform/platform.hpp"
#include "process/fault_injector.hpp"
#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::cache;
using larder::status;
using larder::platform::kill_point;
using support::child;
using support::require;

namespace {

constexpr int untestable = 77;  // the exit code of children that cannot inject faults

// For the hook, which is a plain function.
kill_point awaited = kill_point::count;
int signal_there = 0;
std::string cut_short;  // path of a segment that is truncated first; empty: none

void act_at(kill_point point) {
  if (point != awaited) return;
  larder::platform::on_kill_point = nullptr;
  if (!cut_short.empty()) require(::truncate(cut_short.c_str(), 0) == 0, "a segment can be cut short");
  ::raise(signal_there);
}

// Arguments: segment, key, kill point, signal, path of another segment or nothing. Holds a value and a reservation, and
// stores, in which it comes to the kill point.
LARDER_CHILD_ROLE(comes_to_a_point) {
  cache mine = cache::open(arguments.text(0));
  const larder::read_handle held = mine.get("held");
  const auto room = mine.reserve("reserved", 1000);
  require(held && room.has_value(), "it holds something");
  cut_short = arguments.text(4);
  std::optional<cache> other;
  if (!cut_short.empty()) {
    other.emplace(cache::open(cut_short.substr(cut_short.rfind('/') + 1)));
    require(!other->contains("key"), "it is attached there, too, and later");
  }
  awaited = static_cast<kill_point>(arguments.number(2));
  signal_there = static_cast<int>(arguments.number(3));
  larder::platform::on_kill_point = &act_at;
  mine.put(arguments.text(1), "value of the child");
  return 0;
}

[[nodiscard]] child come_to(kill_point point, int signal, const support::temp_cache& sut, const std::string& key,
                            const std::string& truncated = "") {
  return child("comes_to_a_point",
               {sut.name(), key, std::to_string(static_cast<int>(point)), std::to_string(signal), truncated});
}

void die_at(kill_point point, const support::temp_cache& sut, const std::string& key) {
  BOOST_REQUIRE(come_to(point, SIGKILL, sut, key).wait() == -SIGKILL);
}

larder::create_options with_slots(std::size_t count) {
  larder::create_options options = support::small(4 * support::mebibyte);
  options.max_threads = count;
  return options;
}

// A gate to say that it has failed, and one to end.
struct pair_of_gates {
  support::start_gate failed;
  support::start_gate may_end;
};

// Arguments: segment, gates, what fails: "memory" or "token". Stays alive afterwards.
LARDER_CHILD_ROLE(fails_to_attach) {
  if (!faults::install()) return untestable;
  const support::shared_object<pair_of_gates> shared(arguments.number(1));
  cache sut = cache::open(arguments.text(0));
  if (arguments.text(2) == "memory") {
    faults::arm(faults::all().front(), 1);  // mmap
  } else {
    faults::fail_robust_mutexes(1'000'000);
  }
  const status outcome = sut.put("key", "value");
  require(faults::disarm() == (arguments.text(2) == "memory"), "what is to fail fails");
  faults::fail_robust_mutexes(0);
  require(outcome == status::detached, "there is no slot for it");
  shared->failed.arrive();
  shared->may_end.pass();
  require(ok(sut.put("key", "value")), "it attaches the next time");
  return 0;
}

void check_that_nothing_is_left(support::temp_cache& sut) {
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(sut->check().cells_owned == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

void give_a_dead_owners_slot_up(const std::string& what_fails) {
  support::temp_cache sut(with_slots(2));
  sut->put("held", "value");
  die_at(kill_point::store_filled, sut, "key");
  const support::shared_object<pair_of_gates> shared;
  child other("fails_to_attach", {sut.name(), shared.argument(), what_fails});
  const bool told =
      support::eventually(support::generous, [&] { return shared->failed.arrived == 1 || !other.running(); });
  BOOST_REQUIRE(told);
  if (!other.running()) {
    BOOST_TEST(other.wait() == untestable);
    return;
  }
  sut->reap();
  check_that_nothing_is_left(sut);
  shared->may_end.open();
  BOOST_TEST(other.wait() == 0);
  sut->reap();
  check_that_nothing_is_left(sut);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(lost_slots)

// The kernel marks a dead thread's tokens one after the other, the last one taken first, and stops at a page that is gone.
BOOST_AUTO_TEST_CASE(a_death_that_the_kernel_could_not_mark_is_told_by_the_end_of_the_process) {
  support::temp_cache sut(support::small(4 * support::mebibyte));
  const support::temp_cache truncated(support::small(support::mebibyte));
  sut->put("held", "value");
  BOOST_REQUIRE(come_to(kill_point::lock_taken, SIGKILL, sut, "key", truncated.path()).wait() == -SIGKILL);
  BOOST_TEST(sut->put("key", "value") == status::ok);  // its stripe was locked
  BOOST_TEST(sut->stats().takeovers == 1u);
  BOOST_TEST(sut->stats().recoveries == 1u);
  sut->reap();
  check_that_nothing_is_left(sut);
}

BOOST_AUTO_TEST_CASE(a_stopped_process_whose_token_cannot_be_marked_is_not_dead) {
  support::temp_cache sut(support::small(4 * support::mebibyte), {.lock_timeout = larder::milliseconds(30)});
  const support::temp_cache truncated(support::small(support::mebibyte));
  sut->put("held", "value");
  child stopped = come_to(kill_point::lock_taken, SIGSTOP, sut, "key", truncated.path());
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->put("key", "value") == status::timed_out; }));
  BOOST_TEST(sut->reap() == 0u);
  stopped.kill();
  BOOST_TEST(sut->put("key", "value") == status::ok);
  sut->reap();
  check_that_nothing_is_left(sut);
}

BOOST_DATA_TEST_CASE(a_dead_owners_slot_is_given_up_whole_by_who_cannot_attach,
                     boost::unit_test::data::make({"memory", "token"}), what) {
  give_a_dead_owners_slot_up(what);
}

// What the dead one had in flight lies in a stripe that a stopped process holds.
BOOST_AUTO_TEST_CASE(a_slot_that_cannot_be_settled_is_not_used) {
  support::temp_cache sut(with_slots(3), {.lock_timeout = larder::milliseconds(30)});
  sut->put("held", "value");
  child stopped = come_to(kill_point::lock_taken, SIGSTOP, sut, "key");
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->put("key", "value") == status::timed_out; }));
  die_at(kill_point::store_filled, sut, "key");
  status outcome{};
  std::jthread([&] { outcome = sut->put("another", "value"); }).join();
  BOOST_TEST(outcome == status::detached);
  stopped.resume();
  BOOST_TEST(stopped.wait() == 0);
  std::jthread([&] { outcome = sut->put("another", "value"); }).join();
  BOOST_TEST(outcome == status::ok);
  sut->reap();
  check_that_nothing_is_left(sut);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
