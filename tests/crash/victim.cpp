// The hook that kills or stops, and the role that sets it.
#include "crash/victim.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <stdexcept>

#include "crash/survivor.hpp"
#include "support/child.hpp"

namespace crash {
namespace {

using larder::platform::kill_point;
using larder::platform::on_kill_point;

// For the hook, which is a plain function. `marked` is kill_point::count when nothing is to happen.
kill_point marked = kill_point::count;
int signal_there = SIGKILL;
std::atomic<std::uint32_t> reaches_left{0};
journal* counting = nullptr;

void reached(kill_point point) {
  counting->reached[static_cast<std::size_t>(point)].fetch_add(1, std::memory_order_relaxed);
  // To this thread: it must not go on while another one takes the signal.
  if (point == marked && reaches_left.fetch_sub(1) == 1) ::raise(signal_there);
}

support::child perform(const script& what, kill_point point, std::uint32_t reach, int signal,
                       const std::string& segment, const shared_journal& notes) {
  return support::child("performs_a_script",
                        {segment, notes.argument(), std::string(what.name), std::to_string(static_cast<int>(point)),
                         std::to_string(reach), std::to_string(signal)});
}

}  // namespace

bool die(const script& what, kill_point point, std::uint32_t reach, const std::string& segment,
         const shared_journal& notes) {
  const int ended = perform(what, point, reach, SIGKILL, segment, notes).wait();
  if (ended != 0 && ended != -SIGKILL) {
    throw std::runtime_error("a victim ended with " + std::to_string(ended) + " in '" + std::string(what.name) + "'");
  }
  return ended != 0;
}

std::optional<support::child> stop(const script& what, kill_point point, std::uint32_t reach,
                                   const std::string& segment, const shared_journal& notes) {
  support::child victim = perform(what, point, reach, SIGSTOP, segment, notes);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(victim.pid()), &info, WSTOPPED | WEXITED | WNOWAIT);
  if (info.si_code == CLD_STOPPED) return victim;
  if (victim.wait() != 0)
    throw std::runtime_error("a victim failed before it stopped in '" + std::string(what.name) + "'");
  return std::nullopt;
}

void live(const script& what, const std::string& segment, const shared_journal& notes) {
  for (auto& count : notes->reached) count = 0;
  if (perform(what, kill_point::count, 0, SIGKILL, segment, notes).wait() != 0) {
    throw std::runtime_error("'" + std::string(what.name) + "' fails where nobody dies");
  }
}

namespace {

// Arguments: segment, journal, script, kill point, reach, signal.
LARDER_CHILD_ROLE(performs_a_script) {
  const shared_journal notes(arguments.number(1));
  const script& what = script_called(arguments.text(2));
  const auto let_others_die = [&] {
    for (const corpse& c : what.before) {
      const script& theirs = script_called(c.script);
      support::require(die(theirs, c.point, c.reach, arguments.text(0), notes), "those who are to die before do");
    }
    support::require(settle_what_was_in_flight(arguments.text(0), *notes).empty(), "what was in flight is old or new");
  };
  marked = static_cast<kill_point>(arguments.number(3));
  reaches_left = static_cast<std::uint32_t>(arguments.number(4));
  signal_there = static_cast<int>(arguments.number(5));
  counting = &*notes;
  if (what.from_start) {
    let_others_die();
    on_kill_point = &reached;
  }
  stage s(arguments.text(0), larder::cache::open(arguments.text(0), {.lock_timeout = support::generous}), *notes);
  static_cast<void>(s.cache->contains("attached from here on"));
  if (!what.from_start) let_others_die();
  on_kill_point = &reached;
  what.perform(s);
  on_kill_point = nullptr;
  return 0;
}

}  // namespace

}  // namespace crash
