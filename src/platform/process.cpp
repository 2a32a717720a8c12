#include "platform/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace larder::platform {
namespace {

// What /proc/PID/stat says: its fields 3, 20 and 22.
struct process_stat {
  char state = '\0';
  std::uint64_t threads = 0;
  std::uint64_t started = 0;  // 0: it could not be read
};

// The command name (field 2) may hold spaces and parentheses, so the fields are counted from the last closing one.
process_stat stat_of(std::uint32_t pid) noexcept {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char text[1024];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return {};
  text[size] = '\0';
  process_stat found;
  const char* at = std::strrchr(text, ')');
  for (int field = 3; at != nullptr && field <= 22; ++field) {
    at = std::strchr(at + 1, ' ');
    if (at == nullptr) return {};
    if (field == 3) found.state = at[1];
    if (field == 20) found.threads = std::strtoull(at + 1, nullptr, 10);
    if (field == 22) found.started = std::strtoull(at + 1, nullptr, 10);
  }
  return found;
}

// The inode of a namespace; 0: not known.
std::uint64_t space_at(const char* path) noexcept {
  struct stat info {};
  return ::stat(path, &info) == 0 ? static_cast<std::uint64_t>(info.st_ino) : 0;
}
std::uint64_t pid_space() noexcept { return space_at("/proc/self/ns/pid"); }

// Start times are told as the reader's time namespace has them.
bool is_in_our_time_space(std::uint32_t pid) noexcept {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%u/ns/time", pid);
  return space_at(path) == space_at("/proc/self/ns/time");
}

bool nobody_has(std::uint32_t pid) noexcept {
  const int saved = errno;
  const bool nobody = ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
  errno = saved;
  return nobody;
}

}  // namespace

process_identity this_process() noexcept {
  const auto pid = static_cast<std::uint32_t>(::getpid());
  return {pid, stat_of(pid).started, pid_space()};
}

bool has_ended(const process_identity& who, look how) noexcept {
  if (who.pid == 0 || who.pid_space == 0) return false;
  const bool nobody = nobody_has(who.pid);
  if (!nobody && how == look::quick) return false;
  if (who.pid_space != pid_space()) return false;
  if (nobody) return true;
  const process_stat now = stat_of(who.pid);
  if (now.started == 0) return false;
  // A first thread that has ended before the others is a zombie, too.
  if ((now.state == 'Z' || now.state == 'X') && now.threads <= 1) return true;
  return who.started != 0 && now.started != who.started && is_in_our_time_space(who.pid);
}

}  // namespace larder::platform
