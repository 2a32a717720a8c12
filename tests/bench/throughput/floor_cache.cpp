#include "floor_cache.hpp"

#include <random>

namespace bench {
namespace {

constexpr std::size_t keys_per_bucket = 4;

std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

std::size_t buckets_for(std::size_t items) { return items / keys_per_bucket + 1; }

std::size_t item_room(std::size_t value_size) { return padded(8 + longest_key + value_size); }

std::uint64_t random_word() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

floor_cache::floor_cache(std::size_t items, std::size_t value_size, bool huge_pages)
    : seed_{random_word(), random_word(), random_word(), random_word()},
      bucket_count_(buckets_for(items)),
      memory_(bucket_count_ * sizeof(bucket) + items * item_room(value_size), huge_pages),
      buckets_(reinterpret_cast<bucket*>(memory_.data())),
      items_(memory_.data() + bucket_count_ * sizeof(bucket)) {}

bool floor_cache::insert(std::string_view key, std::string_view value) noexcept {
  item* fresh = reinterpret_cast<item*>(items_ + used_);
  fresh->key_size = static_cast<std::uint32_t>(key.size());
  fresh->value_size = static_cast<std::uint32_t>(value.size());
  char* text = reinterpret_cast<char*>(fresh + 1);
  std::memcpy(text, key.data(), key.size());
  std::memcpy(text + key.size(), value.data(), value.size());
  const std::uint64_t hash = hash_of(key_pieces(key));
  const std::uint64_t word = std::uint64_t{used_ / 8} << 32 | tag_of(hash);
  used_ += padded(sizeof(item) + key.size() + value.size());
  for (std::size_t at = bucket_of(hash);; at = next(at)) {
    for (std::uint64_t& place : buckets_[at].words) {
      if (place == 0) {
        place = word;
        return true;
      }
    }
    buckets_[at].overflowed = 1;
  }
}

}  // namespace bench
