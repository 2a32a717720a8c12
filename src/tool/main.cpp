// larder: the inspect/dump tool. See src/README.md for what it looks at, larder.1 for how it is used.
#include <signal.h>
#include <unistd.h>

#include "tool/command.hpp"

namespace {

// The segment's file can be cut short under us by whoever may write it; then reading it raises SIGBUS. There is nothing to
// go on with, but it is to be said.
void file_was_cut_short(int) {
  constexpr char text[] =
      "larder: the segment's file was cut short while it was read; remove it and let it be made anew\n";
  [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(static_cast<int>(larder::tool::exit_code::damaged));
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // `larder dump | head`: the writer learns it from write()
  ::signal(SIGBUS, &file_was_cut_short);
  return larder::tool::run_command_line({argv + 1, argv + argc});
}
