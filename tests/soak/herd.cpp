#include "soak/herd.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "support/eventually.hpp"

namespace soak {

using std::chrono::steady_clock;

herd::herd(board& notes, std::vector<std::string> arguments, std::string larderd)
    : notes_(notes), arguments_(std::move(arguments)), larderd_(std::move(larderd)) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  daemon_log_ = ::memfd_create("larderd-log", MFD_CLOEXEC);
  if (daemon_log_ < 0) throw std::system_error(errno, std::generic_category(), "memfd");
}

herd::~herd() {
  notes_.over.store(1);
  kill_daemon();
  kill_all();
  static_cast<void>(are_gone(support::generous));
  ::close(daemon_log_);
}

pid_t herd::start(const std::string& program, const std::vector<std::string>& words) {
  std::vector<std::string> copies(words);
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    if (program == larderd_) {
      ::dup2(daemon_log_, STDOUT_FILENO);
      ::dup2(daemon_log_, STDERR_FILENO);
    }
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  none_left_ = false;
  return process;
}

void herd::start_daemon() {
  if (::ftruncate(daemon_log_, 0) != 0 || ::lseek(daemon_log_, 0, SEEK_SET) != 0)
    throw std::system_error(errno, std::generic_category(), "the log of larderd");
  daemon_ = start(larderd_, {larderd_, arguments_.front(), "--sweep-interval", "10ms", "--reap-interval", "5ms",
                             "--check-period", "300ms"});
  ++counted_.daemons;
}

void herd::top_up(std::size_t processes) {
  const auto there = static_cast<std::size_t>(
      std::ranges::count_if(notes_.processes, [](const auto& process) { return process.load() != 0; }));
  for (std::size_t i = there; i < processes; ++i) {
    std::vector<std::string> words{"larder-test-child", "--role=soaks"};
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    // Entered here, too, so that it is counted from now on.
    if (!notes_.enter(start("/proc/self/exe", words))) break;
    ++counted_.started;
  }
  if (!larderd_.empty() && daemon_ == 0) start_daemon();
}

void herd::collect() {
  int state = 0;
  pid_t process = 0;
  while ((process = ::waitpid(-1, &state, WNOHANG)) > 0) note_end(process, state);
  none_left_ = process < 0 && errno == ECHILD;
}

void herd::note_end(pid_t process, int state) {
  const bool was_killed = killed_.erase(process) != 0;
  stopped_.erase(process);
  const bool is_daemon = process == daemon_;
  if (is_daemon) daemon_ = 0;
  const std::size_t in_call = notes_.leave(process);
  if (WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL && was_killed) {
    if (is_daemon) return;
    ++counted_.kills;
    counted_.kills_in_call += in_call != 0 ? 1U : 0U;
  } else if (WIFEXITED(state) && WEXITSTATUS(state) == 0 && !is_daemon) {
    ++counted_.ended;
  } else {
    const std::string how = WIFSIGNALED(state) ? " by signal " + std::to_string(WTERMSIG(state))
                                               : " with " + std::to_string(WEXITSTATUS(state));
    notes_.complain(is_daemon ? "larderd ends" + how + ", and says: " + said_by_daemon() : "a process ends" + how);
  }
}

std::optional<pid_t> herd::any(support::random_source& random) const {
  std::vector<pid_t> all;
  for (const auto& process : notes_.processes) {
    if (const pid_t one = process.load(); one != 0) all.push_back(one);
  }
  if (all.empty()) return std::nullopt;
  return all[random.number(all.size())];
}

// Whoever is on the board is a child that was not collected yet: nobody else has its number.
void herd::kill(pid_t process) {
  killed_.insert(process);
  ::kill(process, SIGKILL);
}

void herd::kill_one(support::random_source& random) {
  if (const std::optional<pid_t> one = any(random)) kill(*one);
}

void herd::stop_one(support::random_source& random, std::chrono::milliseconds time) {
  const std::optional<pid_t> one = any(random);
  if (!one || stopped_.contains(*one)) return;
  ::kill(*one, SIGSTOP);
  stopped_.emplace(*one, steady_clock::now() + time);
  ++counted_.stops;
}

void herd::resume(bool all) {
  const auto now = steady_clock::now();
  std::erase_if(stopped_, [&](const auto& one) {
    if (!all && one.second > now) return false;
    ::kill(one.first, SIGCONT);
    return true;
  });
}

void herd::kill_daemon() {
  if (daemon_ == 0) return;
  kill(daemon_);
  while (daemon_ != 0) {
    collect();
    ::usleep(100);
  }
  if (const std::string text = said_by_daemon(); text.find("damaged") != std::string::npos)
    notes_.complain("larderd says: " + text);
}

std::string herd::said_by_daemon() const {
  char text[4096] = {};
  return ::pread(daemon_log_, text, sizeof text - 1, 0) > 0 ? text : "nothing";
}

void herd::kill_all() {
  for (const auto& process : notes_.processes) {
    if (const pid_t one = process.load(); one != 0) kill(one);
  }
}

bool herd::are_gone(std::chrono::milliseconds deadline) {
  return support::eventually(deadline, [this] {
    collect();
    return none_left_;
  });
}

}  // namespace soak
