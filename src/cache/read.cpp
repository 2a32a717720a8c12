// Reading: get and its relatives. No lock, no allocation, no system call; the only shared write is an item's mark.
#include <algorithm>

#include "cache/cache_impl.hpp"

namespace larder::detail {
namespace {

// A free pin word after the one that was tried first, or nullptr. Relaxed: only this thread stores a cell here; another
// one may have cleared it, with release, and what it read before has no meaning to this thread.
[[gnu::noinline, gnu::cold]] layout::atomic_ref32* another_pin(thread_record& record) noexcept {
  for (std::uint32_t i = 1; i < layout::pins_per_slot; ++i) {
    const std::uint32_t pin = (record.next_pin + i) % layout::pins_per_slot;
    if (record.words[pin].load(std::memory_order_relaxed) != layout::no_cell) continue;
    record.next_pin = pin;
    return &record.words[pin];
  }
  record.me.count(layout::counter::pins_exhausted);
  return nullptr;
}

inline layout::atomic_ref32* free_pin(thread_record& record) noexcept {
  layout::atomic_ref32& first = record.words[record.next_pin];
  if (first.load(std::memory_order_relaxed) == layout::no_cell) [[likely]]
    return &first;
  return another_pin(record);
}

// The first hit since the eviction hand passed: once per item and pass.
[[gnu::noinline, gnu::cold]] void mark_used(memory::actor& me, layout::item& item,
                                            const layout::atomic_ref32& pin) noexcept {
  table::set_heat(item, table::heat_of(item).with_mark());
  me.count_first_use(memory::word_of(*me.memory, me.memory->page_of(pin.load(std::memory_order_relaxed))).size_class());
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

// Counts a hit and marks the item, if nobody did since the eviction hand passed.
inline void note_hit(thread_record& record, layout::item& item, const layout::atomic_ref32& pin) noexcept {
  record.hits->store(record.hits->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // as actor::count
  if (!table::heat_of(item).marked()) [[unlikely]]
    mark_used(record.me, item, pin);
}

}  // namespace

read_handle cache_impl::pin_item(thread_record& record, table::place at, const table::lookup_key& key,
                                 use how) noexcept {
  layout::atomic_ref32* pin = free_pin(record);
  if (pin == nullptr) [[unlikely]]
    return {};
  layout::item* item = table::find_pinned(memory_, at, key, *pin);
  if (item == nullptr) [[unlikely]]
    return {};
  const found_value value = value_of(memory_, *item);
  if (value.bytes == nullptr) [[unlikely]] {
    table::unpin(*pin);
    return {};
  }
  if (how == use::counts) note_hit(record, *item, *pin);
  return {value.bytes, value.size, pin, &record};
}

read_handle cache_impl::get(const table::lookup_key& key) noexcept {
  thread_record* owner = record();
  if (owner == nullptr || !is_key(key)) [[unlikely]]
    return {};
  read_handle handle = pin_item(*owner, table::place_of(memory_, table::hash_of(memory_, key.bytes)), key, use::counts);
  if (!handle) owner->me.count(layout::counter::misses);
  return handle;
}

inline read_handle cache_impl::get_usual(thread_record& record, std::string_view key, std::uint64_t hash) noexcept {
  layout::atomic_ref32& pin = record.words[record.next_pin];
  if (pin.load(std::memory_order_relaxed) != layout::no_cell) [[unlikely]]
    return {};
  layout::item* item = table::find_usual(record.map, hash, key, pin);
  if (item == nullptr) [[unlikely]] {
    table::unpin(pin);
    return {};
  }
  note_hit(record, *item, pin);
  const layout::item_shape shape = item->shape();
  return {item->at(shape.value_behind(layout::plain_key_offset)), shape.small_value_size(), &pin, &record};
}

bool cache_impl::get_copy(const table::lookup_key& key, std::string& out) {
  const read_handle handle = get(key);
  if (!handle) return false;
  out.assign(handle.view());
  return true;
}

bool cache_impl::contains(const table::lookup_key& key) noexcept {
  thread_record* owner = record();
  if (owner == nullptr || !is_key(key)) return false;
  return static_cast<bool>(
      pin_item(*owner, table::place_of(memory_, table::hash_of(memory_, key.bytes)), key, use::is_internal));
}

std::size_t cache_impl::multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept {
  constexpr std::size_t block = 32;
  thread_record* owner = record();
  std::size_t hits = 0;
  for (std::size_t start = 0; start < keys.size(); start += block) {
    const std::size_t count = std::min(block, keys.size() - start);
    table::place places[block];
    const layout::bucket* buckets[block];
    // Three passes, so that the cache misses of all keys overlap: the buckets, then the items, then the work.
    for (std::size_t i = 0; i < count; ++i) {
      places[i] = table::place_of(memory_, table::hash_of(memory_, keys[start + i]));
      const table::bucket_array array(memory_, table::table_word_of(memory_, places[i].stripe));
      buckets[i] = array.usable() ? &array.primary(places[i].tag) : nullptr;
      __builtin_prefetch(buckets[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (buckets[i] == nullptr) continue;
      const std::uint32_t matches = table::match_tags(*buckets[i], places[i].tag);
      if (matches == 0) continue;
      const layout::bucket_word word{buckets[i]->words[std::countr_zero(matches)].load(std::memory_order_relaxed)};
      if (memory_.in_pages(word.cell())) __builtin_prefetch(memory_.item_at(word.cell()));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const table::lookup_key key{keys[start + i]};
      read_handle& handle = out[start + i];
      handle.release();
      if (owner == nullptr || !is_key(key)) continue;
      handle = pin_item(*owner, places[i], key, use::counts);
      hits += handle ? 1U : 0U;
      if (!handle) owner->me.count(layout::counter::misses);
    }
  }
  return hits;
}

}  // namespace larder::detail

namespace larder {

read_handle cache::get(std::string_view key) noexcept {
  const detail::last_record last = detail::this_thread;
  if (last.cache == impl_ && impl_ != nullptr && last.record->attached() && key.size() - 1 < max_key_size) [[likely]] {
    read_handle handle = detail::cache_impl::get_usual(
        *last.record, key, platform::hash_bytes(last.record->map.seed, key.data(), key.size()));
    if (handle) [[likely]]
      return handle;
  }
  return impl_ != nullptr ? impl_->get({key}) : read_handle();
}

}  // namespace larder
