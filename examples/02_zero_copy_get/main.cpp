// A get copies nothing: the handle shows the bytes where they are, in shared memory, as text or as a struct. It pins that
// one version of the item, so the bytes stay as they are whatever happens to the key.
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "larder/larder.hpp"

// Plain data without pointers: another process maps it at another address.
struct profile {
  std::uint64_t user;
  std::uint32_t logins;
  char name[20];
};

int main() {
  const std::string segment = "larder-zero-copy-get-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(segment, {.capacity = 4u << 20});

  cache.put("user:42", larder::object_bytes(profile{42, 7, "Ada"}));
  const larder::read_handle before = cache.get("user:42");
  if (const profile* ada = before.as<profile>()) {
    std::cout << ada->name << " has logged in " << ada->logins << " times.\n";
  }

  // Somebody overwrites the item, and then erases it. The handle still shows what it showed.
  cache.put("user:42", larder::object_bytes(profile{42, 8, "Ada"}));
  {
    const larder::read_handle after = cache.get("user:42");
    std::cout << "Old handle: " << before.as<profile>()->logins << ", new handle: " << after.as<profile>()->logins
              << ".\n";
    std::cout << "The version has grown: " << std::boolalpha << (before.version() < after.version()) << ".\n";
  }  // the newer version's pin ends here
  cache.erase("user:42");
  std::cout << "Erased, and the old handle still says " << before.as<profile>()->logins << ".\n";

  // as<T>() checks the size, so the wrong struct gives nothing rather than nonsense.
  std::cout << "As a 4-byte number: " << (before.as<std::uint32_t>() ? "a value" : "nothing") << ".\n";

  // Handles are for short use: pinned memory cannot be given to other items. To keep a value, copy it.
  cache.put("motto", "borrow, do not hoard");
  const std::string mine = cache.get_copy("motto").value_or("");
  std::cout << "My own copy: " << mine << ".\n";

  larder::cache::remove(segment);
}
