// Several keys in one call: their memory is fetched at the same time, so a page that needs thirty items does not wait
// thirty times.
#include <unistd.h>

#include <array>
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>

#include "larder/larder.hpp"

int main() {
  const std::string name = "larder-batch-get-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});

  cache.put("price:apple", "0.40");
  cache.put("price:bread", "3.20");
  cache.put("price:milk", "1.15");

  constexpr std::array<std::string_view, 4> keys = {"price:apple", "price:bread", "price:caviar", "price:milk"};
  std::array<larder::read_handle, keys.size()> prices;
  const std::size_t hits = cache.multi_get(keys, prices);

  std::cout << hits << " of " << keys.size() << " found\n";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::cout << keys[i] << ": " << (prices[i] ? prices[i].view() : "not in the cache") << '\n';
  }

  larder::cache::remove(name);
}
