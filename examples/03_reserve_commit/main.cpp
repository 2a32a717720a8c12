// A put copies a value that exists; reserve gives room in shared memory, where the value is made. Nobody sees it before
// commit, and a reservation that is dropped on the way leaves no trace.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <span>
#include <string>

#include "larder/larder.hpp"

// Writes a page straight into `room`; returns its length.
std::size_t render(std::span<std::byte> room) {
  const int length =
      std::snprintf(reinterpret_cast<char*>(room.data()), room.size(), "<h1>%s</h1><p>%d visitors</p>", "Larder", 1234);
  return std::min(static_cast<std::size_t>(length), room.size());
}

int main() {
  const std::string name = "larder-reserve-commit-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});

  // How long the page will be is not known yet, so reserve the most it can be and commit what it is.
  if (auto page = cache.reserve("page:/", 4096)) {
    const std::size_t length = render(page->bytes());
    std::cout << "Before commit: " << (cache.contains("page:/") ? "visible" : "not visible") << ".\n";
    const larder::status outcome = page->commit(length);
    std::cout << "Commit of " << length << " bytes: " << larder::to_string(outcome) << ".\n";
  }
  if (const larder::read_handle page = cache.get("page:/")) std::cout << page.view() << '\n';

  // The new version could not be rendered: the old one stays.
  if (auto page = cache.reserve("page:/", 4096)) page->abandon();
  std::cout << "After an abandoned one: " << cache.get("page:/").view().size() << " bytes, as before.\n";

  // What can never fit is refused with a reason, and nothing is disturbed.
  const auto refused = cache.reserve("page:/all", std::size_t{1} << 30);
  std::cout << "A gibibyte in 4 MiB: " << (refused ? "reserved" : "refused") << "; too_large: " << std::boolalpha
            << (refused.error() == larder::status::too_large) << ".\n";

  larder::cache::remove(name);
}
