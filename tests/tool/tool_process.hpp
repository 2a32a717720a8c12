// The real larder as a child process: its exit code and what it wrote, to files, to a terminal, or as it goes along.
#ifndef LARDER_TESTS_TOOL_TOOL_PROCESS_HPP
#define LARDER_TESTS_TOOL_TOOL_PROCESS_HPP

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/child.hpp"

namespace tool_tests {

struct outcome {
  int code = -1;  // or minus the number of the signal that ended it
  std::string out;
  std::string error;
};

// A file without a name, for a stream of a child.
class stream_file {
 public:
  explicit stream_file(const std::string& content = {});
  ~stream_file();
  stream_file(const stream_file&) = delete;
  stream_file& operator=(const stream_file&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string text() const;

 private:
  int descriptor_;
};

// The descriptors of a child's standard streams.
struct streams {
  int in;
  int out;
  int error;
};

using environment = std::vector<std::pair<std::string, std::string>>;

// Starts `larder` with these arguments; `prepare` is done in the child before.
[[nodiscard]] support::child start_tool(const std::vector<std::string>& arguments, const streams& to,
                                        const environment& more = {}, const std::function<void()>& prepare = {});

// Runs it with this on standard input, and waits for its end.
[[nodiscard]] outcome run_tool(const std::vector<std::string>& arguments, const std::string& input = {},
                               const std::function<void()>& prepare = {});

// The same with --json; throws if it did not write JSON.
[[nodiscard]] boost::json::value tool_json(std::vector<std::string> arguments);

// A terminal of 100 columns that nobody sees.
class pseudo_terminal {
 public:
  pseudo_terminal();
  ~pseudo_terminal();
  pseudo_terminal(const pseudo_terminal&) = delete;
  pseudo_terminal& operator=(const pseudo_terminal&) = delete;

  // For the child.
  [[nodiscard]] int descriptor() const noexcept { return child_side_; }
  // What the child writes, until it ends. To be called once, when it has been started.
  [[nodiscard]] std::string take_all();

 private:
  int our_side_ = -1;
  int child_side_ = -1;
};

[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

[[nodiscard]] inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tool_tests

#endif  // LARDER_TESTS_TOOL_TOOL_PROCESS_HPP
