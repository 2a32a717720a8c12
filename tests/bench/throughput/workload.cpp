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
  constexpr std::string_view ending =
      ":tenant:profile:settings:of-one-who-has-set-a-great-deal-and-whose-keys-are-addresses";
  static_assert(shortest_key + ending.size() >= most_of_a_key);
  const std::uint64_t digits = scramble(std::uint64_t{index} + 0x5bd1e99500U);
  const auto write = [out](std::size_t at, std::uint64_t byte) noexcept {
    std::memcpy(out + 2 * at, &digit_pairs[2 * (byte & 255)], 2);
  };
  const auto end_with = [&](std::size_t at, std::size_t least, std::size_t most) noexcept {
    std::memcpy(out + at, ending.data(), most - at);
    return least + (digits >> 32) % (most - least + 1);
  };
  if (sizes == key_sizes::few) {
    constexpr std::size_t unique = 7;
    const std::uint64_t spread = std::uint64_t{index} * 0x9E37'79B1U << 4;  // an odd factor: unique in its 28 bits
    for (std::size_t at = 0; at < 4; ++at) write(at, spread >> (24 - 8 * at));
    return end_with(unique, 7, 15);
  }
  for (std::size_t at = 0; at < 8; ++at) write(at, digits >> (8 * at));
  if (sizes == key_sizes::shortest) return shortest_key;
  return sizes == key_sizes::many ? end_with(shortest_key, 49, most_of_a_key)
                                  : end_with(shortest_key, shortest_key, longest_key);
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
      text_(capacity * most_of_a_key),
      values_(writes_ * stride_, 'v') {}

void block::make_keys(std::span<const key_index> indices) noexcept {
  size_ = indices.size();
  char* out = text_.data();
  for (std::size_t at = 0; at < size_; ++at, out += most_of_a_key) {
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
