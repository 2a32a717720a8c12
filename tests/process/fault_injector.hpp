// Lets a system call fail: the k-th of its kind, as the kernel would, whoever makes it (the library, Boost or libc).
//
// A seccomp filter turns the calls into signals, and their handler lets each pass but the one that is to fail. So nothing
// of libc is replaced. The filter stays for the life of the process: for children only.
#ifndef LARDER_TESTS_PROCESS_FAULT_INJECTOR_HPP
#define LARDER_TESTS_PROCESS_FAULT_INJECTOR_HPP

#include <vector>

namespace faults {

// A kind of failure: of which system call, and with which errno.
struct fault {
  const char* name;
  int call;
  int error;
};

// All that the library may meet.
[[nodiscard]] const std::vector<fault>& all();

// False where that cannot be had: processors other than x86-64, kernels without seccomp filters, sanitizers (they call the
// kernel with signals blocked). Children that are forked later inherit it.
[[nodiscard]] bool install() noexcept;

// The k-th call of the kind fails, counted from now on, in any thread. k begins with 1.
void arm(const fault& what, int k) noexcept;

// Ends that. True: it has failed.
bool disarm() noexcept;

// pthread_mutexattr_setrobust, which a thread needs to attach, fails so many times.
void fail_robust_mutexes(int times) noexcept;

}  // namespace faults

#endif  // LARDER_TESTS_PROCESS_FAULT_INJECTOR_HPP
