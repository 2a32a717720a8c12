// From a key's hash to its stripe and tag, and from the tag to the two buckets where its item may be.
//
// The bucket is a function of the tag and the bucket count alone, so that an array of any other count is filled from the
// words of the old one. An item lives in its primary bucket; in the alternate one if that was full.
#ifndef LARDER_TABLE_BUCKET_INDEX_HPP
#define LARDER_TABLE_BUCKET_INDEX_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "segment/segment.hpp"
#include "table/key.hpp"

namespace larder::table {

// The lower bits of the hash choose the stripe, the upper 32 are the tag.
struct place {
  std::uint32_t stripe = 0;
  std::uint32_t tag = 0;
};

[[nodiscard]] constexpr std::uint32_t tag_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32);
}

[[nodiscard]] inline place place_of(const segment& memory, std::uint64_t hash) noexcept {
  return {memory.stripe_of(hash), tag_of(hash)};
}
[[nodiscard]] inline std::uint64_t hash_of(const segment& memory, const lookup_key& key) noexcept {
  return key.hash(memory.seed());
}
[[nodiscard]] inline place place_of(const segment& memory, const lookup_key& key) noexcept {
  return place_of(memory, hash_of(memory, key));
}

// Maps 32 bits evenly to [0, count) with a multiplication (D. Lemire, 2019).
[[nodiscard]] inline std::uint32_t primary_bucket(std::uint32_t tag, std::uint32_t count) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{tag} * count >> 32);
}
// The same of a hash as it is, which a multiplication into 128 bits spares the reader to take apart. The bits behind the tag may
// lead into the next bucket: those of one hash in 2^33 / count, which then takes the long way.
[[nodiscard]] inline std::uint64_t nearly_primary_bucket(std::uint64_t hash, std::uint64_t count) noexcept {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>(wide{hash} * count >> 64);
}
[[nodiscard]] inline std::uint32_t alternate_bucket(std::uint32_t tag, std::uint32_t count) noexcept {
  const std::uint32_t other = primary_bucket(tag * 0x9E37'79B1U, count);
  if (other != primary_bucket(tag, count)) return other;
  return other + 1 < count ? other + 1 : 0;
}

// A stripe's bucket array as a table word names it. Empty if the word is damaged: it is never trusted with an address.
class bucket_array {
 public:
  bucket_array(const segment& memory, layout::table_word word) noexcept : count_(word.count()) {
    const std::uint64_t offset = std::uint64_t{word.first()} * sizeof(layout::bucket);
    const std::uint64_t end = offset + std::uint64_t{count_} * sizeof(layout::bucket);
    const bool inside = end <= memory.geometry().capacity && offset >= memory.geometry().first_buckets;
    if (!inside) [[unlikely]]
      count_ = 0;
    first_ = reinterpret_cast<layout::bucket*>(memory.base() + offset);
  }

  [[nodiscard]] bool usable() const noexcept { return count_ != 0; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] layout::bucket& operator[](std::uint32_t i) const noexcept { return first_[i]; }
  [[nodiscard]] layout::bucket& primary(std::uint32_t tag) const noexcept {
    return first_[primary_bucket(tag, count_)];
  }
  [[nodiscard]] layout::bucket& alternate(std::uint32_t tag) const noexcept {
    return first_[alternate_bucket(tag, count_)];
  }

 private:
  layout::bucket* first_ = nullptr;
  std::uint32_t count_;
};

// Calls use(bucket, word) for every word of the array, the empty ones too.
template <class Use>
void for_each_word(const bucket_array& buckets, Use use) {
  for (std::uint32_t b = 0; b < buckets.count(); ++b) {
    for (std::atomic<std::uint64_t>& word : buckets[b].words) use(buckets[b], word);
  }
}

// A word of an array that may have been replaced: the table word tells, afterwards. acquire: the item's bytes are there; pairs
// with publish.
[[nodiscard]] inline layout::bucket_word load_word(const std::atomic<std::uint64_t>& word) noexcept {
  const platform::speculation reading;
  return {word.load(std::memory_order_acquire)};
}

// Items of an array. REQUIRES: the stripe's lock.
[[nodiscard]] inline std::uint32_t count_items(const bucket_array& buckets) noexcept {
  std::uint32_t items = 0;
  for_each_word(buckets, [&items](layout::bucket&, const std::atomic<std::uint64_t>& word) noexcept {
    items += layout::bucket_word{word.load(std::memory_order_relaxed)}.empty() ? 0U : 1U;
  });
  return items;
}

[[nodiscard]] inline layout::table_word table_word_of(const segment& memory, std::uint32_t stripe) noexcept {
  return {memory.table(stripe).load(std::memory_order_acquire)};  // acquire: the buckets are filled; pairs with resize
}

}  // namespace larder::table

#endif  // LARDER_TABLE_BUCKET_INDEX_HPP
