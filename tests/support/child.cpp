// Starting, waiting for and ending the processes of tests.
#include "support/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/random.hpp"
#include "support/watchdog.hpp"

namespace support {
namespace {

constexpr std::string_view role_option = "--role=";

std::map<std::string, child_role, std::less<>>& roles() {
  static std::map<std::string, child_role, std::less<>> all;
  return all;
}

// Between fork() and the child's own code: it dies with its parent, and no handler of the test framework is left.
void become_child(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM, SIGTRAP}) ::signal(signal, SIG_DFL);
}

pid_t forked() {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  return pid;
}

}  // namespace

bool register_role(std::string_view name, child_role role) {
  if (!roles().emplace(name, role).second) std::abort();  // two roles of one name: a mistake in the tests
  return true;
}

std::optional<int> run_role(int argc, char** argv) {
  if (argc < 2 || !std::string_view(argv[1]).starts_with(role_option)) return std::nullopt;
  const std::string_view name = std::string_view(argv[1]).substr(role_option.size());
  const auto role = roles().find(name);
  if (role == roles().end()) {
    std::fprintf(stderr, "no role is called %.*s\n", static_cast<int>(name.size()), name.data());
    return 2;
  }
  arm_watchdog(argv[1]);
  try {
    return role->second(child_arguments({argv + 2, argv + argc}));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "child %s: %s\n", argv[1], e.what());
    return 1;
  }
}

void require(bool condition, std::string_view what) {
  if (!condition) throw std::runtime_error("this does not hold: " + std::string(what));
}

child::child(std::string_view role, const std::vector<std::string>& arguments) {
  static_cast<void>(seed());  // before fork: the child must find it in its environment
  std::vector<std::string> words{"larder-test-child", std::string(role_option) + std::string(role)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = forked();
  if (pid_ == 0) {
    become_child(parent);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
}

child child::fork(const std::function<int()>& run) {
  const pid_t parent = ::getpid();
  const pid_t pid = forked();
  if (pid != 0) return child(pid);
  become_child(parent);
  arm_watchdog("forked child");
  int exit_code = 1;
  try {
    exit_code = run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "forked child: %s\n", e.what());
  }
  std::fflush(nullptr);
  ::_exit(exit_code);
}

child::child(child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), result_(other.result_) {}

child::~child() {
  if (pid_ > 0 && !result_) kill();
}

void child::collect(int options) {
  int state = 0;
  if (result_ || ::waitpid(pid_, &state, options) != pid_) return;
  if (WIFEXITED(state)) result_ = WEXITSTATUS(state);
  if (WIFSIGNALED(state)) result_ = -WTERMSIG(state);
}

bool child::running() {
  collect(WNOHANG);
  return !result_;
}

int child::wait(std::chrono::milliseconds deadline) {
  if (!eventually(deadline, [this] { return !running(); })) throw std::runtime_error("a child did not end in time");
  return *result_;
}

void child::send(int signal) const { ::kill(pid_, signal); }

void child::kill() {
  if (!running()) return;
  send(SIGKILL);
  while (!result_) collect(0);
}

void child::stop() {
  send(SIGSTOP);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
}

void child::resume() const { send(SIGCONT); }

}  // namespace support
