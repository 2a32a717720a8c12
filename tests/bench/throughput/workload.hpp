// Keys, values and the order in which they are asked for: the same for every subject of a comparison.
//
// Key number i is 16 hexadecimal digits that only i has, and 0 to 24 bytes more (or of other sizes, where these are what is
// compared); the value of key i starts with 8 bytes that only i has (its mark, never 0), so that a get can be checked by one
// comparison.
//
// A key that is written just before it is looked up makes the processor wait for its own stores, and gets that would
// overlap run one after the other: three times the time of a get. So keys, and values to be written, are made a block
// ahead, outside the clock.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_WORKLOAD_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_WORKLOAD_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// A bijection that spreads its argument over all 64 bits; 0 only for 0.
[[nodiscard]] constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
  return x ^ (x >> 33);
}

// splitmix64: small, fast, good enough to choose keys with.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(scramble(seed + 1)) {}
  std::uint64_t next() noexcept { return scramble(state_ += 0x9e3779b97f4a7c15U); }
  // 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
  }
  // 0 to 1, without 1.
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

using key_index = std::uint32_t;

inline constexpr std::size_t shortest_key = 16;
inline constexpr std::size_t longest_key = 40;

enum class key_sizes : std::uint8_t { mixed, shortest, few, many };  // 16 to 40 bytes; 16; 7 to 15; 49 to 100
inline constexpr std::size_t most_of_a_key = 100;

// Writes key number `index` to `out`, which has room for most_of_a_key bytes. Returns its size. REQUIRES: of keys of few
// bytes, fewer than 2^28 are asked for.
std::size_t write_key(key_index index, key_sizes sizes, char* out) noexcept;

[[nodiscard]] constexpr std::uint64_t mark_of(key_index index) noexcept { return scramble(std::uint64_t{index} + 1); }

// The mark in a value that was read; 0 of one that is too short to have one.
[[nodiscard]] inline std::uint64_t mark_in(std::string_view value) noexcept {
  std::uint64_t mark = 0;
  if (value.size() >= sizeof mark) std::memcpy(&mark, value.data(), sizeof mark);
  return mark;
}

// Order of asking: each key equally often; Zipf's law with exponent 0.99; or one key only.
enum class distribution : std::uint8_t { uniform, zipf, hot };

// Draws `count` of the keys first .. first + items - 1. The ranks of Zipf's law are scattered over the keys.
[[nodiscard]] std::vector<key_index> draw(distribution kind, key_index first, key_index items, std::size_t count,
                                          std::uint64_t seed);

// The numbers first .. first + count - 1 in this order.
[[nodiscard]] std::vector<key_index> in_order(key_index first, std::size_t count);

// Operations that are made ready before the clock starts.
class block {
 public:
  static constexpr std::size_t capacity = 512;

  // value_size: of the values to be written. REQUIRES: 8 or more.
  block(std::size_t value_size, key_sizes sizes = key_sizes::mixed);

  // Makes keys and marks ready. REQUIRES: at most capacity indices.
  void make_keys(std::span<const key_index> indices) noexcept;
  // And the values. REQUIRES: at most writes() indices.
  void make_items(std::span<const key_index> indices) noexcept;

  // How many values a block has room for: fewer if they are large.
  [[nodiscard]] std::size_t writes() const noexcept { return writes_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view key(std::size_t at) const noexcept { return keys_[at]; }
  [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return std::span(keys_).first(size_); }
  [[nodiscard]] std::uint64_t mark(std::size_t at) const noexcept { return marks_[at]; }
  [[nodiscard]] std::string_view value(std::size_t at) const noexcept {
    return {values_.data() + at * stride_, value_size_};
  }

 private:
  std::size_t size_ = 0;
  std::size_t value_size_;
  std::size_t stride_;
  std::size_t writes_;
  key_sizes sizes_;
  std::array<std::string_view, capacity> keys_;
  std::array<std::uint64_t, capacity> marks_{};
  std::vector<char> text_;
  std::vector<char> values_;
};

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_WORKLOAD_HPP
