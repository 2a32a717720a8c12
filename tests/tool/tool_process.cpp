#include "tool/tool_process.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace tool_tests {
namespace {

int opened(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

stream_file::stream_file(const std::string& content)
    : descriptor_(opened(::memfd_create("stream", MFD_CLOEXEC), "memfd_create")) {
  write_file(path_of(descriptor_), content);
}

stream_file::~stream_file() { ::close(descriptor_); }

std::string stream_file::text() const { return read_file(path_of(descriptor_)); }

pseudo_terminal::pseudo_terminal() : our_side_(opened(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt")) {
  if (::grantpt(our_side_) != 0 || ::unlockpt(our_side_) != 0)
    throw std::system_error(errno, std::generic_category(), "unlockpt");
  child_side_ = opened(::open(::ptsname(our_side_), O_RDWR | O_NOCTTY | O_CLOEXEC), "the terminal");
  winsize size{};
  size.ws_row = 30;
  size.ws_col = 100;
  ::ioctl(our_side_, TIOCSWINSZ, &size);
}

pseudo_terminal::~pseudo_terminal() {
  ::close(our_side_);
  if (child_side_ >= 0) ::close(child_side_);
}

std::string pseudo_terminal::take_all() {
  ::close(std::exchange(child_side_, -1));  // so that the child's is the last one
  std::string all;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(our_side_, piece, sizeof piece)) > 0;)
    all.append(piece, static_cast<std::size_t>(got));
  return all;
}

support::child start_tool(const std::vector<std::string>& arguments, const streams& to, const environment& more,
                          const std::function<void()>& prepare) {
  std::vector<std::string> words{"larder"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return support::child::fork([&] {
    ::dup2(to.in, STDIN_FILENO);
    ::dup2(to.out, STDOUT_FILENO);
    ::dup2(to.error, STDERR_FILENO);
    // In a build with sanitizers, what they find must not look like an answer.
    ::setenv("ASAN_OPTIONS", "exitcode=99", 1);
    ::setenv("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1", 1);
    for (const auto& [name, value] : more) ::setenv(name.c_str(), value.c_str(), 1);
    if (prepare) prepare();
    ::execv(LARDER_TOOL_PATH, argv.data());
    return 127;
  });
}

outcome run_tool(const std::vector<std::string>& arguments, const std::string& input,
                 const std::function<void()>& prepare) {
  const stream_file in(input);
  const stream_file out;
  const stream_file error;
  const int code = start_tool(arguments, {in.descriptor(), out.descriptor(), error.descriptor()}, {}, prepare).wait();
  return {code, out.text(), error.text()};
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
