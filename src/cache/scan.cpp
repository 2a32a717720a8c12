// for_each: visits every item, pinned while it is looked at. Walks by buckets, so an item that is rewritten meanwhile is
// met at its place (guarantee G).
#include "cache/cache_impl.hpp"
#include "cache/walk.hpp"

namespace larder::detail {

item_view view_of(const layout::item& item) noexcept {
  item_view view;
  const table::lookup_key key = table::key_of(item);
  view.key = key.bytes;
  view.keyspace = key.keyspace_id();
  view.value = {reinterpret_cast<const char*>(item.value()), item.value_size()};
  view.version = static_cast<larder::version>(item.version());
  view.flags = item.flags();
  if (const std::uint64_t expiry = table::expiry_of(item); expiry != table::no_expiry) {
    const std::uint64_t now = platform::exact_now();
    view.ttl_left = milliseconds(expiry > now ? static_cast<milliseconds::rep>(expiry - now) : 0);
  }
  view.recently_used = table::heat_of(item).marked();
  return view;
}

bool is_visible(const segment& memory, const layout::item& item) noexcept {
  const table::lookup_key key = table::key_of(item);
  return !table::is_expired(item) && (!key.prefix || table::is_of_now(memory, *key.prefix));
}

void cache_impl::visit_items(function_ref<bool(const item_view&)> visit) {
  thread_record* owner = record();
  if (owner == nullptr) return;
  table::linked_pin pinned(owner->me);
  if (!pinned.available()) return;
  const auto visit_word = [&](table::place at, const std::atomic<std::uint64_t>& word, layout::bucket_word seen,
                              std::uint32_t, layout::table_word table) {
    // A word that changes while it is being pinned is looked at again: the item it names now is there, too.
    while (!seen.empty() && memory_.in_pages(seen.cell())) {
      const bool linked = pinned.pinned_stamp(seen.cell()) != layout::stamp_free;
      const layout::bucket_word now = table::load_word(word);
      // I8: the words of an array that was replaced stay as they are; the walk goes on in the new one.
      if (table::table_word_of(memory_, at.stripe).bits != table.bits) return true;
      if (now.bits == seen.bits) {
        const layout::item& item = *memory_.item_at(seen.cell());
        return !linked || !table::is_sane(memory_, item) || !is_visible(memory_, item) || visit(view_of(item));
      }
      seen = now;
    }
    return true;
  };
  for (std::uint32_t stripe = 0; stripe < memory_.geometry().stripe_count(); ++stripe) {
    if (!walk_stripe(memory_, stripe, visit_word)) return;
  }
}

}  // namespace larder::detail
