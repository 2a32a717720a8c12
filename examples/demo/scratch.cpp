// The file system, shared memory and signal calls behind scratch.hpp.
#include "scratch.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "larder/larder.hpp"

namespace demo {
namespace {

volatile std::sig_atomic_t interrupt_noted = 0;

void note_interrupt(int) { interrupt_noted = 1; }

void handle_interrupts(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, handler);
}

}  // namespace

scratch_directory::scratch_directory() {
  const char* const wanted = std::getenv("TMPDIR");
  std::string pattern = std::string(wanted && *wanted ? wanted : "/var/tmp") + "/larder-demo-XXXXXX";
  if (!mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
  path_ = pattern;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

scratch_segment::scratch_segment() : name_("larder-demo-" + std::to_string(getpid())) {}

scratch_segment::~scratch_segment() {
  try {
    larder::cache::remove(name_);
  } catch (const std::exception&) {  // the operating system refuses; nobody is left to tell
  }
}

void catch_interrupts() { handle_interrupts(note_interrupt); }

void release_interrupts() { handle_interrupts(SIG_DFL); }

void stop_if_interrupted() {
  if (interrupt_noted) throw interrupted();
}

}  // namespace demo
