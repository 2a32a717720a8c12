// The filter, the handler, and the one function of libc that no system call stands for.
#include "process/fault_injector.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LARDER_FAULTS 1
#else
#define LARDER_FAULTS 0
#endif

#if LARDER_FAULTS
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>
#endif

namespace faults {
namespace {

std::atomic<int> armed_call{-1};
std::atomic<int> armed_error{0};
std::atomic<int> calls_left{0};
std::atomic<bool> has_failed{false};
std::atomic<int> robust_failures_left{0};

}  // namespace

const std::vector<fault>& all() {
  static const std::vector<fault> kinds{
      {"mmap ENOMEM", SYS_mmap, ENOMEM},           {"openat EMFILE", SYS_openat, EMFILE},
      {"openat EACCES", SYS_openat, EACCES},       {"fchmod EPERM", SYS_fchmod, EPERM},
      {"ftruncate ENOSPC", SYS_ftruncate, ENOSPC}, {"fallocate ENOSPC", SYS_fallocate, ENOSPC},
      {"fallocate EINTR", SYS_fallocate, EINTR},   {"fallocate EIO", SYS_fallocate, EIO},
      {"linkat ENOSPC", SYS_linkat, ENOSPC},       {"linkat EMFILE", SYS_linkat, EMFILE},
      {"fcntl EMFILE", SYS_fcntl, EMFILE},         {"pread EIO", SYS_pread64, EIO},
      {"pread EINTR", SYS_pread64, EINTR},         {"read EIO", SYS_read, EIO},
      {"fstat EIO", SYS_newfstatat, EIO},          {"statfs EIO", SYS_statfs, EIO},
      {"madvise EAGAIN", SYS_madvise, EAGAIN},     {"membarrier EPERM", SYS_membarrier, EPERM},
      {"getrandom EAGAIN", SYS_getrandom, EAGAIN},
  };
  return kinds;
}

void arm(const fault& what, int k) noexcept {
  has_failed = false;
  armed_error = what.error;
  calls_left = k;
  armed_call = what.call;
}

bool disarm() noexcept {
  armed_call = -1;
  return has_failed;
}

void fail_robust_mutexes(int times) noexcept { robust_failures_left = times; }

#if LARDER_FAULTS

extern "C" const char faults_after_the_call[];  // defined by the assembly below

namespace {

// A system call that the filter lets pass: it is known by the address behind it.
[[gnu::noinline]] long pass(long call, const greg_t* registers) noexcept {
  long result = call;
  register long r10 asm("r10") = registers[REG_R10];
  register long r8 asm("r8") = registers[REG_R8];
  register long r9 asm("r9") = registers[REG_R9];
  asm volatile("syscall\n.globl faults_after_the_call\nfaults_after_the_call:"
               : "+a"(result)
               : "D"(registers[REG_RDI]), "S"(registers[REG_RSI]), "d"(registers[REG_RDX]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

void on_call(int, siginfo_t* info, void* context) noexcept {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const int call = info->si_syscall;
  if (call == armed_call && calls_left.fetch_sub(1) == 1) {
    has_failed = true;
    registers[REG_RAX] = -armed_error;
    return;
  }
  registers[REG_RAX] = pass(call, registers);
}

constexpr auto half_of_address = offsetof(seccomp_data, instruction_pointer);

sock_filter load(std::size_t offset) noexcept { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<__u32>(offset)); }

sock_filter unless_equal(std::uint64_t value, std::size_t skip) noexcept {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(value), 0, static_cast<__u8>(skip));
}

}  // namespace

bool install() noexcept {
  struct sigaction action {};
  action.sa_sigaction = &on_call;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) return false;
  const auto own = reinterpret_cast<std::uint64_t>(&faults_after_the_call);
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter trap = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
  std::vector<sock_filter> program{
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      allow,
      load(half_of_address),
      unless_equal(own, 3),
      load(half_of_address + 4),
      unless_equal(own >> 32, 1),
      allow,
      load(offsetof(seccomp_data, nr)),
  };
  // Ending threads say MADV_DONTNEED of their stacks, with all signals blocked. The library never does.
  for (const sock_filter& step : {unless_equal(SYS_madvise, 4), load(offsetof(seccomp_data, args[2])),
                                  unless_equal(MADV_DONTNEED, 1), allow, load(offsetof(seccomp_data, nr))})
    program.push_back(step);
  for (const fault& kind : all()) {
    program.push_back(unless_equal(static_cast<std::uint64_t>(kind.call), 1));
    program.push_back(trap);
  }
  program.push_back(allow);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

#else

bool install() noexcept { return false; }

#endif

}  // namespace faults

// Takes the place of libc's in this program. Nobody but the death token calls it.
extern "C" int pthread_mutexattr_setrobust(pthread_mutexattr_t* kind, int robustness) noexcept {
  if (faults::robust_failures_left > 0) {
    --faults::robust_failures_left;
    return ENOTSUP;
  }
  using function = int (*)(pthread_mutexattr_t*, int);
  static const auto original = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "pthread_mutexattr_setrobust"));
  return original(kind, robustness);
}
