#include "table/find.hpp"

namespace larder::table::detail {
namespace {

// acquire: whoever moved an item to its alternate bucket has raised the count first
bool has_spilled(const layout::bucket& primary) noexcept {
  const platform::speculation reading;
  return bucket_hints(primary.hints.load(std::memory_order_acquire)).spilled() != 0;
}

}  // namespace

layout::item* find_further(const segment& memory, place at, const lookup_key& key, layout::atomic_ref32& pin_word,
                           look seen, layout::table_word table) noexcept {
  for (;;) {
    const bucket_array buckets(memory, table);
    if (!buckets.usable()) break;
    const layout::bucket& primary = buckets.primary(at.tag);
    layout::item* item = nullptr;
    if (seen == look::absent && has_spilled(primary)) {
      seen = find_in_bucket(memory, buckets.alternate(at.tag), at, table, key, pin_word, item);
      if (seen == look::found) return item;
    }
    const layout::table_word now = table_word_of(memory, at.stripe);
    if (seen == look::absent && now.bits == table.bits) break;
    table = now;
    const bucket_array again(memory, table);
    if (!again.usable()) break;
    seen = find_in_bucket(memory, again.primary(at.tag), at, table, key, pin_word, item);
    if (seen == look::found) return item;
  }
  unpin(pin_word);  // in any case: it is this thread's last word about the buckets it looked at
  return nullptr;
}

}  // namespace larder::table::detail
