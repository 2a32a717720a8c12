// Read-modify-write: append, prepend, incr, decr, touch. An item's bytes never change, so each makes a new item of the
// old one, aside, and replaces the one by the other under the stripe lock, if it is still the same; else once more.
#include <cstring>

#include "cache/cache_impl.hpp"
#include "cache/deadline.hpp"
#include "cache/recovery.hpp"

namespace larder::detail {

using layout::cell_ref;
using layout::item;

namespace {

// The options that an item was stored with; or with an expiry in any case. The ttl tells only whether there is one.
put_options options_of(const item& old, bool expires) noexcept {
  put_options options;
  options.flags = old.flags();
  if (expires || old.shape().has_expiry()) options.ttl = milliseconds(1);
  return options;
}

void copy_expiry(item& to, const item& from) noexcept {
  if (from.shape().has_expiry())
    to.expiry().store(from.expiry().load(std::memory_order_relaxed), std::memory_order_relaxed);
}

}  // namespace

// size(old) says how large the new value is, in a result<std::size_t>; fill(new, old) writes it.
template <class Size, class Fill>
status cache_impl::rewrite(thread_record& record, const table::lookup_key& key, bool keep_version, Size size,
                           Fill fill) noexcept {
  memory::actor& me = record.me;
  const table::place at = table::place_of(memory_, key);
  for (;;) {
    const read_handle old(pin_item(record, at, key, use::is_internal));
    if (!old) return status::not_found;
    const item& from = *item_of(*old.pin_);
    const cell_ref from_cell = old.pin_->word->load(std::memory_order_relaxed);
    const result<std::size_t> value_size = size(from);
    if (!value_size) return value_size.error();
    const put_options options = options_of(from, keep_version);  // it is touch that keeps the version
    const result<cell_ref> cell = make_item(record, key, *value_size, options, me.slot->inflight);
    if (!cell) return cell.error();
    item& to = *memory_.item_at(*cell);
    copy_expiry(to, from);
    fill(to, from);
    status outcome = status::version_mismatch;
    {
      const table::stripe_lock lock(me, at.stripe);
      const table::spot spot = lock.held() ? table::locate(memory_, at, key) : table::spot{};
      if (!lock.held()) {
        outcome = status::timed_out;
      } else if (spot.cell == from_cell) {
        if (keep_version) {
          to.set_version(from.version());
          table::set_heat(to, table::heat_of(from));
          table::count_moved(me, from_cell, *cell, table::heat_of(from));
          table::relocate(me, at, spot, *cell, me.slot->inflight);
        } else {
          table::replace(me, at, spot, *cell, me.slot->inflight);
        }
        outcome = status::ok;
      }
    }
    recover_met(me);
    if (outcome == status::ok) return outcome;
    memory::free_cell(me, *cell);
    memory::clear_hint(me.slot->inflight);
    if (outcome == status::timed_out) return outcome;
  }
}

status cache_impl::extend(const table::lookup_key& key, bytes_view head, bytes_view tail) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  if (!key.is_valid()) return status::not_found;
  const auto copy = [](std::byte* to, const void* from, std::size_t size) noexcept {
    if (size != 0) std::memcpy(to, from, size);
    return to + size;
  };
  const status outcome = rewrite(
      *owner, key, false,
      [&](const item& old) noexcept -> result<std::size_t> { return old.value_size() + head.size() + tail.size(); },
      [&](item& made, const item& old) noexcept {
        std::byte* to = copy(made.value(), head.data(), head.size());
        to = copy(to, old.value(), old.value_size());
        copy(to, tail.data(), tail.size());
      });
  if (outcome == status::ok) owner->me.count(layout::counter::puts);
  return outcome;
}

result<std::int64_t> cache_impl::add_to(const table::lookup_key& key, std::int64_t delta,
                                        const incr_options& options) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  if (!key.is_valid()) return status::too_large;
  // Unsigned: wraps around instead of overflowing.
  const auto sum = [&](std::int64_t before) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(before) + static_cast<std::uint64_t>(delta));
  };
  for (;;) {
    std::int64_t now = 0;
    const status outcome = rewrite(
        *owner, key, false,
        [](const item& old) noexcept -> result<std::size_t> {
          if (old.value_size() != sizeof(std::int64_t)) return status::not_numeric;
          return sizeof(std::int64_t);
        },
        [&](item& made, const item& old) noexcept {
          std::memcpy(&now, old.value(), sizeof now);
          now = sum(now);
          std::memcpy(made.value(), &now, sizeof now);
        });
    if (outcome == status::ok) owner->me.count(layout::counter::puts);
    if (outcome != status::not_found)
      return outcome == status::ok ? result<std::int64_t>(now) : result<std::int64_t>(outcome);
    now = sum(options.initial);
    const status added = store({key, condition::absent, {}, {options.ttl, 0}}, object_bytes(now));
    if (added != status::exists) return added == status::ok ? result<std::int64_t>(now) : result<std::int64_t>(added);
  }
}

status cache_impl::touch(const table::lookup_key& key, milliseconds ttl) noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return status::detached;
  if (!key.is_valid()) return status::not_found;
  memory::actor& me = owner->me;
  const std::uint64_t deadline = deadline_after(ttl);
  {
    const table::place at = table::place_of(memory_, key);
    const table::stripe_lock lock(me, at.stripe);
    if (!lock.held()) return status::timed_out;
    const table::spot spot = table::locate(memory_, at, key);
    if (spot.item == nullptr || table::is_expired(*spot.item)) return status::not_found;
    if (spot.item->shape().has_expiry() || ttl == forever) {
      if (spot.item->shape().has_expiry()) {
        const bool earlier = deadline < table::expiry_of(*spot.item);
        // I16: before, for who dies here; and after, for a sweeper that comes in between. Whoever takes the lock over from
        // one who died after such a sweeper came does the latter (table/stripe_lock.cpp).
        if (earlier) table::lower_expiry_bound(me, spot.cell, deadline);
        // relaxed: I6, a single atomic that readers may see before or after
        spot.item->expiry().store(deadline, std::memory_order_relaxed);
        if (earlier) table::lower_expiry_bound(me, spot.cell, deadline);
      }
      return status::ok;
    }
  }
  // It has no room for an expiry: make one that has.
  recover_met(me);
  return rewrite(
      *owner, key, true, [](const item& old) noexcept -> result<std::size_t> { return old.value_size(); },
      [&](item& made, const item& old) noexcept {
        made.expiry().store(deadline, std::memory_order_relaxed);
        if (old.value_size() != 0) std::memcpy(made.value(), old.value(), old.value_size());
      });
}

}  // namespace larder::detail
