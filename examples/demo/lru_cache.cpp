// A chained hash table whose entries also form a list from the newest to the oldest use.
#include "lru_cache.hpp"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>

namespace demo {

struct lru_cache::entry {
  entry* newer;
  entry* older;
  entry* next;  // in the chain of its bucket
  std::uint32_t hash;
  std::uint32_t key_size;
  std::size_t value_size;

  [[nodiscard]] char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }  // the key, then the value
  [[nodiscard]] std::string_view key() noexcept { return {bytes(), key_size}; }
  [[nodiscard]] std::string_view value() noexcept { return {bytes() + key_size, value_size}; }

  // What the allocation costs: glibc keeps one word in front of each.
  [[nodiscard]] std::size_t cost() noexcept { return malloc_usable_size(this) + sizeof(std::size_t); }
};

namespace {

std::uint32_t hash_of(std::string_view key) noexcept {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(key));
}

}  // namespace

lru_cache::lru_cache(std::size_t budget) : budget_(budget), buckets_(64) {}

lru_cache::~lru_cache() {
  while (oldest_) evict(find(oldest_->key(), oldest_->hash));
}

lru_cache::hit lru_cache::get(std::string_view key) noexcept {
  entry* const found = *find(key, hash_of(key));
  if (!found) return hit();
  if (found != newest_) {
    unlink(found);
    link_newest(found);
  }
  return hit(found->value());
}

void lru_cache::put(std::string_view key, std::string_view value) {
  const std::uint32_t hash = hash_of(key);
  if (entry** const old = find(key, hash); *old) evict(old);
  if (entries_ == buckets_.size()) grow_table();

  void* const memory = std::malloc(sizeof(entry) + key.size() + value.size());
  if (!memory) throw std::bad_alloc();
  entry*& bucket = buckets_[hash & (buckets_.size() - 1)];
  auto* const fresh =
      new (memory) entry{nullptr, nullptr, bucket, hash, static_cast<std::uint32_t>(key.size()), value.size()};
  std::memcpy(fresh->bytes(), key.data(), key.size());
  std::memcpy(fresh->bytes() + key.size(), value.data(), value.size());
  bucket = fresh;
  link_newest(fresh);
  entry_bytes_ += fresh->cost();
  ++entries_;
  while (used() > budget_ && oldest_) evict(find(oldest_->key(), oldest_->hash));
}

// The link that leads to the entry, or the null link at the end of its chain.
lru_cache::entry** lru_cache::find(std::string_view key, std::uint32_t hash) noexcept {
  entry** link = &buckets_[hash & (buckets_.size() - 1)];
  while (*link && ((*link)->hash != hash || (*link)->key() != key)) link = &(*link)->next;
  return link;
}

void lru_cache::link_newest(entry* linked) noexcept {
  linked->newer = nullptr;
  linked->older = newest_;
  (newest_ ? newest_->newer : oldest_) = linked;
  newest_ = linked;
}

void lru_cache::unlink(entry* linked) noexcept {
  (linked->newer ? linked->newer->older : newest_) = linked->older;
  (linked->older ? linked->older->newer : oldest_) = linked->newer;
}

void lru_cache::evict(entry** link) noexcept {
  entry* const victim = *link;
  *link = victim->next;
  unlink(victim);
  entry_bytes_ -= victim->cost();
  --entries_;
  std::free(victim);
}

void lru_cache::grow_table() {
  std::vector<entry*> larger(buckets_.size() * 2);
  for (entry* each = oldest_; each; each = each->newer) {
    entry*& bucket = larger[each->hash & (larger.size() - 1)];
    each->next = bucket;
    bucket = each;
  }
  buckets_.swap(larger);
}

}  // namespace demo
