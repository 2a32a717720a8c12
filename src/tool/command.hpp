// command: one word of the command line that does something: what it is called, what it accepts, what it does. Each is
// defined in a file of its own in commands/ and listed in commands.hpp.
#ifndef LARDER_TOOL_COMMAND_HPP
#define LARDER_TOOL_COMMAND_HPP

#include <boost/program_options.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tool/exit.hpp"
#include "tool/output/escape.hpp"
#include "tool/output/sheet.hpp"
#include "tool/output/terminal.hpp"
#include "tool/output/units.hpp"
#include "tool/source/source.hpp"

namespace larder::tool {

namespace po = boost::program_options;

// A command line that was understood.
class request {
 public:
  request(std::vector<std::string> words, po::variables_map values)
      : words_(std::move(words)), values_(std::move(values)) {}

  // What stands on the line beside the options.
  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
  [[nodiscard]] const std::string& word(std::size_t i) const { return words_.at(i); }

  [[nodiscard]] bool has(const char* option) const {
    return values_.count(option) != 0 && !values_[option].defaulted();
  }
  [[nodiscard]] bool flag(const char* option) const { return values_.count(option) != 0 && values_[option].as<bool>(); }
  [[nodiscard]] std::string text(const char* option) const { return values_[option].as<std::string>(); }
  [[nodiscard]] bool json() const { return flag("json"); }

  // Of an option that was given. Throw failure(usage).
  [[nodiscard]] std::uint64_t number(const char* option) const { return parse_number(text(option)); }
  [[nodiscard]] std::uint32_t small_number(const char* option) const {
    const std::uint64_t value = number(option);
    if (value > 0xFFFF'FFFFU)
      fail_usage("--" + std::string(option) + " is at most 4294967295", "write a smaller number");
    return static_cast<std::uint32_t>(value);
  }
  [[nodiscard]] std::uint64_t bytes(const char* option) const { return parse_bytes(text(option)); }
  [[nodiscard]] std::uint64_t milliseconds(const char* option) const { return parse_milliseconds(text(option)); }
  // How long to look: --for, or else `usual`.
  [[nodiscard]] std::chrono::milliseconds duration(std::chrono::milliseconds usual) const {
    const std::chrono::milliseconds length = has("for") ? std::chrono::milliseconds(parse_seconds(text("for"))) : usual;
    if (length > std::chrono::hours(24 * 365)) fail_usage("--for is at most 365d", "write a shorter time");
    return length;
  }

  // The segment that the first word names; and its image, as of the time that --clock says.
  [[nodiscard]] source open_source() const { return source::open(word(0)); }
  [[nodiscard]] image open_image(const source& from) const {
    return image::of(from, has("clock") ? std::optional(number("clock")) : std::nullopt);
  }

 private:
  std::vector<std::string> words_;
  po::variables_map values_;
};

// Where a command puts what it found.
struct output {
  writer& out;
  const terminal& where;

  // As text, or as JSON if that was asked for.
  void show(const request& asked, const document& all) const {
    asked.json() ? write_json(all, out.text()) : write_text(all, where, out.text());
    out.flush();
  }
};

struct command {
  std::string_view name;
  std::string_view arguments;  // "SEGMENT KEY [VALUE]"
  std::size_t least = 0;       // words
  std::size_t most = 0;
  std::string_view summary;                           // one line
  std::string_view details;                           // what --help says below
  void (*declare)(po::options_description& options);  // may be null
  exit_code (*run)(const request& asked, const output& to);
};

// Declares an option with a text value and without.
void add_option(po::options_description& options, const char* names, const char* what);
void add_flag(po::options_description& options, const char* names, const char* what);

// Runs the command line; returns the exit code and has told on stderr what went wrong.
[[nodiscard]] int run_command_line(const std::vector<std::string>& line);

}  // namespace larder::tool

#endif  // LARDER_TOOL_COMMAND_HPP
