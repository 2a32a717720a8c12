#include "soak/life.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <utility>

#include "support/child.hpp"
#include "support/shared_object.hpp"
#include "support/watchdog.hpp"

namespace soak {
namespace {

constexpr std::size_t most_threads = 2;  // beside the first one of a process
constexpr std::size_t most_given = 3;

larder::open_options patience(bool patient) {
  return {.lock_timeout = patient ? larder::milliseconds(support::generous) : larder::milliseconds(20)};
}

// Until the process between a forked one and its grandparent is gone, and the supervisor is its parent.
void become_child_of(pid_t supervisor) {
  while (::getppid() != supervisor) ::usleep(100);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) ::_exit(0);
}

}  // namespace

life::life(board& notes, calling how)
    : notes_(notes), how_(std::move(how)), random_(notes.births.fetch_add(1)), patient_(!random_.one_in(6)) {}

life::life(board& notes, calling how, bool patient) : life(notes, std::move(how)) { patient_ = patient; }

int life::live() {
  for (ending end = ending::opens_anew; end == ending::opens_anew && may_go_on();) {
    larder::cache cache = larder::cache::open(how_.segment, patience(patient_));
    notes_.attachments.fetch_add(1);
    end = go_on(cache);
  }
  look_at_what_is_given();
  return 0;
}

life::ending life::go_on(larder::cache& cache) {
  const std::size_t lane = notes_.take_lane(::getpid());
  if (lane == lane_count) return ending::leaves;
  user mine(notes_, how_.segment, cache, lane, patient_);
  ending end = ending::leaves;
  while (may_go_on()) {
    for (std::uint64_t calls = 10 + random_.number(300); calls > 0 && may_go_on(); --calls) mine.act();
    end_threads(false);
    if (threads_.size() < most_threads && random_.one_in(6)) start_thread(cache);
    if (random_.one_in(20)) look_at_what_is_given();
    if (random_.one_in(25)) fork(cache, mine);
    if (random_.one_in(40)) execute_anew();
    if (random_.one_in(80)) break;
    if (random_.one_in(40)) {
      end = ending::opens_anew;
      break;
    }
  }
  leaving_.store(true);
  end_threads(true);
  leaving_.store(false);
  return end;
}

// --- Threads ----------------------------------------------------------------------------------------------------------

void life::start_thread(larder::cache& cache) {
  auto one = std::make_unique<helper>();
  helper& me = *one;
  threads_.push_back(std::move(one));
  me.thread = std::jthread([this, &cache, &me] { help(cache, me); });
  notes_.threads.fetch_add(1);
}

void life::help(larder::cache& cache, helper& me) {
  if (const std::size_t lane = notes_.take_lane(::getpid()); lane != lane_count) {
    user mine(notes_, how_.segment, cache, lane, patient_);
    support::random_source random(notes_.births.fetch_add(1));
    for (std::uint64_t calls = random.number(2000); calls > 0 && may_go_on(); --calls) mine.act();
    std::vector<holding> last = mine.give_one_away();
    const std::lock_guard guard(given_mutex_);
    if (!last.empty() && given_.size() < most_given) given_.push_back(std::move(last.back()));
  }
  me.done.store(true);
}

void life::end_threads(bool all) {
  std::erase_if(threads_, [all](const std::unique_ptr<helper>& each) { return all || each->done.load(); });
}

void life::look_at_what_is_given() {
  const std::lock_guard guard(given_mutex_);
  for (const holding& each : given_) each.look_again(notes_);
  given_.clear();
}

// --- Fork and exec ----------------------------------------------------------------------------------------------------

// The child is the supervisor's, not this one's: so each may die without the other.
void life::fork(larder::cache& cache, user& mine) {
  const pid_t between = ::fork();
  if (between == 0) {
    if (::fork() != 0) ::_exit(0);
    go_on_as_forked(cache, mine);
  }
  if (between > 0) ::waitpid(between, nullptr, 0);
}

// It ends without a word to the cache. Nothing of the parent's threads and locks is touched.
void life::go_on_as_forked(larder::cache& cache, user& inherited) {
  become_child_of(static_cast<pid_t>(std::stoi(how_.supervisor)));
  support::arm_watchdog("a forked process of a soak run");
  if (!notes_.enter(::getpid())) ::_exit(0);
  notes_.forks.fetch_add(1);
  int exit_code = 0;
  try {
    inherited.drop_inherited();
    static_cast<void>(life(notes_, how_, patient_).go_on(cache));
  } catch (const std::exception& e) {
    notes_.complain(std::string("a forked process: ") + e.what());
    exit_code = 1;
  }
  ::_exit(exit_code);
}

// With all its threads in the midst of whatever they do.
void life::execute_anew() {
  std::vector<std::string> words{"larder-test-child", "--role=soaks"};
  for (const std::string& argument : how_.arguments()) words.push_back(argument);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  notes_.execs.fetch_add(1);
  ::execv("/proc/self/exe", argv.data());
  notes_.complain("a process cannot execute itself anew");
}

namespace {

// Arguments: those of calling.
LARDER_CHILD_ROLE(soaks) {
  const support::shared_object<board> notes(arguments.number(1));
  notes->free_lanes(::getpid());  // of what this process was before it executed itself anew
  if (!notes->enter(::getpid())) return 0;
  return life(*notes, {arguments.text(0), arguments.text(1), arguments.text(2)}).live();
}

}  // namespace

}  // namespace soak
