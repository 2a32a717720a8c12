// Bytes that an item takes beyond its key and value, everything counted: the capacity of a segment (which holds header,
// table, page directory, ghosts and all) divided by the items in it when it is full.
#include <cstdio>

#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr std::size_t capacity = 142'000'000;  // about 10^6 items
constexpr std::size_t value_size = 100;
constexpr std::size_t payload = shortest_key + value_size;

double overhead(std::size_t items) { return static_cast<double>(capacity) / static_cast<double>(items) - payload; }

}  // namespace

void run_memory(const context& ctx) {
  const std::string name = "memory/1M/16+100B/larder";
  if (!ctx.chosen.wants(name)) return;
  std::fprintf(stderr, "memory: filling %zu bytes\n", capacity);
  larder_cache cache(capacity, ctx.chosen.huge_pages);
  block b(value_size, key_sizes::shortest);
  key_index next = 0;
  const auto insert_block = [&] {
    fill(cache, in_order(next, block::capacity), b);
    next += block::capacity;
  };
  while (cache.stats().evictions == 0) insert_block();
  const std::size_t at_first_eviction = cache.count_items();
  while (next < 3 * at_first_eviction) insert_block();
  const std::size_t later = cache.count_items();
  ctx.into.add(name, "B", overhead(at_first_eviction));
  ctx.into.add("memory after 3 times as many inserts/1M/16+100B/larder", "B", overhead(later));
  table lines({"capacity 142,000,000 bytes, keys 16 B, values 100 B", "items", "overhead B/item"});
  lines.row(
      {"when the first item was evicted", std::to_string(at_first_eviction), cell(overhead(at_first_eviction), 1)});
  lines.row({"after 3 times as many inserts", std::to_string(later), cell(overhead(later), 1)});
  std::printf("\nMemory beyond key and value\n%s", lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace bench
