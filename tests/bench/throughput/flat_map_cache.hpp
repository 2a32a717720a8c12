// The private map to compare with: boost::unordered_flat_map of strings, as an application would use it for itself. No
// lock, no bound, no sharing. Keys are looked up as string_view, so that no string is made for a get.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_FLAT_MAP_CACHE_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_FLAT_MAP_CACHE_HPP

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "shared_region.hpp"
#include "workload.hpp"

namespace bench {

class flat_map_cache {
 public:
  static constexpr std::string_view name = "flat_map";

  [[nodiscard]] std::uint64_t get(std::string_view key) const noexcept {
    const auto found = map_.find(key);
    return found == map_.end() ? 0 : mark_in(found->second);
  }

  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) const {
    const auto found = map_.find(key);
    if (found == map_.end()) return false;
    out.assign(found->second);
    return true;
  }

  // Whether it was done.
  bool put(std::string_view key, std::string_view value) {
    if (const auto found = map_.find(key); found != map_.end()) {
      found->second.assign(value);
      return true;
    }
    return insert(key, value);
  }
  bool insert(std::string_view key, std::string_view value) { return map_.emplace(key, value).second; }
  bool add(std::string_view key, std::string_view value) { return insert(key, value); }
  bool erase(std::string_view key) {
    const auto found = map_.find(key);
    if (found == map_.end()) return false;
    map_.erase(found);
    return true;
  }

  // The counter's new value; an absent one is created.
  std::int64_t incr(std::string_view key) {
    auto found = map_.find(key);
    if (found == map_.end()) found = map_.emplace(key, std::string(sizeof(std::int64_t), '\0')).first;
    std::int64_t count = 0;
    std::memcpy(&count, found->second.data(), sizeof count);
    ++count;
    std::memcpy(found->second.data(), &count, sizeof count);
    return count;
  }

  // Of the heap that the values are in.
  [[nodiscard]] std::string pages() const {
    return page_size_name(map_.empty() ? 0 : huge_share(map_.begin()->second.data()));
  }

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return boost::hash<std::string_view>()(key); }
  };

  boost::unordered_flat_map<std::string, std::string, hash, std::equal_to<>> map_;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_FLAT_MAP_CACHE_HPP
