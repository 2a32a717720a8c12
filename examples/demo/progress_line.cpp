// Everything is flushed at once, so that a forked child inherits no text to print a second time.
#include "progress_line.hpp"

#include <unistd.h>

#include <iostream>

#include "scratch.hpp"

namespace demo {

progress_line::progress_line(const std::string& title)
    : on_terminal_(isatty(STDOUT_FILENO) == 1), last_shown_(std::chrono::steady_clock::now()) {
  std::cout << title << '\n' << std::flush;
}

void progress_line::update(const std::function<std::string()>& text) {
  stop_if_interrupted();
  const auto now = std::chrono::steady_clock::now();
  if (now - last_shown_ < std::chrono::milliseconds(on_terminal_ ? 100 : 1000)) return;
  last_shown_ = now;
  std::cout << (on_terminal_ ? "\r\x1b[K" : "") << "      " << text() << (on_terminal_ ? "" : "\n") << std::flush;
}

void progress_line::finish(const std::string& outcome) {
  std::cout << (on_terminal_ ? "\r\x1b[K" : "") << "      " << outcome << '\n' << std::flush;
}

}  // namespace demo
