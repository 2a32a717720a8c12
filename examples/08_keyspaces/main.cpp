// A keyspace is a namespace of keys inside a cache. One call invalidates all its items at once, for all processes, however
// many there are: nothing is searched for, nothing is listed.
#include <unistd.h>

#include <iostream>
#include <string>

#include "larder/larder.hpp"

int main() {
  const std::string name = "larder-keyspaces-" + std::to_string(getpid());
  larder::cache cache = larder::cache::create(name, {.capacity = 4u << 20});

  larder::keyspace templates = cache.keyspace("templates");
  larder::keyspace users = cache.keyspace("users");

  // The same key in two keyspaces, and in none, is three items.
  templates.put("index", "<h1>old design</h1>");
  users.put("index", "Ada, Grace");
  cache.put("index", "of the shop");
  std::cout << templates.get("index").view() << " | " << users.get("index").view() << " | " << cache.get("index").view()
            << '\n';

  for (int i = 0; i < 1000; ++i) templates.put("page:" + std::to_string(i), "<h1>old design</h1>");

  // A new design is out.
  templates.invalidate();
  std::cout << "templates: index is " << (templates.contains("index") ? "here" : "gone") << ", page:999 is "
            << (templates.contains("page:999") ? "here" : "gone") << '\n';
  std::cout << "users: index is " << (users.contains("index") ? "here" : "gone") << '\n';

  templates.put("index", "<h1>new design</h1>");
  std::cout << templates.get("index").view() << ", generation " << templates.generation() << '\n';

  larder::cache::remove(name);
}
