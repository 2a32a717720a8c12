// ownership: the right to look after a segment. One daemon has it at a time; the kernel takes it back when that one ends,
// however it ends, so another can follow at once.
//
// How: open file description locks on the segment's file. Byte 0 is the right itself; the byte at 1 + pid, locked beside
// it, tells a daemon that is refused by whom (the kernel does not tell it for locks of this kind).
#ifndef LARDER_DAEMON_OWNERSHIP_HPP
#define LARDER_DAEMON_OWNERSHIP_HPP

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace larderd {

// Another daemon looks after the segment. The text names it.
class owned_by_another : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ownership {
 public:
  // Opens the segment's file and takes the right. Throws owned_by_another, or std::system_error.
  [[nodiscard]] static ownership take(const std::string& segment);

  ownership(ownership&& other) noexcept;
  ownership& operator=(ownership&&) = delete;
  ~ownership();

  // Of the segment, as long as this lives.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] ino_t inode() const;
  // True once the segment has lost its name: whoever uses it goes on, and nobody else can come.
  [[nodiscard]] bool is_nameless() const;

 private:
  explicit ownership(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_;
};

// Where segments are found as files.
inline constexpr const char* segment_directory = "/dev/shm";

}  // namespace larderd

#endif  // LARDER_DAEMON_OWNERSHIP_HPP
