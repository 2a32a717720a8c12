#include "segment_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace replay {
namespace {

class hex_key {
 public:
  explicit hex_key(std::uint32_t number) noexcept {
    digits_.fill('0');
    for (auto digit = digits_.rbegin(); number != 0; number /= 16) *digit++ = "0123456789abcdef"[number % 16];
  }
  [[nodiscard]] std::string_view view() const noexcept { return {digits_.data(), digits_.size()}; }

 private:
  std::array<char, key_size> digits_;
};

// A segment that has no name any more: nothing is left of it, however the program ends.
larder::cache make_segment(std::size_t capacity) {
  const std::string name = "larder-replay-" + std::to_string(getpid());
  larder::create_options options;
  options.capacity = capacity;
  options.huge_pages = false;
  larder::cache made = larder::cache::create(name, options);
  larder::cache::remove(name);
  return made;
}

class player {
 public:
  player(larder::cache& to, const trace& of) : cache_(to) {
    std::uint32_t largest = 0;
    for (const request& each : of.requests) largest = std::max(largest, each.value_size);
    value_.resize(largest, 'v');
  }

  // True on a hit; stores on a miss.
  bool serve(const request& wanted) {
    const hex_key key(wanted.key);
    if (const larder::read_handle found = cache_.get(key.view())) {
      if (found.view() != value_of(wanted))
        throw std::runtime_error("a get of " + std::string(key.view()) + " gave wrong bytes");
      return true;
    }
    // Refusals are counted by the segment; the next request of the key is a miss again then.
    cache_.put(key.view(), value_of(wanted));
    return false;
  }

 private:
  // Starts with the key's number, as far as it has room for that.
  std::string_view value_of(const request& wanted) {
    std::memcpy(value_.data(), &wanted.key, std::min<std::size_t>(wanted.value_size, sizeof wanted.key));
    return {value_.data(), wanted.value_size};
  }

  larder::cache& cache_;
  std::string value_;
};

}  // namespace

segment_result run_segment(const trace& of, std::size_t capacity, bool check) {
  larder::cache cache = make_segment(capacity);
  player play(cache, of);
  segment_result result;
  const auto start = std::chrono::steady_clock::now();
  for (const request& each : of.requests) result.misses += play.serve(each) ? 0U : 1U;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto requests = static_cast<double>(of.requests.size());
  result.miss_ratio = static_cast<double>(result.misses) / requests;
  result.requests_per_second = requests / took.count();
  result.stats = cache.stats();
  if (check) {
    for (const larder::violation& each : cache.check().violations) {
      result.violations.push_back("I" + std::to_string(each.invariant) + ": " + each.what);
    }
  }
  return result;
}

}  // namespace replay
