// The reader's way to an item: lock-free, and it writes nothing but its own pin.
//
// Protocol (I8)
//
//     table word T -> bucket -> word W whose tag matches
//     pin = W's cell; light fence; W and T again: is the cell still W's, and T unchanged?
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
#include "table/key.hpp"
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
  for (tag_matches matches = match_tags(bucket, at.tag); !matches.none(); matches = matches.without_first()) {
    const std::atomic<std::uint64_t>& word = bucket.words[matches.first()];
    const layout::bucket_word seen = load_word(word);
    if (seen.tag() != at.tag || !memory.in_pages(seen.cell())) continue;  // taken out since, or damaged
    pin(pin_word, seen.cell(), memory.full_fences());
    if (load_word(word).bits != seen.bits || memory.table(at.stripe).load(std::memory_order_acquire) != table.bits)
        [[unlikely]] {
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

// What a straight look at one bucket came to.
struct sighting {
  layout::item* item = nullptr;  // of the first word that has the tag; pinned
  std::uint64_t changed = 1;     // 0: it is still published, and stays as it is as long as it is pinned
  std::uint64_t other = 1;       // 0: it has the key and no optional fields

  [[nodiscard]] bool is_plain() const noexcept { return (changed | other) == 0; }
  [[nodiscard]] bool is_pinned() const noexcept { return changed == 0; }
};

// What find_usual may take for granted.
struct any_case {  // any segment
  template <class Text>
  using text = Text;
  [[nodiscard]] static std::uint64_t bucket_of(std::uint64_t hash, std::uint64_t count) noexcept {
    return nearly_primary_bucket(hash, count);
  }
  [[nodiscard]] static auto match(const layout::bucket& bucket, std::uint64_t hash) noexcept {
    return match_tags(bucket, tag_of(hash));
  }
  // Zeroes would be an item whose key is one zero byte: what is no cell leads to the place of cell 0, where there is none.
  [[nodiscard]] static std::uint64_t offset_of(std::uint64_t cell, const reading_map& map) noexcept {
    return map.in_pages(static_cast<layout::cell_ref>(cell)) ? cell << map.unit_shift : 0;
  }
};
struct usual_case : any_case {  // a segment of up to 32 GiB, a key of two bytes or more
  [[nodiscard]] static std::uint64_t offset_of(std::uint64_t cell, const reading_map&) noexcept {
    return cell << layout::smallest_unit_shift;
  }
};
#if LARDER_WIDE_VECTORS
struct wide_case : usual_case {  // and platform::has_wide_vectors()
  template <class Text>
  using text = wide_text<Text>;
  [[nodiscard]] static std::uint64_t bucket_of(std::uint64_t hash, std::uint64_t count) noexcept {
    std::uint64_t index;
    __asm__("mulx %[count], %[index], %[index]" : [index] "=r"(index) : [count] "r"(count), "d"(hash));
    return index;
  }
  [[nodiscard]] static auto match(const layout::bucket& bucket, const wide_hash& hash) noexcept {
    return match_tags_wide(bucket, hash.all());
  }
};
#endif

namespace detail {

// Where a look begins: at the word that leads to a stripe's buckets. Not const where it is made: GCC 12 would keep it in memory.
struct entrance {
  const reading_map& map;
  std::byte* base;  // the map's; loaded once
  const std::atomic<std::uint64_t>& entry;
  layout::table_word table;  // what was read there

  entrance(const reading_map& way, std::uint64_t hash) noexcept
      : map(way),
        base(way.base),
        entry(way.table(base, way.stripe_of(hash))),
        table{entry.load(std::memory_order_acquire)} {}

  [[nodiscard]] const layout::bucket& bucket(std::uint64_t index) const noexcept {
    const std::uint64_t first = table.first() & map.line_mask;
    return reinterpret_cast<const layout::bucket*>(base)[first + index];
  }
};

// Reads what may be gone before it knows; then it is thrown away. Nothing is read where nothing is mapped.
//
// Cost: successive gets wait for memory side by side as long as the processor has room for their instructions, and above
// all for their branches, which stay open until the memory has come. So the comparisons that wait for memory are one
// branch, and where a damaged word might lead is bent to where it does no harm instead of being asked about. (In 10^6
// items: with a branch for each comparison a get takes 1.13x the time; with 12 more instructions 1.18x.)
template <class Case, class Hash, class Key>
[[nodiscard]] inline sighting find_straight(const entrance& in, const layout::bucket& bucket, const Hash& hash,
                                            const Key& key, layout::atomic_ref32* const& pin_word) noexcept {
  const auto matches = Case::match(bucket, hash);
  if (matches.none()) [[unlikely]]
    return {};
  const std::atomic<std::uint64_t>& word = matches.first_of(bucket);
  // In the place of cell 0 there is no item: its shape would be that of none (layout/fingerprint.hpp).
  const std::uint64_t cell = word.load(std::memory_order_acquire) & in.map.cell_mask;
  pin(*pin_word, static_cast<layout::cell_ref>(cell), false);
  auto* item = reinterpret_cast<layout::item*>(in.base + Case::offset_of(cell, in.map) + layout::cell_shift);
  // Of the word, the cell: that it is published is what counts. If under another tag meanwhile, then it has another key.
  const std::uint64_t changed = platform::lower_difference(word, cell) | platform::difference(in.entry, in.table.bits);
  const char* item_key = reinterpret_cast<const char*>(item->at(layout::plain_key_offset));
  const std::uint64_t other = item->difference_from_plain(key.form()) | key.difference(item_key);
  return {item, changed, other};
}

}  // namespace detail

// Straight through: what is_plain() is the key's item, in its primary bucket. What is only is_pinned() may be, with optional
// fields; anything else is for find_pinned. REQUIRES: the pin word is clear (it may not be, afterwards); light fences do
// (not so in ThreadSanitizer's build, which therefore never comes here).
template <class Case, class Hash, class Key>
[[nodiscard]] inline sighting find_usual(const reading_map& map, const Hash& hash, const Key& key,
                                         layout::atomic_ref32* const& pin_word) noexcept {
  const std::uint64_t bits = hash;
  detail::entrance in(map, bits);
  const layout::bucket& bucket = in.bucket(Case::bucket_of(bits, in.table.count()));
  return detail::find_straight<Case>(in, bucket, hash, key, pin_word);
}

// The same for an item that lives in its alternate bucket.
template <class Case, class Key>
[[nodiscard]] inline sighting find_spilled(const reading_map& map, std::uint64_t hash, const Key& key,
                                           layout::atomic_ref32* const& pin_word) noexcept {
  detail::entrance in(map, hash);
  const std::uint32_t tag = tag_of(hash);
  const layout::bucket& primary = in.bucket(primary_bucket(tag, in.table.count()));
  // relaxed: what this overlooks, find_pinned finds
  if (bucket_hints(primary.hints.load(std::memory_order_relaxed)).spilled() == 0) return {};
  const layout::bucket& bucket = in.bucket(alternate_bucket(tag, in.table.count()));
  return detail::find_straight<Case>(in, bucket, hash, key, pin_word);
}

// Where find_usual looks; and a hint to the processor that it will look at the item that is found there. For batches.
[[nodiscard]] inline const layout::bucket& first_bucket(const reading_map& map, std::uint64_t hash) noexcept {
  detail::entrance in(map, hash);
  return in.bucket(primary_bucket(tag_of(hash), in.table.count()));
}
inline void prefetch_item(const reading_map& map, const layout::bucket& bucket, std::uint64_t hash) noexcept {
  const tag_matches matches = match_tags(bucket, tag_of(hash));
  if (matches.none()) return;
  const layout::bucket_word seen{matches.first_of(bucket).load(std::memory_order_relaxed)};  // relaxed: a hint
  const std::byte* item = map.base + any_case::offset_of(seen.cell(), map);
  __builtin_prefetch(item);
  __builtin_prefetch(item + 64);  // the end of the key, or the value's beginning
}

}  // namespace larder::table

#endif  // LARDER_TABLE_FIND_HPP
