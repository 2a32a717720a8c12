#include "tool/output/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tool/exit.hpp"

namespace larder::tool {
namespace {

const char* sequence_of(tint how) noexcept {
  switch (how) {
    case tint::good:
      return "\033[32m";
    case tint::warning:
      return "\033[33m";
    case tint::bad:
      return "\033[31m";
    case tint::faint:
      return "\033[2m";
    case tint::strong:
      return "\033[1m";
    case tint::none:
      break;
  }
  return "";
}

bool wants_colour(bool is_terminal, std::string_view colour) {
  if (colour == "always") return true;
  if (colour == "never") return false;
  if (colour != "auto") fail_usage("--color is not '" + std::string(colour) + "'", "write auto, always or never");
  const char* no = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return is_terminal && (no == nullptr || *no == '\0') && (kind == nullptr || std::strcmp(kind, "dumb") != 0);
}

}  // namespace

terminal::terminal(int descriptor, std::string_view colour)
    : descriptor_(descriptor), for_people_(::isatty(descriptor) == 1), colour_(wants_colour(for_people_, colour)) {}

std::size_t terminal::width() const noexcept {
  winsize size{};
  return ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

std::string terminal::tinted(std::string_view text, tint how) const {
  if (!colour_ || how == tint::none || text.empty()) return std::string(text);
  return sequence_of(how) + std::string(text) + "\033[0m";
}

bool writer::is_read() noexcept {
  pollfd reader{descriptor_, 0, 0};  // POLLERR comes unasked
  if (::poll(&reader, 1, 0) > 0 && (reader.revents & (POLLERR | POLLHUP)) != 0) wanted_ = false;
  return wanted_;
}

void writer::flush() {
  for (std::size_t done = 0; wanted_ && done < text_.size();) {
    const ssize_t step = ::write(descriptor_, text_.data() + done, text_.size() - done);
    if (step > 0) {
      done += static_cast<std::size_t>(step);
    } else if (step < 0 && errno == EPIPE) {
      wanted_ = false;
    } else if (step < 0 && errno != EINTR) {
      const std::string why = std::strerror(errno);
      text_.clear();
      throw failure(exit_code::cannot_open, "the output cannot be written: " + why, "make room, or write elsewhere");
    }
  }
  text_.clear();
}

}  // namespace larder::tool
