// Storing: put, add, replace, cas; reserve and commit; erase, clear, sweep.
#include <algorithm>
#include <cstring>

#include "cache/cache_impl.hpp"
#include "cache/deadline.hpp"
#include "cache/recovery.hpp"

namespace larder::detail {

using layout::cell_ref;

namespace {

// Does the live item that is there (nullptr: none) allow the store?
status allows(const store_request& request, const layout::item* live) noexcept {
  switch (request.when) {
    case condition::none:
      return status::ok;
    case condition::absent:
      return live == nullptr ? status::ok : status::exists;
    case condition::present:
      return live != nullptr ? status::ok : status::not_found;
    case condition::same_version:
      if (live == nullptr) return status::not_found;
      return live->version() == static_cast<std::uint64_t>(request.expected) ? status::ok : status::version_mismatch;
  }
  return status::ok;
}

// An item is stored when it is committed: in the generation that its keyspace has then, not in that of its reservation.
void renew_prefix(const segment& memory, layout::item& item) noexcept {
  const table::lookup_key key = table::key_of(item);
  if (!key.prefix || !table::keyspace_exists(memory, *key.prefix)) return;
  const std::uint64_t prefix = table::keyspace_prefix_of_now(memory, layout::keyspace_index(*key.prefix));
  std::memcpy(item.at(item.shape().key_offset()), &prefix, sizeof prefix);
}

void free_made(memory::actor& me, cell_ref cell, layout::atomic_ref32& hint) noexcept {
  memory::free_cell(me, cell);
  memory::clear_hint(hint);
}

// Both buckets of the key are full: a larger array, as long as there is memory for it that holds nothing. Once items have had
// to leave, and where growing does not help, one of those that are in the way must go; where a full cache refuses, the new one
// is refused.
bool uncrowd(memory::actor& me, table::place at, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  std::uint32_t count = table::table_word_of(memory, at.stripe).count();
  const std::uint64_t items = memory.stripe(at.stripe).items.load(std::memory_order_relaxed);
  const bool sparse = items * 2 < std::uint64_t{count} * layout::words_per_bucket;  // growing is not the remedy
  const bool refuses = memory.refuses_when_full();
  const bool may_grow =
      !sparse && (refuses || !table::is_full(me, memory::word_of(memory, memory.page_of(cell)).size_class()));
  for (int attempt = 0; attempt < 6 && may_grow; ++attempt) {
    const std::uint32_t size = table::larger_size(me, at.stripe, count);
    const table::resized done = table::resize(me, at.stripe, size);
    if (done == table::resized::done) return true;
    if (done == table::resized::busy) break;
    if (done == table::resized::no_cell) {
      const std::size_t bytes = table::array_size(size);
      if (!(refuses ? table::make_room(me, bytes) : table::take_spare_page(me, me.classes->class_for(bytes)))) break;
    }
    if (done == table::resized::crowded) count = size;
  }
  return table::evict_beside(me, at);
}

// Under the lock: links the item if the condition holds. no_space: both buckets of the key are full.
status link_once(memory::actor& me, table::place at, const store_request& request, const table::foresight& foreseen,
                 cell_ref cell, layout::atomic_ref32& hint) noexcept {
  const table::stripe_lock lock(me, at.stripe);
  if (!lock.held()) return status::timed_out;
  // Most stores replace an item that is where it was foreseen.
  if (request.when == condition::none && table::replace_foreseen(me, at, foreseen, request.key, cell, hint))
    return status::ok;
  const table::spot old = table::locate(*me.memory, at, request.key);
  const layout::item* live = old.item != nullptr && !table::is_expired(*old.item) ? old.item : nullptr;
  if (const status refused = allows(request, live); refused != status::ok) return refused;
  if (old.item == nullptr) return table::publish(me, at, cell, hint) ? status::ok : status::no_space;
  table::replace(me, at, old, cell, hint);
  return status::ok;
}

}  // namespace

result<cell_ref> cache_impl::make_item(thread_record& record, const table::lookup_key& key, std::size_t value_size,
                                       const put_options& options, layout::atomic_ref32& hint) noexcept {
  memory::actor& me = record.me;
  const layout::item_shape shape(key.size(), options.ttl != forever, options.flags != 0, key.prefix.has_value(),
                                 value_size);
  if (!key.is_valid() || value_size > classes_.largest_request() ||
      layout::item_size(shape, value_size) > classes_.largest_request()) {
    me.count(layout::counter::too_large);
    return status::too_large;
  }
  memory::tend_limbo(me, true);
  const cell_ref cell = table::allocate_with_room(me, layout::item_size(shape, value_size), hint);
  if (cell == layout::no_cell) {
    me.count(layout::counter::no_space);
    return status::no_space;
  }
  layout::item& item = *memory_.item_at(cell);
  item.version_high = 0;
  item.version_low = 0;
  item.shape_bits = shape.bits();
  if (shape.has_expiry()) item.expiry().store(deadline_after(options.ttl), std::memory_order_relaxed);
  if (shape.is_large()) item.large_size() = value_size;
  if (shape.has_flags()) item.flags_field() = options.flags;
  key.copy_to(item.at(shape.key_offset()));
  return cell;
}

status cache_impl::link(thread_record& record, table::place at, const store_request& request,
                        const table::foresight& foreseen, cell_ref cell, layout::atomic_ref32& hint) noexcept {
  memory::actor& me = record.me;
  // Each round makes a bucket less crowded; others may fill it again.
  constexpr int rounds = 16;
  status outcome = status::no_space;
  for (int round = 0; round < rounds; ++round) {
    outcome = link_once(me, at, request, foreseen, cell, hint);
    if (outcome != status::no_space || !uncrowd(me, at, cell)) break;
  }
  if (outcome == status::ok) {
    me.count(layout::counter::puts);
  } else {
    if (outcome == status::no_space) me.count(layout::counter::no_space);
    free_made(me, cell, hint);
  }
  recover_met(me);
  return outcome;
}

status cache_impl::store(const store_request& request, bytes_view value) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  const table::place at = table::place_of(memory_, request.key);
  table::prefetch_for_writer(memory_, at);
  layout::atomic_ref32& hint = owner->me.slot->inflight;
  const result<cell_ref> cell = make_item(*owner, request.key, value.size(), request.options, hint);
  if (!cell) return cell.error();
  const bool late = platform::has(platform::bug::published_before_written);
  if (value.size() != 0 && !late) std::memcpy(memory_.item_at(*cell)->value(), value.data(), value.size());
  const table::foresight foreseen = table::foresee(memory_, at);
  // What must leave leaves before the item is stored, or it could be the item itself.
  if (foreseen.bucket == nullptr) table::tend_stripe(owner->me, at.stripe);
  LARDER_KILL_POINT(store_filled);
  const status outcome = link(*owner, at, request, foreseen, *cell, hint);
  if (late) std::memcpy(memory_.item_at(*cell)->value(), value.data(), value.size());
  return outcome;
}

