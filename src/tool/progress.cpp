#include "tool/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace larder::tool {
namespace {

constexpr std::uint64_t bar_width = 40;
constexpr auto first_after = std::chrono::milliseconds(300);  // what is quick needs no bar
constexpr auto period = std::chrono::milliseconds(100);

}  // namespace

progress::progress(std::uint64_t steps)
    : steps_(std::max<std::uint64_t>(steps, 1)),
      shown_(::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) != 1),
      next_(clock::now() + first_after) {}

progress::~progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void progress::reach(std::uint64_t step, std::uint64_t found) {
  if (!shown_ || clock::now() < next_) return;
  next_ = clock::now() + period;
  const std::uint64_t done = step * bar_width / steps_;
  const std::string bar(done, '#');
  std::fprintf(stderr, "\r[%-40s] %3d %%  %llu items", bar.c_str(), static_cast<int>(step * 100 / steps_),
               static_cast<unsigned long long>(found));
}

}  // namespace larder::tool
