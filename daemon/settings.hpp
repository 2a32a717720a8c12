// Settings: of the command line and a file, in one format of keys. Each key is declared once, with its help text; the
// command line, the file, --help and the messages are made from that.
//
// The file has lines of `key = value` and comments after #. [segment NAME] begins a section about one segment. What the
// command line says wins over the file; segments and patterns of both count.
#ifndef LARDER_DAEMON_SETTINGS_HPP
#define LARDER_DAEMON_SETTINGS_HPP

#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "larder/options.hpp"

namespace larderd {

using std::chrono::milliseconds;

// How a segment is made that nobody has made yet.
struct segment_settings {
  bool create = false;
  larder::create_options options;
  std::string owner;  // user and group that it is given to; empty: the daemon's
  std::string group;
};

struct log_settings {
  std::string to = "stderr";  // or syslog, or a path
  std::string level = "info";
  bool json = false;
  std::uint64_t file_size = std::uint64_t{10} << 20;
  std::uint64_t files = 5;
  friend bool operator==(const log_settings&, const log_settings&) = default;
};

struct settings {
  std::vector<std::string> segments;  // by name
  std::vector<std::string> patterns;  // all whose names match
  std::map<std::string, segment_settings> sections;
  milliseconds sweep_interval{250};
  milliseconds reap_interval{50};
  milliseconds check_period{std::chrono::minutes(30)};  // of the whole segment; 0: never
  milliseconds hold_warning{std::chrono::seconds(30)};  // 0: never
  double reserve = 0.01;                                // of the cells of a size class; 0: no eviction ahead
  std::string metrics;                                  // unix:PATH or 127.0.0.1:PORT; empty: none
  log_settings log;
};

// The text names the file and line, or the option, and what to write instead.
class settings_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class request { run, check_config, help, version };

struct command_line {
  request what = request::run;
  std::string file;  // --config; empty: none
  std::vector<std::string> arguments;
};

// Both throw settings_error. load reads the file anew each time.
[[nodiscard]] command_line read_command_line(int argc, const char* const* argv);
[[nodiscard]] settings load(const command_line& line);

// What --help says.
[[nodiscard]] std::string help_text();

}  // namespace larderd

#endif  // LARDER_DAEMON_SETTINGS_HPP
