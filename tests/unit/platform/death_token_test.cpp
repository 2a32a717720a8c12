// The death token: marked when its owner ends in whatever way, and never before.
#include <unistd.h>

#include <thread>

#include "platform/platform.hpp"
#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

namespace {

struct token_and_gate {
  larder::platform::death_token token;
  support::start_gate taken;
  support::start_gate may_go_on;
};
using shared_token = support::shared_object<token_and_gate>;

LARDER_CHILD_ROLE(takes_the_token_and_waits) {
  const shared_token shared(arguments.number(0));
  support::require(shared->token.take(), "the token can be taken");
  shared->taken.arrive();
  for (;;) ::pause();
}

LARDER_CHILD_ROLE(takes_the_token_and_becomes_another_program) {
  const shared_token shared(arguments.number(0));
  support::require(shared->token.take(), "the token can be taken");
  shared->taken.arrive();
  shared->may_go_on.pass();
  ::execl("/bin/sleep", "sleep", "600", nullptr);
  return 1;
}

bool dies_eventually(const shared_token& sut) {
  return support::eventually(support::generous, [&] { return sut->token.owner_died(); });
}

void await_taken(const shared_token& sut) {
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->taken.arrived == 1; }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(death_token)

BOOST_AUTO_TEST_CASE(who_lets_go_has_not_died) {
  const shared_token sut;
  BOOST_TEST(!sut->token.owner_died());
  for (int owner = 0; owner < 3; ++owner) {
    std::jthread([&] {
      BOOST_TEST(sut->token.take());
      BOOST_TEST(!sut->token.owner_died());
      sut->token.let_go();
    }).join();
    BOOST_TEST(!sut->token.owner_died());
  }
}

BOOST_AUTO_TEST_CASE(a_thread_that_ends_without_letting_go_has_died_and_the_token_can_be_made_anew) {
  const shared_token sut;
  std::jthread([&] { BOOST_TEST(sut->token.take()); }).join();
  BOOST_TEST(dies_eventually(sut));
  BOOST_TEST(sut->token.take());
  BOOST_TEST(!sut->token.owner_died());
  sut->token.let_go();
}

BOOST_AUTO_TEST_CASE(a_killed_process_has_died_and_a_stopped_one_has_not) {
  const shared_token sut;
  support::child owner("takes_the_token_and_waits", {sut.argument()});
  await_taken(sut);
  BOOST_TEST(!sut->token.owner_died());
  owner.stop();
  BOOST_TEST(!sut->token.owner_died());
  owner.kill();
  BOOST_TEST(dies_eventually(sut));
}

BOOST_AUTO_TEST_CASE(exec_is_the_death_of_the_program_before) {
  const shared_token sut;
  support::child owner("takes_the_token_and_becomes_another_program", {sut.argument()});
  await_taken(sut);
  BOOST_TEST(!sut->token.owner_died());
  sut->may_go_on.open();
  BOOST_TEST(dies_eventually(sut));
  BOOST_TEST(owner.running());
}

BOOST_AUTO_TEST_CASE(the_death_of_a_forked_child_is_not_its_parents) {
  const shared_token sut;
  BOOST_REQUIRE(sut->token.take());
  support::child exits = support::child::fork([] { return 0; });
  BOOST_TEST(exits.wait() == 0);
  support::child is_killed = support::child::fork([]() -> int {
    for (;;) ::pause();
  });
  is_killed.kill();
  BOOST_TEST(!sut->token.owner_died());
  sut->token.let_go();
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
