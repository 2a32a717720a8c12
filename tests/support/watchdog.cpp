// The watchdog's signal handler may only write and abort, so the name is copied when it is armed.
#include "support/watchdog.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "support/random.hpp"

namespace support {
namespace {

constexpr unsigned patience = 300;  // seconds; sanitizers on a loaded machine included

char watched[256];

void say(const char* text) noexcept {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;  // nothing else can be done about it here
}

void bark(int) {
  say("watchdog: this hangs, aborting: ");
  say(watched);
  say("\n");
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

}  // namespace

void arm_watchdog(const char* name) noexcept {
  std::strncpy(watched, name, sizeof watched - 1);
  std::signal(SIGALRM, bark);
  ::alarm(patience + 4 * static_cast<unsigned>(stress_time().count() / 1000));
}

void disarm_watchdog() noexcept { ::alarm(0); }

}  // namespace support
