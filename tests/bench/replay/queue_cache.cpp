#include "queue_cache.hpp"

#include <cstddef>

namespace replay {

queue_cache::queue_cache(policy how, std::uint64_t capacity, std::uint32_t largest_key)
    : policy_(how), capacity_(capacity), nodes_(std::size_t{largest_key} + 1) {}

bool queue_cache::access(std::uint32_t key, std::uint64_t cost) {
  node& wanted = nodes_[key];
  if (wanted.cost != 0) {
    if (policy_ == policy::lru) {
      unlink(key);
      link_newest(key);
    }
    return true;
  }
  if (cost > capacity_) return false;
  while (used_ + cost > capacity_) {
    const std::uint32_t oldest = nodes_[0].newer;
    used_ -= nodes_[oldest].cost;
    nodes_[oldest].cost = 0;
    unlink(oldest);
  }
  wanted.cost = cost;
  used_ += cost;
  link_newest(key);
  return false;
}

void queue_cache::unlink(std::uint32_t key) {
  const node& leaving = nodes_[key];
  nodes_[leaving.newer].older = leaving.older;
  nodes_[leaving.older].newer = leaving.newer;
}

void queue_cache::link_newest(std::uint32_t key) {
  node& coming = nodes_[key];
  coming.newer = 0;
  coming.older = nodes_[0].older;
  nodes_[coming.older].newer = key;
  nodes_[0].older = key;
}

double miss_ratio(const trace& of, policy how, unit counted, std::uint64_t capacity) {
  queue_cache cache(how, capacity, of.largest_key);
  std::uint64_t misses = 0;
  for (const request& each : of.requests) {
    const std::uint64_t cost = counted == unit::bytes ? key_size + each.value_size : 1;
    misses += cache.access(each.key, cost) ? 0U : 1U;
  }
  return static_cast<double>(misses) / static_cast<double>(of.requests.size());
}

}  // namespace replay
