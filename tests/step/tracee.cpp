#include "step/tracee.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

asm(R"(
.text
.globl larder_step_begin
.type larder_step_begin, @function
larder_step_begin:
  int3
  ret
.size larder_step_begin, . - larder_step_begin
.globl larder_step_end
.type larder_step_end, @function
larder_step_end:
  int3
  ret
.size larder_step_end, . - larder_step_end
)");

namespace step {
namespace {

void require(bool done, const char* call) {
  if (!done) throw std::system_error(errno, std::generic_category(), call);
}

[[noreturn]] void become_tracee(pid_t parent, const std::function<void()>& run) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::alarm(0);
  ::signal(SIGALRM, SIG_DFL);
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  try {
    run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "the victim: %s\n", e.what());
    ::_exit(1);
  }
  ::_exit(0);
}

void go_on(pid_t thread, int signal = 0) { ::ptrace(PTRACE_CONT, thread, nullptr, signal); }

bool is_event(int state) { return WIFSTOPPED(state) && state >> 16 != 0; }

// Bit 0 of register 7 makes the address in register 0 a breakpoint of execution.
bool set_breakpoint(pid_t thread, std::uint64_t address) {
  return ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, u_debugreg[0]), address) == 0 &&
         ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, u_debugreg[7]), std::uint64_t{1}) == 0;
}

void clear_breakpoint(pid_t thread) {
  ::ptrace(PTRACE_POKEUSER, thread, offsetof(user, u_debugreg[7]), std::uint64_t{0});
}

std::uint64_t address_of(void (*function)() noexcept) { return reinterpret_cast<std::uint64_t>(function); }

}  // namespace

void stay_on_this_processor() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
  require(::sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

tracee::tracee(const std::function<void()>& run) {
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  require(process_ >= 0, "fork");
  if (process_ == 0) become_tracee(parent, run);
  int state = 0;
  require(::waitpid(process_, &state, 0) == process_ && WIFSTOPPED(state), "waiting for a tracee");
  require(::ptrace(PTRACE_SETOPTIONS, process_, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE) == 0, "ptrace");
  go_on(process_);
  for (;;) {
    const pid_t who = ::waitpid(-1, &state, __WALL);
    require(who > 0, "waitpid");
    if (!WIFSTOPPED(state)) {
      if (who != process_) continue;
      ended_ = true;
      throw std::runtime_error("a victim came to its end before it came to its call, state " + std::to_string(state));
    }
    if (!is_event(state) && WSTOPSIG(state) == SIGTRAP) {
      thread_ = who;
      return;
    }
    // A new thread stops first, once; so does whoever made it.
    const bool its_first = is_event(state) || WSTOPSIG(state) == SIGSTOP;
    go_on(who, its_first ? 0 : WSTOPSIG(state));
  }
}

tracee::~tracee() { kill(); }

std::uint64_t tracee::at() const {
  errno = 0;
  const long value = ::ptrace(PTRACE_PEEKUSER, thread_, offsetof(user_regs_struct, rip), nullptr);
  return errno == 0 ? static_cast<std::uint64_t>(value) : 0;
}

tracee::robust_list tracee::robust_mutexes() const {
  void* head = nullptr;
  std::size_t size = 0;
  robust_list seen{};
  require(::syscall(SYS_get_robust_list, thread_, &head, &size) == 0, "get_robust_list");
  if (head == nullptr) return seen;
  const iovec here{seen.data(), sizeof seen};
  const iovec there{head, sizeof seen};
  require(::process_vm_readv(process_, &here, 1, &there, 1, 0) == sizeof seen, "process_vm_readv");
  return seen;
}

bool tracee::is_end(std::uint64_t address) noexcept { return address == address_of(&larder_step_end); }

// A tracee's code is where ours is: it was forked.
bool tracee::is_system_call(std::uint64_t address) noexcept {
  constexpr std::array<unsigned char, 2> instruction{0x0F, 0x05};
  return std::memcmp(reinterpret_cast<const void*>(address), instruction.data(), instruction.size()) == 0;
}

bool tracee::go_on_to_a_trap(int request) {
  for (;;) {
    if (ended_ || ::ptrace(static_cast<__ptrace_request>(request), thread_, nullptr, nullptr) != 0) return false;
    int state = 0;
    if (::waitpid(thread_, &state, __WALL) != thread_) return false;
    if (!WIFSTOPPED(state)) {
      ended_ = thread_ == process_;
      return false;
    }
    const int signal = WSTOPSIG(state);
    if (signal == SIGTRAP) return true;
    const bool from_outside = signal == SIGSTOP || signal == SIGCONT;  // it is not stopped by anybody but its tracer
    if (!from_outside) throw std::runtime_error("a victim got signal " + std::to_string(signal) + " by itself");
  }
}

bool tracee::step() { return go_on_to_a_trap(PTRACE_SINGLESTEP); }

bool tracee::run_to(std::uint64_t address, std::uint32_t times) {
  if (ended_ || !set_breakpoint(thread_, address)) return false;
  for (; times > 0; --times) {
    if (!go_on_to_a_trap(PTRACE_CONT) || at() != address) return false;
  }
  clear_breakpoint(thread_);
  return true;
}

void tracee::kill() {
  if (ended_) return;
  ::kill(process_, SIGKILL);
  int state = 0;
  for (;;) {  // its threads end first, and each must be waited for
    const pid_t who = ::waitpid(-1, &state, __WALL);
    if (who < 0 && errno == EINTR) continue;
    if (who < 0 || (who == process_ && !WIFSTOPPED(state))) break;
  }
  ended_ = true;
}

void tracee::finish() {
  go_on(thread_);
  int state = 0;
  for (;;) {
    const pid_t who = ::waitpid(-1, &state, __WALL);
    require(who > 0, "waitpid");
    if (!WIFSTOPPED(state)) {
      if (who != process_) continue;
      ended_ = true;
      if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return;
      throw std::runtime_error("a victim that nobody killed came to a bad end, state " + std::to_string(state));
    }
    const bool a_trap = is_event(state) || WSTOPSIG(state) == SIGTRAP;  // the end mark
    go_on(who, a_trap ? 0 : WSTOPSIG(state));
  }
}

}  // namespace step
