// Changes that depend on the value before: counters for numbers, compare-and-swap for everything else. Both are safe
// against all threads of all processes.
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include "larder/larder.hpp"

// Adds a word to a list that others may change meanwhile: read it, change it, and store it only if it is still the
// version that was read; if it is not, begin again.
larder::status add_word(larder::cache& cache, std::string_view key, std::string_view word) {
  for (;;) {
    const larder::read_handle now = cache.get(key);
    larder::status outcome = larder::status::ok;
    if (now) {
      outcome = cache.cas(key, now.version(), std::string(now.view()).append(" ").append(word));
    } else {
      outcome = cache.add(key, word);
    }
    const bool outrun = outcome == larder::status::version_mismatch || outcome == larder::status::exists ||
                        outcome == larder::status::not_found;
    if (!outrun) return outcome;
  }
}

int main() {
  const std::string name = "larder-counters-cas-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});

  // Four processes count to 1000 each; no count is lost.
  for (int process = 0; process < 4; ++process) {
    if (fork() == 0) {
      for (int i = 0; i < 1000; ++i) {
        if (!cache.incr("visitors")) _exit(1);
      }
      _exit(larder::ok(add_word(cache, "guests", "guest")) ? 0 : 1);
    }
  }
  while (wait(nullptr) > 0) {
  }
  std::cout << "Visitors: " << cache.incr("visitors", 0).value() << '\n';
  std::cout << "Guests: " << cache.get("guests").view() << '\n';

  // A counter may start anywhere and go down, too.
  std::cout << "Tickets left: " << cache.decr("tickets", 1, {.initial = 10}).value() << '\n';

  // Two editors have read the same version. The first one wins, the second one is told.
  cache.put("draft", "v0");
  const larder::version read_by_both = cache.get("draft").version();
  std::cout << "First editor: " << larder::ok(cache.cas("draft", read_by_both, "v1, first")) << '\n';
  std::cout << "Second editor: " << larder::ok(cache.cas("draft", read_by_both, "v1, second")) << '\n';
  std::cout << "Draft: " << cache.get("draft").view() << '\n';

  larder::cache::remove(name);
}
