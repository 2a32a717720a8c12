// What larder is made for: a server that forks workers. The cache is opened once, before the fork, and simply used in the
// children. What one worker has loaded, all have.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "larder/larder.hpp"

// The slow place where pages come from. It counts its calls in the cache, to show how many there were.
std::string load_page(larder::cache& cache, const std::string& key) {
  const std::int64_t load = cache.incr("loads").value();
  return "contents of " + key + ", load number " + std::to_string(load);
}

void serve(larder::cache& cache, int requests) {
  for (int request = 0; request < requests; ++request) {
    const std::string key = "page:" + std::to_string(request % 10);
    if (!cache.get(key)) cache.put(key, load_page(cache, key));
    if (!cache.incr("requests")) std::cerr << "A request was not counted.\n";
  }
}

int main() {
  const std::string name = "larder-prefork-workers-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});
  cache.put("config", "greeting=hello");

  constexpr int workers = 4;
  for (int worker = 0; worker < workers; ++worker) {
    if (fork() == 0) {
      // No call is needed here: the child takes a place of its own in the segment when it first uses the cache.
      const larder::read_handle config = cache.get("config");
      serve(cache, 1000);
      cache.put("report:" + std::to_string(worker), config ? "served with " + std::string(config.view()) : "no config");
      _exit(0);
    }
    wait(nullptr);  // one worker after the other, only so that this example always prints the same
  }

  for (int worker = 0; worker < workers; ++worker) {
    std::cout << "Worker " << worker << ": " << cache.get("report:" + std::to_string(worker)).view() << '\n';
  }
  std::cout << cache.incr("requests", 0).value() << " requests for 10 pages, " << cache.incr("loads", 0).value()
            << " loads.\n";

  larder::cache::remove(name);
}
