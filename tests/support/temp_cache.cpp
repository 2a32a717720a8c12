// Names are made of the process id and a count, so that test binaries may run side by side.
#include "support/temp_cache.hpp"

#include <unistd.h>

#include <atomic>

namespace support {

temp_name::temp_name() {
  static std::atomic<int> count{0};
  name_ = "larder-test-" + std::to_string(::getpid()) + "-" + std::to_string(count.fetch_add(1));
  ::unlink(path().c_str());  // left over from a killed run with the same process id
}

temp_name::~temp_name() { ::unlink(path().c_str()); }

bool temp_name::exists() const { return ::access(path().c_str(), F_OK) == 0; }

larder::create_options small(std::size_t capacity) {
  larder::create_options options;
  options.capacity = capacity;
  options.huge_pages = false;
  return options;
}

std::string violations(const larder::cache& cache) {
  std::string text;
  for (const larder::violation& found : cache.check().violations)
    text += "I" + std::to_string(found.invariant) + ": " + found.what + "\n";
  return text;
}

}  // namespace support
