#include "tool/tool_process.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace tool_tests {
namespace {

// A file without a name, for a stream of a child.
class stream_file {
 public:
  stream_file() : descriptor_(::memfd_create("stream", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  ~stream_file() { ::close(descriptor_); }
  stream_file(const stream_file&) = delete;
  stream_file& operator=(const stream_file&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

outcome run_tool(const std::vector<std::string>& arguments, const std::string& input) {
  const stream_file in;
  const stream_file out;
  const stream_file error;
  write_file(in.path(), input);
  std::vector<std::string> words{"larder"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  support::child tool = support::child::fork([&] {
    ::dup2(in.descriptor(), STDIN_FILENO);
    ::dup2(out.descriptor(), STDOUT_FILENO);
    ::dup2(error.descriptor(), STDERR_FILENO);
    // In a build with sanitizers, what they find must not look like an answer.
    ::setenv("ASAN_OPTIONS", "exitcode=99", 1);
    ::setenv("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1", 1);
    ::execv(LARDER_TOOL_PATH, argv.data());
    return 127;
  });
  const int code = tool.wait();
  return {code, read_file(out.path()), read_file(error.path())};
}

boost::json::value tool_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return boost::json::parse(run_tool(arguments).out);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace tool_tests
