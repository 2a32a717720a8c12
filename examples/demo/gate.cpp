// read(2) of a pipe returns when its last writing end is closed.
#include "gate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace demo {

gate::gate() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  reading_end_ = ends[0];
  writing_end_ = ends[1];
}

gate::~gate() {
  open();
  close(reading_end_);
}

void gate::open() noexcept {
  if (writing_end_ != -1) close(std::exchange(writing_end_, -1));
}

void gate::wait() const noexcept {
  char byte = 0;
  while (read(reading_end_, &byte, 1) == -1 && errno == EINTR) {
  }
}

}  // namespace demo
