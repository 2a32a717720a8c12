// How the tool ends: an exit code that scripts can go by, and for errors a text that says what to do next.
#ifndef LARDER_TOOL_EXIT_HPP
#define LARDER_TOOL_EXIT_HPP

#include <cstdint>
#include <stdexcept>
#include <string>

namespace larder::tool {

enum class exit_code : std::uint8_t {
  yes = 0,          // done; found; sound
  no = 1,           // not there, or the cache refused
  usage = 2,        // the command line is not understood
  cannot_open = 3,  // no such segment, no permission, no segment, another version; or the output cannot be written
  damaged = 4,      // the segment breaks its own rules
};

// Ends the command. Told as `what; remedy`, without a full stop: what is wrong, and what to do about it, as an imperative.
class failure : public std::runtime_error {
 public:
  failure(exit_code code, const std::string& what, const std::string& remedy)
      : std::runtime_error(what + "; " + remedy), code_(code) {}
  [[nodiscard]] exit_code code() const noexcept { return code_; }

 private:
  exit_code code_;
};

[[noreturn]] inline void fail_usage(const std::string& what, const std::string& remedy) {
  throw failure(exit_code::usage, what, remedy);
}

}  // namespace larder::tool

#endif  // LARDER_TOOL_EXIT_HPP
