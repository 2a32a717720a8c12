// A program of somebody else's project: it stores one value in a cache of its own and prints what it reads back.
#include <unistd.h>

#include <iostream>
#include <string>

#include "larder/larder.hpp"

int main() {
  const std::string name = "larder-consumer-" + std::to_string(::getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = larder::min_capacity});
  larder::cache::remove(name);  // as with unlink(2), it stays usable here

  if (!larder::ok(cache.put("answer", "42"))) return 1;
  const larder::read_handle hit = cache.get("answer");
  if (!hit) return 1;
  std::cout << "answer = " << hit.view() << '\n';
}
