// The key of an item in a keyspace, put together and taken apart: which keyspace, which generation of it, and the user's key.
#ifndef LARDER_TABLE_KEYSPACE_KEY_HPP
#define LARDER_TABLE_KEYSPACE_KEY_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

#include "larder/options.hpp"
#include "segment/segment.hpp"
#include "table/key_match.hpp"

namespace larder::table {

// What stands before the keys of a keyspace, as its generation is now. REQUIRES: there is such a keyspace.
[[nodiscard]] inline std::uint64_t keyspace_prefix_of_now(const segment& memory, std::uint32_t index) noexcept {
  // acquire: after an invalidate that returned before this call began
  return layout::keyspace_prefix(index, memory.keyspace(index).generation.load(std::memory_order_acquire));
}

struct keyspace_key {
  std::uint64_t prefix = 0;
  std::string_view key;

  keyspace_key(std::uint64_t before, std::string_view inner) noexcept : prefix(before), key(inner) {}
  // Of a key that is too short to be one: of a keyspace that no segment has.
  explicit keyspace_key(std::string_view whole) noexcept {
    if (whole.size() < layout::keyspace_prefix_size) {
      prefix = ~std::uint64_t{0};
      return;
    }
    std::memcpy(&prefix, whole.data(), sizeof prefix);
    key = whole.substr(layout::keyspace_prefix_size);
  }

  [[nodiscard]] std::uint32_t index() const noexcept { return layout::keyspace_index(prefix); }
  [[nodiscard]] bool exists(const segment& memory) const noexcept { return index() < memory.geometry().keyspace_count; }
  // Of a generation that was not invalidated.
  [[nodiscard]] bool is_of_now(const segment& memory) const noexcept {
    return exists(memory) && prefix == keyspace_prefix_of_now(memory, index());
  }

  // As it is looked up, in its two parts (key_match.hpp), if it fits. To put them together first takes a get 2.5 times as
  // long: what is read across several stores that have just been made waits for them.
  [[nodiscard]] static bool fits(std::string_view key) noexcept {
    return platform::is_usual_size(key.size()) && platform::is_usual_size(key.size() + layout::keyspace_prefix_size);
  }
  [[nodiscard]] std::size_t size() const noexcept { return layout::keyspace_prefix_size + key.size(); }
  [[nodiscard]] layout::item_shape form() const noexcept { return {size(), false, false, true, 0}; }
  [[nodiscard]] std::uint64_t hash(const platform::hash_seed& seed) const noexcept {
    return platform::hash_usual_behind(seed, prefix, key.data(), key.size());
  }
  [[nodiscard]] std::uint64_t difference(const char* item_key) const noexcept {
    std::uint64_t other = 0;
    std::memcpy(&other, item_key, sizeof other);
    return (other ^ prefix) | difference_usual(item_key + sizeof other, key.data(), key.size());
  }
};

// The two put together. An empty key, and one that is too long, give nothing, which no operation accepts.
class whole_key {
 public:
  explicit whole_key(const keyspace_key& parts) noexcept {
    if (parts.key.empty() || parts.size() > max_key_size) return;
    std::memcpy(bytes_, &parts.prefix, sizeof parts.prefix);
    std::memcpy(bytes_ + sizeof parts.prefix, parts.key.data(), parts.key.size());
    size_ = parts.size();
  }
  operator lookup_key() const noexcept { return {{bytes_, size_}, true}; }

 private:
  char bytes_[max_key_size];
  std::size_t size_ = 0;
};

}  // namespace larder::table

#endif  // LARDER_TABLE_KEYSPACE_KEY_HPP
