// The rival: a private cache as a careful programmer writes it for one process. Least recently used goes first; one
// allocation for each entry; the budget counts all of it, the allocator's own bytes and the hash table included.
#ifndef LARDER_DEMO_LRU_CACHE_HPP
#define LARDER_DEMO_LRU_CACHE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace demo {

class lru_cache {
 public:
  // What get() found. Valid until the next put().
  class hit {
   public:
    hit() = default;
    explicit hit(std::string_view value) : value_(value) {}
    [[nodiscard]] explicit operator bool() const noexcept { return value_.has_value(); }
    [[nodiscard]] std::string_view view() const noexcept { return value_.value_or(std::string_view()); }

   private:
    std::optional<std::string_view> value_;
  };

  explicit lru_cache(std::size_t budget);
  lru_cache(const lru_cache&) = delete;
  lru_cache& operator=(const lru_cache&) = delete;
  ~lru_cache();

  [[nodiscard]] hit get(std::string_view key) noexcept;

  // Inserts or overwrites, then evicts until the budget holds.
  void put(std::string_view key, std::string_view value);

  // Bytes of memory in use, all included.
  [[nodiscard]] std::size_t used() const noexcept { return entry_bytes_ + buckets_.size() * sizeof(entry*); }

 private:
  struct entry;  // header, key and value in one allocation

  [[nodiscard]] entry** find(std::string_view key, std::uint32_t hash) noexcept;
  void link_newest(entry* linked) noexcept;
  void unlink(entry* linked) noexcept;
  void evict(entry** link) noexcept;
  void grow_table();

  std::size_t budget_;
  std::size_t entry_bytes_ = 0;
  std::size_t entries_ = 0;
  std::vector<entry*> buckets_;  // heads of chains; a power of two of them
  entry* newest_ = nullptr;
  entry* oldest_ = nullptr;
};

}  // namespace demo

#endif  // LARDER_DEMO_LRU_CACHE_HPP
