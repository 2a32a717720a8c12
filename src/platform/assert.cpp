#include "platform/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace larder::platform {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "larder: %s:%d: this must hold: %s\n", file, line, condition);
  std::abort();
}

}  // namespace larder::platform
