#include "larder_cache.hpp"

#include <unistd.h>

#include "shared_region.hpp"

namespace bench {
namespace {

larder::cache create_unnamed(std::size_t capacity, bool huge_pages) {
  static int made = 0;
  const std::string name = "larder-bench-" + std::to_string(::getpid()) + "-" + std::to_string(made++);
  larder::cache cache = larder::cache::create(name, {.capacity = capacity, .huge_pages = huge_pages});
  larder::cache::remove(name);
  return cache;
}

}  // namespace

larder_cache::larder_cache(std::size_t capacity, bool huge_pages) : cache_(create_unnamed(capacity, huge_pages)) {}

std::size_t larder_cache::capacity_for(std::size_t items, std::size_t value_size) {
  constexpr std::size_t huge_page = std::size_t{2} << 20;
  constexpr std::size_t spare = std::size_t{32} << 20;
  const std::size_t bytes = items * (longest_key + value_size + 32);
  return (bytes + bytes / 8 + spare) / huge_page * huge_page;
}

std::size_t larder_cache::count_items() {
  std::size_t count = 0;
  cache_.for_each([&](const larder::item_view&) { return ++count > 0; });
  return count;
}

std::uint64_t larder_cache::bytes_of_values() {
  std::uint64_t bytes = 0;
  cache_.for_each([&](const larder::item_view& item) {
    bytes += item.value.size();
    return true;
  });
  return bytes;
}

std::string larder_cache::pages(std::string_view key) {
  const larder::read_handle handle = cache_.get(key);
  return page_size_name(huge_share(handle.bytes().data()));
}

}  // namespace bench
