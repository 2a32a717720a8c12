// Reading: get and its relatives. No lock, no allocation, no system call; the only shared write is an item's mark.
#include <algorithm>
#include <type_traits>

#include "cache/cache_impl.hpp"

namespace larder::detail {
namespace {

// A free pin behind the one that was tried first, or nullptr. Relaxed: only this thread stores a cell in their words;
// another one may have cleared it, with release, and what it read before has no meaning to this thread.
[[gnu::noinline]] pin* another_pin(thread_record& record) noexcept {
  const auto first = static_cast<std::size_t>(record.next_pin - record.pins);
  for (std::size_t i = 1; i < layout::pins_per_slot; ++i) {
    pin& candidate = record.pins[(first + i) % layout::pins_per_slot];
    if (!platform::is_zero(*candidate.word)) continue;
    record.try_next(candidate);
    return &candidate;
  }
  record.me.count(layout::counter::pins_exhausted);
  return nullptr;
}

inline pin* free_pin(thread_record& record) noexcept {
  if (platform::is_zero(*record.next_word)) [[likely]]
    return record.next_pin;
  return another_pin(record);
}

// A pinned item's value, for a handle. Empty if the item has optional fields and these say that it is not there: expired,
// or with a size that leads out of the segment.
struct found_value {
  const std::byte* bytes;
  std::size_t size;
};

found_value value_of(const segment& memory, const layout::item& item) noexcept {
  const layout::item_shape shape = item.shape();
  if (!memory.holds(&item, shape.value_offset()) || table::is_expired(item)) return {nullptr, 0};
  const std::byte* bytes = item.at(shape.value_offset());
  const std::size_t size = item.value_size();
  return memory.holds(bytes, size) ? found_value{bytes, size} : found_value{nullptr, 0};
}

inline void count_hit(thread_record& record) noexcept {
  platform::add_alone(*record.hits, 1);  // as actor::count
}

// Of the first hits of items since the eviction hand passed them, the page mover wants to know how many each size class
// has. One of so many is looked at: where it is written to which class an item's page belongs is seldom near.
[[gnu::noinline, gnu::cold]] void sample_first_uses(thread_record& record, const pin& by) noexcept {
  record.first_uses_to_come = thread_record::first_uses_sampled;
  memory::actor& me = record.me;
  const std::uint32_t page = me.memory->page_of(by.word->load(std::memory_order_relaxed));
  me.count_first_uses(memory::word_of(*me.memory, page).size_class(), thread_record::first_uses_sampled);
}

// Marks an item that is used for the first time since the hand passed. True if it is one to be sampled.
inline bool mark_used(thread_record& record, layout::item& item) noexcept {
  table::set_mark(item);
  return --record.first_uses_to_come == 0;
}

inline void note_hit(thread_record& record, const pin& by, layout::item& item) noexcept {
  count_hit(record);
  if (table::is_marked(item) || !mark_used(record, item)) return;
  sample_first_uses(record, by);
}

// The last step of a get: a hit of the item that the record's next pin names.
[[gnu::noinline, gnu::cold]] packed_value sample_and_return(thread_record& record, const layout::item& item) noexcept {
  const pin* by = record.next_pin;
  sample_first_uses(record, *by);
  return pack({item.value(), by});
}
// An item's first hit costs a wrong guess. (Without a branch, by a store that goes elsewhere if the item is marked, all
// gets would take 1.4 times as long: loads wait for stores before them whose place is not known yet.)
inline packed_value note_and_return(thread_record& record, layout::item& item, const std::byte* value) noexcept {
  count_hit(record);
  if (!table::is_marked(item)) [[unlikely]] {
    if (mark_used(record, item)) return sample_and_return(record, item);  // which then needs to save nothing
  }
  return pack({value, record.next_pin});
}

// The value of a plain item that the pin names; the pin notes its size.
inline const std::byte* plain_value_of(pin& by, const layout::item& item, std::size_t key_size) noexcept {
  by.size = item.plain_value_size();
  return item.at(layout::item_shape::value_behind(layout::plain_key_offset, key_size));
}

// What a straight look came to: a hit, of an item of whatever form; or nothing, if it has not seen the key's item, or it is
// expired.
template <class Key>
inline pinned_value value_seen(thread_record& record, pin& by, const Key& key, const table::sighting& seen) noexcept {
  if (!seen.is_pinned()) return {};
  const std::byte* bytes = nullptr;
  if (seen.is_plain()) {
    bytes = plain_value_of(by, *seen.item, key.size());
  } else {
    if (!table::has_key(*seen.item, key)) return {};
    const found_value value = value_of(*record.me.memory, *seen.item);
    if (value.bytes == nullptr) return {};
    bytes = value.bytes;
    by.size = value.size;
  }
  note_hit(record, by, *seen.item);
  return {bytes, &by};
}

// What is not the usual end of a get. A key comes in its parts here, each in a register: as a whole it would be put on the
// stack by every get, for the few that end here.

// Not found in its first place.
template <class Text, class Before>
[[gnu::noinline]] packed_value get_further(thread_record& record, std::size_t size, Before before) noexcept {
  const table::known_key<Text, Before> key({record.asked, size}, before);
  pin& by = *record.next_pin;
  table::unpin(*by.word);
  const std::uint64_t hash = key.hash(record.map.seed);
  const table::sighting seen = table::find_spilled<table::usual_case>(record.map, hash, key, by.word);
  if (const pinned_value value = value_seen(record, by, key, seen); value.bytes != nullptr) return pack(value);
  table::unpin(*by.word);
  return pack(record.cache->get(key, hash));
}

// Found there, with optional fields: an expiry, mostly, or a large value. Straight through, as far as it goes.
template <class Text, class Before>
[[gnu::noinline]] packed_value get_with_fields(thread_record& record, std::size_t size, Before before,
                                               layout::item* item) noexcept {
  const table::known_key<Text, Before> key({record.asked, size}, before);
  const layout::item_shape shape = item->shape();
  const char* item_key = reinterpret_cast<const char*>(item->at(shape.key_offset()));
  const std::uint64_t other = shape.difference_of_key_form(key.form()) | key.difference(item_key);
  if (other != 0 || table::is_expired(*item)) [[unlikely]]
    return get_further<Text>(record, size, before);
  const std::byte* value = item->at(layout::item_shape::value_behind(shape.key_offset(), key.size()));
  const std::size_t value_size = item->value_size();
  if (shape.is_large() && !record.me.memory->holds(value, value_size)) [[unlikely]]
    return get_further<Text>(record, size, before);
  record.next_pin->size = value_size;
  return note_and_return(record, *item, value);
}

// Any key, with its hash. Counts a hit or a miss.
pinned_value get_hashed(thread_record& record, const table::lookup_key& key, std::uint64_t hash) noexcept {
  pin* by = free_pin(record);
  if (by == nullptr) [[unlikely]] {
    record.me.count(layout::counter::misses);
    return {};
  }
  if (!record.map.full_fences) [[likely]] {
    const table::sighting seen = table::find_usual<table::any_case>(record.map, hash, key, by->word);
    if (const pinned_value value = value_seen(record, *by, key, seen); value.bytes != nullptr) [[likely]]
      return value;
    table::unpin(*by->word);
  }
  return record.cache->get(key, hash);
}

// What stands before a key, as a type: the prefix of its keyspace, or nothing.
inline table::no_keyspace before_key() noexcept { return {}; }
inline table::some_keyspace before_key(std::uint64_t prefix) noexcept { return {prefix}; }

// Another cache than last time, a thread's first call, a pin that is in use, ...
template <class... Prefix>
[[gnu::noinline]] packed_value get_unusual(cache_impl* cache, Prefix... prefix, std::string_view bytes) noexcept {
  if (cache == nullptr) return pack({});
  const table::lookup_key key{bytes, before_key(prefix...).prefix()};
  thread_record* record = key.is_valid() ? cache->record() : nullptr;
  return pack(record != nullptr ? get_hashed(*record, key, key.hash(record->map.seed)) : pinned_value{});
}

// A key of any size.
template <class Case, class... Prefix>
packed_value get_of_any_size(cache_impl* cache, Prefix... prefix, std::string_view bytes) noexcept;

// A get as nearly all are, straight through: with a key of a usual size; one jump further, of any; with the prefix of a keyspace
// or none. Inlined into the functions below, since a target is an attribute of a function and not of a template's argument.
template <class Case, class Text, class... Prefix>
[[gnu::always_inline]] inline packed_value get_straight(cache_impl* cache, Prefix... prefix,
                                                        std::string_view bytes) noexcept {
  thread_record& record = *this_thread;
  if (record.usual_for != thread_record::usual_for_cache(cache)) [[unlikely]]
    return get_unusual<Prefix...>(cache, prefix..., bytes);
  auto before = before_key(prefix...);
  using key_type = table::known_key<typename Case::template text<Text>, decltype(before)>;
  if (!key_type::takes(bytes)) [[unlikely]] {
    if constexpr (std::is_same_v<Text, table::any_text>) return get_unusual<Prefix...>(cache, prefix..., bytes);
    return get_of_any_size<Case, Prefix...>(cache, prefix..., bytes);
  }
  if (!platform::is_zero(*record.next_word)) [[unlikely]]
    return get_unusual<Prefix...>(cache, prefix..., bytes);
  record.asked = bytes.data();
  // Neither is const: GCC 12 would keep them in memory.
  key_type key(bytes, before);
  table::sighting seen = table::find_usual<Case>(record.map, key.hash(record.map.seed), key, record.next_word);
  if (!seen.is_plain()) [[unlikely]]
    return seen.is_pinned() ? get_with_fields<Text>(record, bytes.size(), before, seen.item)
                            : get_further<Text>(record, bytes.size(), before);
  const std::byte* value = plain_value_of(*record.next_pin, *seen.item, key.size());
  return note_and_return(record, *seen.item, value);
}

template <class Text, class... Prefix>
[[gnu::noinline, gnu::aligned(64)]] packed_value get_usual(cache_impl* cache, Prefix... prefix,
                                                           std::string_view bytes) noexcept {
  return get_straight<table::usual_case, Text, Prefix...>(cache, prefix..., bytes);
}

#if LARDER_WIDE_VECTORS
template <class Text, class... Prefix>
[[gnu::noinline, gnu::aligned(64), gnu::target(LARDER_WIDE_TARGET)]] packed_value get_wide(
    cache_impl* cache, Prefix... prefix, std::string_view bytes) noexcept {
  return get_straight<table::wide_case, Text, Prefix...>(cache, prefix..., bytes);
}
#endif

template <class Case, class... Prefix>
packed_value get_of_any_size(cache_impl* cache, Prefix... prefix, std::string_view bytes) noexcept {
#if LARDER_WIDE_VECTORS
  if constexpr (std::is_same_v<Case, table::wide_case>)
    return get_wide<table::any_text, Prefix...>(cache, prefix..., bytes);
#endif
  return get_usual<table::any_text, Prefix...>(cache, prefix..., bytes);
}

#if LARDER_WIDE_VECTORS
template <class... Prefix>
auto* choose_get() noexcept {
  return platform::has_wide_vectors() ? &get_wide<table::usual_text, Prefix...>
                                      : &get_usual<table::usual_text, Prefix...>;
}

// Called once, by the dynamic linker: what `get` and `get_in` are in this process.
extern "C" auto* larder_choose_get() noexcept { return choose_get<>(); }
extern "C" auto* larder_choose_get_in() noexcept { return choose_get<std::uint64_t>(); }
#endif

}  // namespace

#if LARDER_WIDE_VECTORS
[[gnu::ifunc("larder_choose_get")]] packed_value get(cache_impl* cache, std::string_view key) noexcept;
[[gnu::ifunc("larder_choose_get_in")]] packed_value get_in(cache_impl* cache, std::uint64_t prefix,
                                                           std::string_view key) noexcept;
#else
packed_value get(cache_impl* cache, std::string_view key) noexcept { return get_usual<table::usual_text>(cache, key); }
packed_value get_in(cache_impl* cache, std::uint64_t prefix, std::string_view key) noexcept {
  return get_usual<table::usual_text, std::uint64_t>(cache, prefix, key);
}
#endif

pinned_value cache_impl::pin_item(thread_record& record, table::place at, const table::lookup_key& key,
                                  use how) noexcept {
  pin* by = free_pin(record);
  if (by == nullptr) [[unlikely]]
    return {};
  layout::item* item = table::find_pinned(memory_, at, key, *by->word);
  if (item == nullptr) [[unlikely]]
    return {};
  const found_value value = value_of(memory_, *item);
  if (value.bytes == nullptr) [[unlikely]] {
    table::unpin(*by->word);
    return {};
  }
  by->size = value.size;
  if (how == use::counts) note_hit(record, *by, *item);
  return {value.bytes, by};
}

pinned_value cache_impl::get(const table::lookup_key& key, std::uint64_t hash) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) [[unlikely]]
    return {};
  const pinned_value found = pin_item(*owner, table::place_of(memory_, hash), key, use::counts);
  if (found.bytes == nullptr) owner->me.count(layout::counter::misses);
  return found;
}

