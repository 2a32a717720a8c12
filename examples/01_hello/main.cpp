// Create a cache, store something, find it again. Any process of this user that opens the same name sees the same items.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "larder/larder.hpp"

using namespace std::chrono_literals;

int main() {
  const std::string name = "larder-hello-" + std::to_string(getpid());  // an application would choose a fixed name

  // Whoever comes first creates the segment, all others attach to it. Only such set-up calls throw.
  larder::cache cache = larder::cache::open_or_create(name, {.capacity = 4u << 20});

  cache.put("greeting", "Hello from shared memory.");
  if (larder::read_handle hit = cache.get("greeting")) std::cout << hit.view() << '\n';

  // A miss is not an error: the handle is empty, and you go to where the value really is.
  if (!cache.get("farewell")) std::cout << "No farewell yet.\n";

  cache.put("ticket", "valid for 50 ms", {.ttl = 50ms});
  std::cout << "The ticket is " << (cache.contains("ticket") ? "here" : "gone") << ".\n";
  std::this_thread::sleep_for(100ms);
  std::cout << "The ticket is " << (cache.contains("ticket") ? "here" : "gone") << ".\n";

  // Until somebody removes it, a segment outlives the processes that use it.
  larder::cache::remove(name);
}
