// The real larderd as a child process, its log in a file, and what it tells its service manager.
#ifndef LARDER_TESTS_DAEMON_DAEMON_PROCESS_HPP
#define LARDER_TESTS_DAEMON_DAEMON_PROCESS_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace daemon_tests {

// A directory of its own for one test; removed with everything in it.
class temp_directory {
 public:
  temp_directory();
  ~temp_directory();
  temp_directory(const temp_directory&) = delete;
  temp_directory& operator=(const temp_directory&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text);
[[nodiscard]] std::string read_file(const std::string& path);

// A service manager's socket, as in $NOTIFY_SOCKET.
class notify_socket {
 public:
  explicit notify_socket(const std::string& path);
  ~notify_socket();
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  // What has been told so far, a message a line.
  [[nodiscard]] std::string told();

 private:
  int socket_;
  std::string told_;
};

class daemon_process {
 public:
  struct surroundings {
    std::uint64_t watchdog_microseconds = 0;  // as in $WATCHDOG_USEC; 0: not there
    std::vector<std::string> run_by = {};     // a command that runs it; then process() is that one
    std::string metrics = {};                 // where it serves them; empty: at metrics_socket()
  };
  // Starts it; `await_ready` waits until it looks after its segments.
  explicit daemon_process(std::vector<std::string> arguments, const surroundings& in = {0, {}, {}});

  daemon_process& await_ready();
  [[nodiscard]] bool says(const std::string& text);  // waits for it
  [[nodiscard]] std::string log() const { return read_file(directory_.file("log")); }
  [[nodiscard]] notify_socket& manager() noexcept { return manager_; }
  [[nodiscard]] support::child& process() noexcept { return process_; }

  // Where it serves its metrics. get: status and body.
  [[nodiscard]] std::string metrics_socket() const { return directory_.file("metrics"); }
  struct answer {
    unsigned status;
    std::string body;
  };
  [[nodiscard]] answer get(const std::string& path, const char* method = "GET") const;
  // A metric of a segment; 0 if there is none.
  [[nodiscard]] double metric(const std::string& name, const std::string& segment) const;

  // Ends it, and returns its exit code.
  int end();

 private:
  temp_directory directory_;
  notify_socket manager_;
  support::child process_;
};

// Runs larderd to its end: exit code, and what it wrote.
struct outcome {
  int exit_code;
  std::string text;
};
[[nodiscard]] outcome run_daemon(const std::vector<std::string>& arguments);

}  // namespace daemon_tests

#endif  // LARDER_TESTS_DAEMON_DAEMON_PROCESS_HPP
