// The real larder as a child process: its exit code and what it wrote.
#ifndef LARDER_TESTS_TOOL_TOOL_PROCESS_HPP
#define LARDER_TESTS_TOOL_TOOL_PROCESS_HPP

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace tool_tests {

struct outcome {
  int code = -1;  // or minus the number of the signal that ended it
  std::string out;
  std::string error;
};

// Runs `larder` with these arguments and this on standard input, and waits for its end.
[[nodiscard]] outcome run_tool(const std::vector<std::string>& arguments, const std::string& input = {});

// The same with --json; throws if it did not write JSON.
[[nodiscard]] boost::json::value tool_json(std::vector<std::string> arguments);

[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

}  // namespace tool_tests

#endif  // LARDER_TESTS_TOOL_TOOL_PROCESS_HPP
