// larder as the benchmarks use it: through its public interface only.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_LARDER_CACHE_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_LARDER_CACHE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "larder/larder.hpp"
#include "workload.hpp"

namespace bench {

class larder_cache {
 public:
  static constexpr std::string_view name = "larder";
  static constexpr std::size_t batch = 32;

  // The segment has no name once this returns, so that it vanishes with the last process that is attached to it.
  larder_cache(std::size_t capacity, bool huge_pages);

  // A capacity that holds so many items, with room to spare.
  [[nodiscard]] static std::size_t capacity_for(std::size_t items, std::size_t value_size);

  // Pins the item, reads the mark in place, releases.
  [[nodiscard]] std::uint64_t get(std::string_view key) noexcept { return mark_in(cache_.get(key).view()); }

  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) { return cache_.get_copy(key, out); }

  // The marks of so many keys at once; 0 for a key that is absent. REQUIRES: at most `batch` keys.
  void get_batch(std::span<const std::string_view> keys, std::span<std::uint64_t> marks) noexcept {
    cache_.multi_get(keys, std::span(handles_).first(keys.size()));
    for (std::size_t at = 0; at < keys.size(); ++at) {
      marks[at] = mark_in(handles_[at].view());
      handles_[at].release();
    }
  }

  // Whether it was done.
  bool put(std::string_view key, std::string_view value) noexcept { return ok(cache_.put(key, value)); }
  bool insert(std::string_view key, std::string_view value) noexcept { return put(key, value); }
  bool put(std::string_view key, std::string_view value, const larder::put_options& options) noexcept {
    return ok(cache_.put(key, value, options));
  }
  [[nodiscard]] larder::keyspace keyspace() { return cache_.keyspace("bench"); }
  bool add(std::string_view key, std::string_view value) noexcept { return ok(cache_.add(key, value)); }
  bool erase(std::string_view key) noexcept { return ok(cache_.erase(key)); }

  // The counter's new value; an absent one is created. 0 if it could not be counted.
  std::int64_t incr(std::string_view key) noexcept { return cache_.incr(key).value_or(0); }

  [[nodiscard]] larder::subscription subscribe() { return cache_.subscribe(); }

  [[nodiscard]] larder::stats stats() const noexcept { return cache_.stats(); }

  // The number of items, and the bytes of their values, counted one by one.
  [[nodiscard]] std::size_t count_items();
  [[nodiscard]] std::uint64_t bytes_of_values();

  // Page size of the memory that the value of this key is in. REQUIRES: it is there.
  [[nodiscard]] std::string pages(std::string_view key);

 private:
  larder::cache cache_;
  std::array<larder::read_handle, batch> handles_;  // empty between calls
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_LARDER_CACHE_HPP
