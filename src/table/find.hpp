// The reader's way to an item: lock-free, and it writes nothing but its own pin.
//
// Protocol (I8)
//
//     table word T -> bucket -> word W whose tag matches
//     pin = W's cell; light fence; W and T again: unchanged?
//         yes: the cell cannot be reused while the pin names it: whoever unpublishes it later fences heavily before it
//              looks for pins, and whoever did before has changed W or T
//         no:  the item was replaced or the buckets were: look again from the start
//     compare the key
//
// A miss is believed only if T is unchanged at its end: else the item may be in a newer array.
//
// Ordering: W acquire pairs with the release store in stripe_table (publish): the item's bytes are there. T acquire pairs
// with resize.
//
// Progress: lock-free. Each retry means that some writer changed the very word, or the stripe's array.
#ifndef LARDER_TABLE_FIND_HPP
#define LARDER_TABLE_FIND_HPP

#include <bit>
#include <cstdint>

#include "layout/layout.hpp"
#include "platform/platform.hpp"
#include "segment/segment.hpp"
#include "table/bucket_index.hpp"
#include "table/hints.hpp"
#include "table/key_match.hpp"
#include "table/tag_match.hpp"

namespace larder::table {

// Names a cell so that it is not reused. Not yet proof: the caller checks again that it is published.
inline void pin(layout::atomic_ref32& word, layout::cell_ref cell, bool full_fences) noexcept {
  if (full_fences) [[unlikely]] {
    word.exchange(cell, std::memory_order_seq_cst);
  } else {
    word.store(cell, std::memory_order_release);
    platform::light_fence();  // pairs with the heavy fence in everybody_fenced()
  }
}
inline void unpin(layout::atomic_ref32& word) noexcept {
  word.store(layout::no_cell,
             std::memory_order_release);  // release: my reads are done; pairs with acquire in for_each_pin
}

enum class look : std::uint8_t { found, absent, changed };

namespace detail {

// One bucket. On found, `item` is pinned.
inline look find_in_bucket(const segment& memory, const layout::bucket& bucket, place at, layout::table_word table,
                           const lookup_key& key, layout::atomic_ref32& pin_word, layout::item*& item) noexcept {
  for (std::uint32_t matches = match_tags(bucket, at.tag); matches != 0; matches &= matches - 1) {
    const std::atomic<std::uint64_t>& word = bucket.words[std::countr_zero(matches)];
    const layout::bucket_word seen{word.load(std::memory_order_acquire)};
    if (seen.tag() != at.tag || !memory.in_pages(seen.cell())) continue;  // taken out since, or damaged
    pin(pin_word, seen.cell(), memory.full_fences());
    if (word.load(std::memory_order_acquire) != seen.bits ||
        memory.table(at.stripe).load(std::memory_order_acquire) != table.bits) [[unlikely]] {
      return look::changed;
    }
    item = memory.item_at(seen.cell());
    if (has_key(*item, key)) [[likely]]
      return look::found;
  }
  return look::absent;
}

// The rest of a look that the primary bucket did not end: in the alternate one, or all over again.
[[gnu::noinline, gnu::cold]] layout::item* find_further(const segment& memory, place at, const lookup_key& key,
                                                        layout::atomic_ref32& pin_word, look seen,
                                                        layout::table_word table) noexcept;

}  // namespace detail

// The pinned item of a key, expired or not; nullptr if there is none (and the pin word is clear).
[[nodiscard]] inline layout::item* find_pinned(const segment& memory, place at, const lookup_key& key,
                                               layout::atomic_ref32& pin_word) noexcept {
  const layout::table_word table = table_word_of(memory, at.stripe);
  const bucket_array buckets(memory, table);
  if (!buckets.usable()) [[unlikely]]
    return nullptr;
  layout::item* item = nullptr;
  const look seen = detail::find_in_bucket(memory, buckets.primary(at.tag), at, table, key, pin_word, item);
  if (seen == look::found) [[likely]]
    return item;
  return detail::find_further(memory, at, key, pin_word, seen, table);
}

// The usual case, straight through: the key's item is in its primary bucket, has no optional fields and is not being
// replaced. Anything else is nullptr and for find_pinned. REQUIRES: the pin word is clear; it may not be, afterwards.
[[nodiscard]] inline layout::item* find_usual(const reading_map& map, std::uint64_t hash, std::string_view key,
                                              layout::atomic_ref32& pin_word) noexcept {
  const std::atomic<std::uint64_t>& table_entry = map.tables[hash >> map.stripe_shift];
  const layout::table_word table{table_entry.load(std::memory_order_acquire)};
  if (table.first() + (std::uint64_t{table.count()} * sizeof(layout::bucket) >> map.unit_shift) > map.units)
      [[unlikely]]
    return nullptr;  // damaged
  const auto tag = static_cast<std::uint32_t>(hash);
  auto* buckets = reinterpret_cast<layout::bucket*>(map.base + (std::uint64_t{table.first()} << map.unit_shift));
  const layout::bucket& bucket = buckets[primary_bucket(tag, table.count())];
  const std::uint32_t matches = match_tags(bucket, tag);
  if (matches == 0) [[unlikely]]
    return nullptr;
  const std::atomic<std::uint64_t>& word = bucket.words[std::countr_zero(matches)];
  const layout::bucket_word seen{word.load(std::memory_order_acquire)};
  if (seen.cell() - map.first_cell >= map.cell_span) [[unlikely]]
    return nullptr;
  pin(pin_word, seen.cell(), map.full_fences);
  if (word.load(std::memory_order_acquire) != seen.bits || table_entry.load(std::memory_order_acquire) != table.bits)
      [[unlikely]]
    return nullptr;
  auto* item =
      reinterpret_cast<layout::item*>(map.base + (std::uint64_t{seen.cell()} << map.unit_shift) + layout::cell_shift);
  if (!item->shape().is_plain_with_key_of(key.size())) [[unlikely]]
    return nullptr;
  if (!equal_bytes(reinterpret_cast<const char*>(item->at(layout::plain_key_offset)), key.data(), key.size()))
      [[unlikely]]
    return nullptr;
  return item;
}

}  // namespace larder::table

#endif  // LARDER_TABLE_FIND_HPP
