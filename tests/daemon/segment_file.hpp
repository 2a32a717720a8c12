// The file of a segment, opened as the daemon opens it: what a housekeeper is made from.
#ifndef LARDER_TESTS_DAEMON_SEGMENT_FILE_HPP
#define LARDER_TESTS_DAEMON_SEGMENT_FILE_HPP

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace daemon_tests {

class segment_file {
 public:
  explicit segment_file(const std::string& segment)
      : descriptor_(::open(("/dev/shm/" + segment).c_str(), O_RDWR | O_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), segment);
  }
  ~segment_file() { ::close(descriptor_); }
  segment_file(const segment_file&) = delete;
  segment_file& operator=(const segment_file&) = delete;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace daemon_tests

#endif  // LARDER_TESTS_DAEMON_SEGMENT_FILE_HPP
