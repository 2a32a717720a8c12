#include "daemon/ownership.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

namespace larderd {
namespace {

struct flock lock_of(off_t first, off_t count) noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = count;
  return lock;
}

bool try_lock(int descriptor, off_t byte) {
  struct flock lock = lock_of(byte, 1);
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw std::system_error(errno, std::system_category(), "locking the segment");
}

// "process 17 (larderd)", as far as it can be told.
std::string owner_of(int descriptor) {
  struct flock lock = lock_of(1, 0);
  if (::fcntl(descriptor, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return "another daemon";
  const std::string pid = std::to_string(lock.l_start - 1);
  std::string name;
  std::ifstream in("/proc/" + pid + "/comm");
  std::getline(in, name);
  return "process " + pid + (name.empty() ? ", of another PID namespace" : " (" + name + ")");
}

struct stat status_of(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) throw std::system_error(errno, std::system_category(), "fstat");
  return info;
}

}  // namespace

ownership ownership::take(const std::string& segment) {
  const std::string path = std::string(segment_directory) + "/" + segment;
  ownership made(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (made.descriptor_ < 0) throw std::system_error(errno, std::system_category(), path);
  if (!try_lock(made.descriptor_, 0))
    throw owned_by_another("the segment '" + segment + "' is looked after by " + owner_of(made.descriptor_) +
                           "; end that one, or leave the segment to it");
  static_cast<void>(try_lock(made.descriptor_, off_t{1} + ::getpid()));
  return made;
}

ownership::ownership(ownership&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ownership::~ownership() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ino_t ownership::inode() const { return status_of(descriptor_).st_ino; }

bool ownership::is_nameless() const { return status_of(descriptor_).st_nlink == 0; }

}  // namespace larderd