result<reservation> cache_impl::reserve(const table::lookup_key& key, std::size_t size,
                                        const put_options& options) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  auto& hints = owner->me.slot->reserved;
  const auto free = std::find_if(std::begin(hints), std::end(hints), [](const layout::atomic_ref32& hint) noexcept {
    return hint.load(std::memory_order_acquire) == layout::no_cell;
  });
  if (free == std::end(hints)) return status::no_space;
  const result<cell_ref> cell = make_item(*owner, key, size, options, *free);
  if (!cell) return cell.error();
  table::tend_stripe(owner->me, table::place_of(memory_, key).stripe);
  reservation reserved;
  reserved.cache_ = this;
  reserved.owner_ = owner;
  reserved.value_ = memory_.item_at(*cell)->value();
  reserved.size_ = size;
  reserved.cell_ = *cell;
  reserved.hint_ = static_cast<std::uint32_t>(free - std::begin(hints));
  return reserved;
}

status cache_impl::commit(reservation& reserved, std::size_t used) noexcept {
  thread_record* owner = std::exchange(reserved.owner_, nullptr);
  thread_record* mine = owner != nullptr && owner->attached() ? record() : nullptr;
  if (mine == nullptr) return status::detached;
  layout::item& item = *memory_.item_at(reserved.cell_);
  LARDER_ASSERT(used <= reserved.size_);
  if (item.shape().is_large()) {
    item.large_size() = used;
  } else {
    item.shape_bits = (item.shape_bits & 0xFFFFU) | static_cast<std::uint32_t>(used) << 16;
  }
  renew_prefix(memory_, item);
  store_request request;
  request.key = table::key_of(item);
  const table::place at = table::place_of(memory_, request.key);
  return link(*mine, at, request, {}, reserved.cell_, owner->me.slot->reserved[reserved.hint_]);
}

