// The writer lock of a stripe: one at a time, taken over from the dead and never from the stopped.
#include <unistd.h>

#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"
#include "table/table.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::platform::look;
using larder::table::stripe_lock;
using support::attached_actor;

namespace {

constexpr std::uint32_t stripe = 3;
constexpr std::uint32_t childs_slot = 7;

// Arguments: segment, gate.
LARDER_CHILD_ROLE(holds_a_stripe_lock_for_ever) {
  const larder::segment segment = larder::segment::open(arguments.text(0), larder::platform::access::read_write);
  const support::shared_object<support::start_gate> gate(arguments.number(1));
  const larder::memory::size_classes classes(segment.geometry());
  attached_actor me(segment, classes, childs_slot);
  const stripe_lock lock(*me, stripe);
  support::require(lock.held(), "the lock is free");
  gate->arrive();
  for (;;) ::pause();
}

struct fixture : support::bare_segment {
  attached_actor me{segment, classes, 0};
  const support::shared_object<support::start_gate> gate;

  [[nodiscard]] support::child start_holder() {
    support::child holder("holds_a_stripe_lock_for_ever", {name(), gate.argument()});
    BOOST_REQUIRE(support::eventually(support::generous, [&] { return gate->arrived == 1; }));
    return holder;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table)
BOOST_FIXTURE_TEST_SUITE(lock, fixture)

BOOST_AUTO_TEST_CASE(one_thread_at_a_time_is_inside) {
  constexpr int crew = 4;
  constexpr int rounds = 20'000;
  support::start_gate start{};
  int count = 0;  // guarded by the lock: a race would lose some
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 1; t <= crew; ++t) {
    threads.emplace_back([&, t] {
      attached_actor mine(segment, classes, t);
      mine->lock_timeout_ms = 60'000;
      start.meet(crew);
      for (int i = 0; i < rounds; ++i) {
        const stripe_lock sut(*mine, stripe);
        if (sut.held()) ++count;
      }
    });
  }
  threads.clear();
  BOOST_TEST(count == crew * rounds);
  BOOST_TEST(segment.stripe(stripe).lock == 0u);
}

BOOST_AUTO_TEST_CASE(the_slot_names_the_stripe_as_long_as_it_is_held) {
  stripe_lock sut(*me, stripe);
  BOOST_TEST(sut.held());
  BOOST_TEST(me->slot->waits_for == stripe + 1);
  sut.unlock();
  BOOST_TEST(!sut.held());
  BOOST_TEST(me->slot->waits_for == 0u);
  sut.unlock();  // does nothing
  BOOST_TEST(segment.stripe(stripe).lock == 0u);
}

BOOST_AUTO_TEST_CASE(a_stopped_owner_is_waited_for_in_vain) {
  support::child holder = start_holder();
  holder.stop();
  me->lock_timeout_ms = 30;
  {
    const stripe_lock sut(*me, stripe);
    BOOST_TEST(!sut.held());
  }
  BOOST_TEST(me->slot->waits_for == 0u);
  BOOST_TEST(stripe_lock(*me, stripe + 1).held());  // others are not in the way
  BOOST_TEST(!larder::table::is_dead(segment, childs_slot, 0, look::thorough));
}

BOOST_AUTO_TEST_CASE(a_dead_owner_is_taken_over_from) {
  support::child holder = start_holder();
  holder.kill();
  me->lock_timeout_ms = 60'000;
  const stripe_lock sut(*me, stripe);
  BOOST_TEST(sut.held());
  BOOST_TEST(me->met_dead == childs_slot + 1);
  BOOST_TEST(larder::layout::lock_word{segment.stripe(stripe).lock}.slot() == me->slot_index);
}

// Generations only pass when their owner is gone and holds no lock: a lock that names one that is not the slot's own is of
// somebody who died with it.
BOOST_AUTO_TEST_CASE(an_owner_is_dead_when_its_token_says_so_or_its_generation_has_passed) {
  support::child holder = start_holder();
  BOOST_TEST(!larder::table::is_dead(segment, childs_slot, 0, look::thorough));
  holder.kill();
  BOOST_TEST(support::eventually(support::generous,
                                 [&] { return larder::table::is_dead(segment, childs_slot, 0, look::quick); }));
  BOOST_TEST(larder::table::is_dead(segment, me->slot_index, 1, look::quick));
  BOOST_TEST(!larder::table::is_dead(segment, me->slot_index, 0, look::thorough));
  BOOST_TEST(!larder::table::is_dead(segment, segment.geometry().slot_count, 0, look::thorough));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
