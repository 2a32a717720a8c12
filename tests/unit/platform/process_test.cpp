// The identity of a process: has_ended() is never wrong, only late.
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "platform/platform.hpp"
#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"

using larder::platform::has_ended;
using larder::platform::look;
using larder::platform::process_identity;
using larder::platform::this_process;

namespace {

struct introduction {
  support::start_gate gate;
  std::atomic<std::uint64_t> started;
  std::atomic<std::uint64_t> pid_space;
};

LARDER_CHILD_ROLE(introduces_itself_and_waits) {
  const support::shared_object<introduction> shared(arguments.number(0));
  const process_identity me = this_process();
  shared->started = me.started;
  shared->pid_space = me.pid_space;
  shared->gate.arrive();
  for (;;) ::pause();
}

LARDER_CHILD_ROLE(goes_on_without_its_first_thread) {
  std::thread([] {
    for (;;) ::pause();
  }).detach();
  ::syscall(SYS_exit, 0);
  return 1;
}

bool is_a_zombie(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  return std::getline(stat, text) && text.find(") Z ") != std::string::npos;
}

process_identity identity_of(const support::child& process) {
  return {static_cast<std::uint32_t>(process.pid()), 0, this_process().pid_space};
}

constexpr int not_permitted = 77;  // an exit code

// Whether a process of a later time namespace takes this one for another, since it reads another start time.
int look_from_another_time() {
  const process_identity me = this_process();
  if (::unshare(CLONE_NEWTIME) != 0) return not_permitted;
  std::ofstream("/proc/self/timens_offsets") << "boottime 1000000 0\n";
  return support::child::fork([&] { return has_ended(me) ? 1 : 0; }).wait();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)
BOOST_AUTO_TEST_SUITE(process)

BOOST_AUTO_TEST_CASE(this_process_is_known_and_has_not_ended) {
  const process_identity me = this_process();
  BOOST_TEST(me.pid == static_cast<std::uint32_t>(::getpid()));
  BOOST_TEST(me.started != 0u);
  BOOST_TEST(me.pid_space != 0u);
  BOOST_TEST((me == this_process()));
  BOOST_TEST(!has_ended(me));
}

BOOST_AUTO_TEST_CASE(another_process_ends_when_it_is_killed) {
  const support::shared_object<introduction> shared;
  support::child other("introduces_itself_and_waits", {shared.argument()});
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return shared->gate.arrived == 1; }));
  const process_identity it{static_cast<std::uint32_t>(other.pid()), shared->started, shared->pid_space};
  BOOST_TEST(it.pid_space == this_process().pid_space);
  BOOST_TEST(!has_ended(it));
  other.kill();
  BOOST_TEST(has_ended(it));
}

// Its parent may take its time to collect it.
BOOST_AUTO_TEST_CASE(a_process_all_of_whose_threads_are_dead_has_ended) {
  const support::child other("introduces_itself_and_waits", {support::shared_object<introduction>().argument()});
  other.send(SIGKILL);
  BOOST_TEST(support::eventually(support::generous, [&] { return has_ended(identity_of(other)); }));
  BOOST_TEST(!has_ended(identity_of(other), look::quick));
}

BOOST_AUTO_TEST_CASE(a_process_whose_first_thread_alone_is_dead_has_not_ended) {
  const support::child other("goes_on_without_its_first_thread");
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return is_a_zombie(other.pid()); }));
  BOOST_TEST(!has_ended(identity_of(other)));
}

BOOST_AUTO_TEST_CASE(a_process_is_the_same_in_another_time_namespace) {
  const int told = support::child::fork(look_from_another_time).wait();
  if (told == not_permitted) BOOST_TEST_MESSAGE("skipped: time namespaces cannot be made here");
  BOOST_TEST((told == 0 || told == not_permitted));
}

BOOST_AUTO_TEST_CASE(a_process_id_that_was_given_again_is_another_process) {
  process_identity earlier = this_process();
  earlier.started -= 1;
  BOOST_TEST(has_ended(earlier));
}

BOOST_AUTO_TEST_CASE(doubt_is_not_death) {
  const process_identity me = this_process();
  process_identity unknown_start = me;
  unknown_start.started = 0;
  BOOST_TEST(!has_ended(unknown_start));
  constexpr std::uint32_t nobody = 0x7FFF'FFF0;  // above every pid that Linux gives
  BOOST_TEST(has_ended({nobody, 1, me.pid_space}));
  BOOST_TEST(!has_ended({nobody, 1, me.pid_space + 1}));
  BOOST_TEST(!has_ended({nobody, 1, 0}));
  BOOST_TEST(!has_ended({0, 1, me.pid_space}));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
