// Reading: get and its relatives. No lock, no allocation, no system call; the only shared write is an item's mark.
#include <algorithm>

#include "cache/cache_impl.hpp"

namespace larder::detail {
namespace {

// The first free pin word from `next` on, or pins_per_slot. Relaxed: only this thread stores a cell here; another one may
// have cleared it, with release, and what it read before has no meaning to this thread.
std::uint32_t free_pin(const thread_record& record) noexcept {
  const std::uint32_t first = record.next.load(std::memory_order_relaxed);
  if (record.words[first].load(std::memory_order_relaxed) == layout::no_cell) [[likely]] return first;
  for (std::uint32_t i = 0; i < layout::pins_per_slot; ++i) {
    if (record.words[i].load(std::memory_order_relaxed) == layout::no_cell) return i;
  }
  return layout::pins_per_slot;
}

// The first hit since the eviction hand passed: once per item and pass.
[[gnu::noinline]] void mark_used(memory::actor& me, layout::item& item, layout::cell_ref cell) noexcept {
  table::set_heat(item, table::heat_of(item).with_mark());
  me.count_first_use(memory::word_of(*me.memory, me.memory->page_of(cell)).size_class());
}

}  // namespace

read_handle cache_impl::pin_item(thread_record& record, table::place at, const table::lookup_key& key) noexcept {
  read_handle handle;
  memory::actor& me = record.me;
  const std::uint32_t pin = free_pin(record);
  if (pin == layout::pins_per_slot) [[unlikely]] {
    me.count(layout::counter::pins_exhausted);
    return handle;
  }
  layout::atomic_ref32& word = record.words[pin];
  layout::item* item = table::find_pinned(memory_, at, key, word);
  if (item == nullptr) return handle;
  const layout::item_shape shape = item->shape();
  const std::size_t size = item->value_size();
  const std::byte* value = item->at(shape.value_offset());
  if (!memory_.holds(value, size) || table::is_expired(*item)) [[unlikely]] {  // damaged, or past its deadline
    table::unpin(word);
    return handle;
  }
  handle.value_ = value;
  handle.size_ = size;
  handle.item_ = reinterpret_cast<const std::byte*>(item);
  handle.pin_ = pin;
  handle.pins_ = &record;
  return handle;
}

read_handle cache_impl::get(const table::lookup_key& key) noexcept {
  thread_record* owner = record();
  if (owner == nullptr || !is_key(key)) [[unlikely]] return {};
  read_handle handle = pin_item(*owner, table::place_of(memory_, table::hash_of(memory_, key.bytes)), key);
  if (!handle) {
    owner->me.count(layout::counter::misses);
    return handle;
  }
  owner->me.count(layout::counter::hits);
  auto& item = *reinterpret_cast<layout::item*>(const_cast<std::byte*>(handle.item_));
  if (!table::heat_of(item).marked()) [[unlikely]] mark_used(owner->me, item, owner->words[handle.pin_].load(std::memory_order_relaxed));
  return handle;
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
  return static_cast<bool>(pin_item(*owner, table::place_of(memory_, table::hash_of(memory_, key.bytes)), key));
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
      handle = pin_item(*owner, places[i], key);
      if (!handle) {
        owner->me.count(layout::counter::misses);
        continue;
      }
      ++hits;
      owner->me.count(layout::counter::hits);
      auto& item = *reinterpret_cast<layout::item*>(const_cast<std::byte*>(handle.item_));
      if (!table::heat_of(item).marked()) mark_used(owner->me, item, owner->words[handle.pin_].load(std::memory_order_relaxed));
      owner->next.store((handle.pin_ + 1) % layout::pins_per_slot, std::memory_order_relaxed);
    }
  }
  return hits;
}

}  // namespace larder::detail
