// An observer: cache_view maps the segment read-only, so the hardware itself keeps it from disturbing anyone. Dashboards
// and inspection tools attach like this.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "larder/larder.hpp"

int main() {
  const std::string name = "larder-read-only-attach-" + std::to_string(getpid());

  // The application.
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});
  cache.put("job:1", "running", {.flags = 1});
  cache.put("job:2", "waiting");
  cache.put("job:3", "waiting");

  // The observer, as it would be in another process. There is no put, and get_copy is the only read.
  const larder::cache_view view = larder::cache_view::open(name);
  std::cout << "job:1 is " << view.get_copy("job:1").value_or("unknown") << '\n';
  std::cout << "job:9 is " << view.get_copy("job:9").value_or("unknown") << '\n';

  cache.put("job:1", "finished");  // the view sees every change
  cache.erase("job:2");
  std::cout << "job:1 is " << view.get_copy("job:1").value_or("unknown") << '\n';

  // for_each has no order of its own.
  std::vector<std::string> lines;
  view.for_each([&](const larder::item_view& item) {
    lines.push_back(std::string(item.key) + " = " + std::string(item.value));
    return true;  // false would end the walk
  });
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) std::cout << line << '\n';

  const larder::stats numbers = view.stats();
  std::cout << numbers.items << " items, " << numbers.puts << " puts, " << numbers.erases << " erase\n";

  larder::cache::remove(name);
}
