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

// Field 22 of /proc/PID/stat; 0 if it cannot be read. The command name (field 2) may hold spaces and parentheses, so
// the fields are counted from the last closing one.
std::uint64_t start_time(std::uint32_t pid) noexcept {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[1024];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  const char* at = std::strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) {
    at = std::strchr(at + 1, ' ');
  }
  return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

std::uint64_t pid_space() noexcept {
  struct stat info {};
  return ::stat("/proc/self/ns/pid", &info) == 0 ? static_cast<std::uint64_t>(info.st_ino) : 0;
}

}  // namespace

process_identity this_process() noexcept {
  const auto pid = static_cast<std::uint32_t>(::getpid());
  return {pid, start_time(pid), pid_space()};
}

bool has_ended(const process_identity& who) noexcept {
  if (who.pid == 0 || who.pid_space == 0 || who.pid_space != pid_space()) return false;
  const int saved = errno;
  const bool nobody = ::kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH;
  errno = saved;
  if (nobody) return true;
  if (who.started == 0) return false;  // a process of that id is there, whether it is the same cannot be told
  const std::uint64_t started = start_time(who.pid);
  return started != 0 && started != who.started;
}

}  // namespace larder::platform
