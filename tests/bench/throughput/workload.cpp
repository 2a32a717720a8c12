#include "workload.hpp"

#include <algorithm>
#include <numeric>

#include "zipf.hpp"

namespace bench {
namespace {

// Values of one block take at most this many bytes, so that they stay in the second-level cache while they are written.
constexpr std::size_t values_budget = std::size_t{256} << 10;

// Two hexadecimal digits for every byte.
constexpr auto digit_pairs = [] {
  std::array<char, 512> pairs{};
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = digits[byte >> 4];
    pairs[2 * byte + 1] = digits[byte & 15];
  }
  return pairs;
}();

// Spreads neighbouring ranks over the keys. A bijection below `items`, as the factor is a prime larger than any of
// them.
key_index scatter(std::uint64_t rank, key_index items) noexcept {
  return static_cast<key_index>((rank * 4294967291U + 12345) % items);
}

}  // namespace

std::size_t write_key(key_index index, key_sizes sizes, char* out) noexcept {
  constexpr std::string_view ending = ":tenant:profile:settings";
  static_assert(shortest_key + ending.size() == longest_key);
  const std::uint64_t digits = scramble(std::uint64_t{index} + 0x5bd1e99500U);
  for (std::size_t at = 0; at < 8; ++at) {
    std::memcpy(out + 2 * at, &digit_pairs[2 * ((digits >> (8 * at)) & 255)], 2);
  }
  if (sizes == key_sizes::shortest) return shortest_key;
  std::memcpy(out + shortest_key, ending.data(), ending.size());
  return shortest_key + (digits >> 32) % (ending.size() + 1);
}

std::vector<key_index> draw(distribution kind, key_index first, key_index items, std::size_t count,
                            std::uint64_t seed) {
  std::vector<key_index> drawn(count, first);
  random_source random(seed);
  if (kind == distribution::uniform) {
    for (key_index& index : drawn) index += static_cast<key_index>(random.below(items));
  } else if (kind == distribution::zipf) {
    const zipf_sampler sampler(items, 0.99);
    for (key_index& index : drawn) index += scatter(sampler.rank(random), items);
  }
  return drawn;
}

std::vector<key_index> in_order(key_index first, std::size_t count) {
  std::vector<key_index> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

block::block(std::size_t value_size, key_sizes sizes)
    : value_size_(value_size),
      stride_((value_size + 7) / 8 * 8),
      writes_(std::clamp<std::size_t>(values_budget / stride_, 4, capacity)),
      sizes_(sizes),
      text_(capacity * longest_key),
      values_(writes_ * stride_, 'v') {}

void block::make_keys(std::span<const key_index> indices) noexcept {
  size_ = indices.size();
  char* out = text_.data();
  for (std::size_t at = 0; at < size_; ++at, out += longest_key) {
    keys_[at] = {out, write_key(indices[at], sizes_, out)};
    marks_[at] = mark_of(indices[at]);
  }
}

void block::make_items(std::span<const key_index> indices) noexcept {
  make_keys(indices);
  for (std::size_t at = 0; at < size_; ++at) {
    std::memcpy(values_.data() + at * stride_, &marks_[at], sizeof marks_[at]);
  }
}

}  // namespace bench
