// FIFO and LRU over one queue, with nothing left to choose: what the program proves its reading of traces by.
#ifndef LARDER_TESTS_BENCH_REPLAY_QUEUE_CACHE_HPP
#define LARDER_TESTS_BENCH_REPLAY_QUEUE_CACHE_HPP

#include <cstdint>
#include <vector>

#include "trace.hpp"

namespace replay {

enum class policy { fifo, lru };

// What a capacity counts: objects, whatever their sizes, or the bytes of keys and values.
enum class unit { objects, bytes };

// Keys are small numbers: the nodes of the queue are an array with one for each key. Node 0 is both ends of the queue.
class queue_cache {
 public:
  queue_cache(policy how, std::uint64_t capacity, std::uint32_t largest_key);

  // True on a hit; on a miss the key is stored. REQUIRES: 0 < key <= largest_key; cost > 0.
  [[nodiscard]] bool access(std::uint32_t key, std::uint64_t cost);

 private:
  struct node {
    std::uint64_t cost = 0;  // 0: not in the cache
    std::uint32_t newer = 0;
    std::uint32_t older = 0;
  };

  void unlink(std::uint32_t key);
  void link_newest(std::uint32_t key);

  policy policy_;
  std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::vector<node> nodes_;
};

// Misses divided by requests, from an empty cache.
[[nodiscard]] double miss_ratio(const trace& of, policy how, unit counted, std::uint64_t capacity);

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_QUEUE_CACHE_HPP
