// Every command of the tool, on one segment: for what must hold for all of them. command_test.cpp makes sure that none is
// missing here.
#ifndef LARDER_TESTS_TOOL_COMMAND_LINES_HPP
#define LARDER_TESTS_TOOL_COMMAND_LINES_HPP

#include <string>
#include <vector>

namespace tool_tests {

using command_line = std::vector<std::string>;

// Those that only look: by a read-only mapping.
[[nodiscard]] inline std::vector<command_line> looking_commands(const std::string& segment) {
  return {{"info", segment},
          {"dump", segment, "--values"},
          {"check", segment},
          {"slabs", segment, "--pages"},
          {"stats", segment},
          {"get", segment, "key7"},
          {"clients", segment},
          {"bigkeys", segment},
          {"histogram", segment, "ttl"},
          {"histogram", segment, "age"},
          {"hotkeys", segment, "--for", "1ms"},
          {"stat", segment, "10ms", "1"},
          {"top", segment, "--interval", "100ms"},
          {"report", segment, "--for", "10ms"}};
}

// Those that attach as any other process does.
[[nodiscard]] inline std::vector<command_line> attaching_commands(const std::string& segment) {
  return {{"put", segment, "key7", "value"},
          {"touch", segment, "key7", "1h"},
          {"erase", segment, "key7"},
          {"watch", segment, "--for", "10ms", "--values"}};
}

// Every command that is about a segment; the first ones are info, dump and check.
[[nodiscard]] inline std::vector<command_line> commands_on(const std::string& segment) {
  std::vector<command_line> lines = looking_commands(segment);
  const std::vector<command_line> more = attaching_commands(segment);
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

// Those that are about no segment, or make and remove one.
[[nodiscard]] inline std::vector<command_line> other_commands() {
  return {{"ls"}, {"help"}, {"help", "dump"}, {"complete", "commands"}};
}
inline const std::vector<std::string> making_commands{"create", "rm"};

}  // namespace tool_tests

#endif  // LARDER_TESTS_TOOL_COMMAND_LINES_HPP
