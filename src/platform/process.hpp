// The identity of a process: the kernel gives a process id again, but never with the same start time.
#ifndef LARDER_PLATFORM_PROCESS_HPP
#define LARDER_PLATFORM_PROCESS_HPP

#include <cstdint>

namespace larder::platform {

struct process_identity {
  std::uint32_t pid = 0;        // in its own PID namespace
  std::uint64_t started = 0;    // clock ticks since boot; 0: not known
  std::uint64_t pid_space = 0;  // inode of its PID namespace
  friend bool operator==(const process_identity&, const process_identity&) = default;
};

// Of the caller. Reads /proc; zeroes where /proc is not mounted.
[[nodiscard]] process_identity this_process() noexcept;

// quick: one system call as long as the process lives. It sees nothing before the parent has collected the process, and
// not that another process has the id by now.
enum class look : std::uint8_t { quick, thorough };

// True only if it is certain that the process has ended: same PID namespace as the caller's, and no process of that id,
// or one all of whose threads are dead, or one that started at another time. Doubt is false: it may be late, it is never
// wrong.
[[nodiscard]] bool has_ended(const process_identity& who, look how = look::thorough) noexcept;

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_PROCESS_HPP
