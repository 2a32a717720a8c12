// progress: a bar on a terminal for what takes long, while the output goes elsewhere.
#ifndef LARDER_TOOL_PROGRESS_HPP
#define LARDER_TOOL_PROGRESS_HPP

#include <chrono>
#include <cstdint>

namespace larder::tool {

class progress {
 public:
  // Shows nothing unless standard error is a terminal and standard output is none.
  explicit progress(std::uint64_t steps);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void reach(std::uint64_t step, std::uint64_t found);

 private:
  using clock = std::chrono::steady_clock;
  std::uint64_t steps_;
  bool shown_;
  clock::time_point next_;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_PROGRESS_HPP