bool cache_impl::contains(const table::lookup_key& key) noexcept {
  thread_record* owner = record();
  if (owner == nullptr || !key.is_valid()) return false;
  const table::place at = table::place_of(memory_, key);
  return static_cast<bool>(read_handle(pin_item(*owner, at, key, use::is_internal)));
}

std::size_t cache_impl::multi_get(std::span<const std::string_view> keys, std::span<read_handle> out,
                                  std::optional<std::uint64_t> prefix) noexcept {
  constexpr std::size_t block = 32;
  thread_record* owner = record();
  if (owner == nullptr) return 0;
  const reading_map& map = owner->map;
  std::size_t hits = 0;
  for (std::size_t start = 0; start < keys.size(); start += block) {
    const std::size_t count = std::min(block, keys.size() - start);
    std::uint64_t hashes[block];
    const layout::bucket* buckets[block];
    // Three passes, so that the cache misses of all keys overlap: the buckets, then the items, then the work.
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = table::lookup_key{keys[start + i], prefix}.hash(map.seed);
      buckets[i] = &table::first_bucket(map, hashes[i]);
      __builtin_prefetch(buckets[i]);
    }
    for (std::size_t i = 0; i < count; ++i) table::prefetch_item(map, *buckets[i], hashes[i]);
    for (std::size_t i = 0; i < count; ++i) {
      read_handle& handle = out[start + i];
      handle.release();
      const table::lookup_key key{keys[start + i], prefix};
      if (key.is_valid()) handle = read_handle(get_hashed(*owner, key, hashes[i]));
      hits += handle ? 1U : 0U;
    }
  }
  return hits;
}

}  // namespace larder::detail
