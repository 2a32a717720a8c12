// A private copy in front of the cache: what takes long to decode is decoded once in each process, and again only when
// somebody, in whatever process, has changed it.
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "larder/larder.hpp"

class price_list {
 public:
  explicit price_list(larder::cache& cache) : cache_(cache), changes_(cache.subscribe({.prefix = "price:"})) {}

  // The price in cents, or nothing.
  std::optional<long> of(const std::string& key) {
    forget_what_has_changed();
    const auto known = decoded_.find(key);
    if (known != decoded_.end()) return known->second;
    const std::optional<std::string> text = cache_.get_copy(key);
    if (!text) return std::nullopt;
    std::cout << "  (decoding " << key << ")\n";
    return decoded_[key] = std::stol(*text);
  }

  void forget_what_has_changed() {
    while (const std::optional<larder::change> told = changes_.next()) {
      if (told->kind == larder::change_kind::missed) {
        std::cout << "  (missed " << told->count << " changes: forgetting everything)\n";
        decoded_.clear();
      } else if (decoded_.erase(std::string(told->key)) != 0) {
        std::cout << "  (" << told->key << " was " << to_string(told->kind) << ")\n";
      }
    }
  }

 private:
  larder::cache& cache_;
  larder::subscription changes_;  // first: what is read from here on is announced when it changes
  std::map<std::string, long> decoded_;
};

// Runs in another process.
template <class Work>
void elsewhere(Work work) {
  if (fork() == 0) {
    work();
    _exit(0);
  }
  wait(nullptr);
}

int main() {
  const std::string name = "larder-private-copy-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 1u << 20});
  cache.put("price:apple", "40");
  cache.put("price:bread", "320");

  price_list prices(cache);
  const auto show = [&](const std::string& key) {
    const std::optional<long> price = prices.of(key);
    std::cout << key << ": " << (price ? std::to_string(*price) : "sold out") << '\n';
  };
  show("price:apple");
  show("price:bread");
  show("price:apple");

  elsewhere([&] {
    cache.put("price:apple", "45");
    cache.put("weather", "fine");
  });
  show("price:apple");
  show("price:bread");

  elsewhere([&] { cache.erase("price:bread"); });
  show("price:bread");

  // Nobody waits for one who does not listen: it is overtaken, and told so.
  elsewhere([&] {
    for (int i = 1; i <= 10'000; ++i) cache.put("price:apple", std::to_string(i));
  });
  show("price:apple");

  // Without a subscription: is the copy that was made of this version still right?
  const larder::version before = cache.get("price:apple").version();
  elsewhere([&] { cache.put("price:apple", "50"); });
  std::cout << "What was read before is " << (cache.is_current("price:apple", before) ? "current" : "old") << ".\n";

  larder::cache::remove(name);
}
