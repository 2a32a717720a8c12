#include "daemon/shell.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

namespace daemon_tests {

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  return text + "exit code " + std::to_string(WEXITSTATUS(::pclose(pipe)));
}

boost::test_tools::assertion_result are_installed(std::initializer_list<const char*> programs) {
  for (const char* program : programs) {
    if (std::system(("command -v " + std::string(program) + " >/dev/null 2>&1").c_str()) == 0) continue;
    boost::test_tools::assertion_result missing = false;
    missing.message() << program << " is not installed";
    return missing;
  }
  return true;
}

}  // namespace daemon_tests
