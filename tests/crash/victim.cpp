// The hook that kills, and the role that sets it.
#include "crash/victim.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "crash/survivor.hpp"
#include "support/child.hpp"

namespace crash {
namespace {

using larder::platform::kill_point;
using larder::platform::on_kill_point;

// For the hook, which is a plain function. `fatal` is kill_point::count when nobody is to die.
kill_point fatal = kill_point::count;
std::atomic<std::uint32_t> reaches_left{0};
journal* counting = nullptr;

void reached(kill_point point) {
  counting->reached[static_cast<std::size_t>(point)].fetch_add(1, std::memory_order_relaxed);
  if (point == fatal && reaches_left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

int perform(const script& what, kill_point point, std::uint32_t reach, const std::string& segment,
            const shared_journal& notes) {
  support::child victim("performs_a_script", {segment, notes.argument(), std::string(what.name),
                                              std::to_string(static_cast<int>(point)), std::to_string(reach)});
  return victim.wait();
}

}  // namespace

bool die(const script& what, kill_point point, std::uint32_t reach, const std::string& segment,
         const shared_journal& notes) {
  const int ended = perform(what, point, reach, segment, notes);
  if (ended != 0 && ended != -SIGKILL) {
    throw std::runtime_error("a victim ended with " + std::to_string(ended) + " in '" + std::string(what.name) + "'");
  }
  return ended != 0;
}

void live(const script& what, const std::string& segment, const shared_journal& notes) {
  for (auto& count : notes->reached) count = 0;
  if (perform(what, kill_point::count, 0, segment, notes) != 0) {
    throw std::runtime_error("'" + std::string(what.name) + "' fails where nobody dies");
  }
}

namespace {

// Arguments: segment, journal, script, kill point, reach.
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
  fatal = static_cast<kill_point>(arguments.number(3));
  reaches_left = static_cast<std::uint32_t>(arguments.number(4));
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
