// spread: how many items have how large a number: a histogram with a bucket for each doubling.
#ifndef LARDER_TOOL_SOURCE_SPREAD_HPP
#define LARDER_TOOL_SOURCE_SPREAD_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace larder::tool {

class spread {
 public:
  // Bucket 0 holds 0, bucket i the numbers from 2^(i-1) to 2^i - 1.
  static constexpr std::size_t bucket_count = 65;

  void add(std::uint64_t number) noexcept {
    ++counts_[static_cast<std::size_t>(std::bit_width(number))];
    ++all_;
  }
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket]; }
  [[nodiscard]] std::uint64_t all() const noexcept { return all_; }
  [[nodiscard]] static std::uint64_t least_in(std::size_t bucket) noexcept {
    return bucket == 0 ? 0 : std::uint64_t{1} << (bucket - 1);
  }
  // Of the buckets in use; first > last: none is.
  [[nodiscard]] std::size_t first() const noexcept {
    std::size_t i = 0;
    while (i < bucket_count && counts_[i] == 0) ++i;
    return i;
  }
  [[nodiscard]] std::size_t last() const noexcept {
    std::size_t i = bucket_count - 1;
    while (i > 0 && counts_[i] == 0) --i;
    return i;
  }
  [[nodiscard]] std::uint64_t largest() const noexcept {
    std::uint64_t most = 0;
    for (const std::uint64_t count : counts_) most = count > most ? count : most;
    return most;
  }

 private:
  std::array<std::uint64_t, bucket_count> counts_{};
  std::uint64_t all_ = 0;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_SPREAD_HPP
