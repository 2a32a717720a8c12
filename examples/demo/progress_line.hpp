// One line that tells how far a step is: refreshed in place on a terminal, a new line every second in a pipe.
#ifndef LARDER_DEMO_PROGRESS_LINE_HPP
#define LARDER_DEMO_PROGRESS_LINE_HPP

#include <chrono>
#include <functional>
#include <string>

namespace demo {

class progress_line {
 public:
  // Prints the title of the step.
  explicit progress_line(const std::string& title);

  // Shows what `text` returns, if it is time to; cheap to call for every small piece of work.
  void update(const std::function<std::string()>& text);

  // Replaces the line by the outcome of the step.
  void finish(const std::string& outcome);

 private:
  bool on_terminal_;
  std::chrono::steady_clock::time_point last_shown_;
};

}  // namespace demo

#endif  // LARDER_DEMO_PROGRESS_LINE_HPP
