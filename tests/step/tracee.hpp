// tracee: a process under ptrace(2) that is led from one mark to the next, instruction by instruction or by way of a
// hardware breakpoint, and killed wherever its tracer wants.
//
// Only x86-64 Linux. Tracer and tracee should share a processor (stay_on_this_processor): a step then costs a switch
// instead of two wake-ups.
#ifndef LARDER_TESTS_STEP_TRACEE_HPP
#define LARDER_TESTS_STEP_TRACEE_HPP

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>

namespace step {

// Breakpoint instructions, for the process that is traced: what is between them is stepped.
extern "C" void larder_step_begin() noexcept;
extern "C" void larder_step_end() noexcept;

void stay_on_this_processor();

class tracee {
 public:
  // Forks a process that calls run(), and returns when a thread of it has come to larder_step_begin(): that thread is
  // the one that is led. Throws if none ever does. The process ends when run() returns.
  explicit tracee(const std::function<void()>& run);
  ~tracee();
  tracee(const tracee&) = delete;
  tracee& operator=(const tracee&) = delete;

  // Where the thread is: the address of the instruction that it would execute next.
  [[nodiscard]] std::uint64_t at() const;
  [[nodiscard]] static bool is_end(std::uint64_t address) noexcept;
  [[nodiscard]] static bool is_system_call(std::uint64_t address) noexcept;

  // The head of the thread's list of robust mutexes: the kernel goes by it when the thread dies.
  using robust_list = std::array<std::uint64_t, 3>;
  [[nodiscard]] robust_list robust_mutexes() const;

  // Executes one instruction; of one with a REP prefix, one repetition. False: the thread has ended.
  bool step();

  // Goes on until the thread has come to the address so often; being there at the start counts. False: it has ended, or
  // the host has no hardware breakpoints.
  bool run_to(std::uint64_t address, std::uint32_t times);

  [[nodiscard]] pid_t process() const noexcept { return process_; }

  // SIGKILL, and waits for the end.
  void kill();

  // Goes on to the end of the process. Throws unless that is an exit with 0.
  void finish();

 private:
  // By PTRACE_CONT or PTRACE_SINGLESTEP. False: the thread has ended. Throws if it got a signal of its own making.
  bool go_on_to_a_trap(int request);

  pid_t process_ = -1;
  pid_t thread_ = -1;
  bool ended_ = false;  // the process, and it has been waited for
};

}  // namespace step

#endif  // LARDER_TESTS_STEP_TRACEE_HPP