void cache_impl::abandon(reservation& reserved) noexcept {
  thread_record* owner = std::exchange(reserved.owner_, nullptr);
  if (owner == nullptr || !owner->attached()) return;
  thread_record* mine = record();
  // A thread that cannot attach leaves the cell to its hint: it is given back when the owner's slot is.
  if (mine != nullptr) free_made(mine->me, reserved.cell_, owner->me.slot->reserved[reserved.hint_]);
}

status cache_impl::erase(const table::lookup_key& key) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  if (!key.is_valid()) return status::not_found;
  memory::actor& me = owner->me;
  memory::tend_limbo(me, false);
  const table::place at = table::place_of(memory_, key);
  status outcome = status::not_found;
  {
    const table::stripe_lock lock(me, at.stripe);
    if (!lock.held()) return status::timed_out;
    const table::spot old = table::locate(memory_, at, key);
    if (old.item != nullptr) {
      const bool expired = table::is_expired(*old.item);
      table::take_out(me, at, old, table::remember::no, expired ? change_kind::expired : change_kind::erased);
      me.count(expired ? layout::counter::expirations : layout::counter::erases);
      if (!expired) outcome = status::ok;
    }
  }
  // Where a full cache refuses, somebody else may be waiting for this very cell.
  if (memory_.refuses_when_full() && memory::has_no_free_page(memory_)) memory::reclaim(me);
  recover_met(me);
  return outcome;
}

status cache_impl::clear() noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  memory::actor& me = owner->me;
  status outcome = status::ok;
  for (std::uint32_t stripe = 0; stripe < memory_.geometry().stripe_count(); ++stripe) {
    {
      const table::stripe_lock lock(me, stripe);
      if (!lock.held()) {
        outcome = status::timed_out;
        continue;
      }
      const table::bucket_array buckets(memory_, table::table_word_of(memory_, stripe));
      for (std::uint32_t b = 0; b < buckets.count(); ++b) {
        for (std::uint32_t i = 0; i < layout::words_per_bucket; ++i) {
          const layout::bucket_word word{buckets[b].words[i].load(std::memory_order_relaxed)};
          if (!memory_.in_pages(word.cell())) continue;
          if (memory::limbo_is_full(me)) memory::reclaim(me);
          const bool spilled = &buckets.primary(word.tag()) != &buckets[b];
          table::take_out(me, {stripe, word.tag()},
                          {&buckets[b], i, spilled, word.cell(), memory_.item_at(word.cell())}, table::remember::no,
                          change_kind::erased);
          me.count(layout::counter::erases);
        }
      }
    }
    recover_met(me);
  }
  memory::reclaim(me);
  return outcome;
}

std::size_t cache_impl::sweep() noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return 0;
  table::sweep_pass pass = table::begin_sweep(true);
  while (table::sweep_some(owner->me, pass)) {
  }
  memory::reclaim(owner->me);
  recover_met(owner->me);
  return pass.removed;
}

}  // namespace larder::detail
