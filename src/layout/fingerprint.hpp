// The layout fingerprint (P8): computed at compile time from the size of every shared struct and the offset of every
// field that others read, so that builds which disagree refuse each other by name. (Idea: LMDB's MDB_LOCK_FORMAT.)
#ifndef LARDER_LAYOUT_FINGERPRINT_HPP
#define LARDER_LAYOUT_FINGERPRINT_HPP

#include <cstddef>
#include <cstdint>

#include "larder/options.hpp"
#include "layout/bucket.hpp"
#include "layout/change_record.hpp"
#include "layout/class_state.hpp"
#include "layout/geometry.hpp"
#include "layout/header.hpp"
#include "layout/item.hpp"
#include "layout/keyspace_entry.hpp"
#include "layout/page.hpp"
#include "layout/slot.hpp"
#include "layout/stripe.hpp"

namespace larder::layout {

// To be raised when the meaning of bytes changes while their places do not.
inline constexpr std::uint64_t layout_revision = 4;

[[nodiscard]] constexpr std::uint64_t fingerprint() noexcept {  // NOLINT(readability-function-size): a list
  const std::uint64_t facts[] = {
    layout_revision,
    0x0102'0304,  // byte order is asserted in item.hpp
    sizeof(void*),
    sizeof(header),
    offsetof(header, free_pages),
    offsetof(header, fences_begun),
    offsetof(header, feed),
    offsetof(header, counters),
    sizeof(fixed_header),
    offsetof(fixed_header, when_full),
    static_cast<std::uint64_t>(full_policy::refuse),
    offsetof(fixed_header, areas),
    offsetof(fixed_header, seed),
    sizeof(geometry),
    offsetof(geometry, pages),
    sizeof(slot),
    offsetof(slot, token),
    offsetof(slot, inflight),
    offsetof(slot, copy),
    offsetof(slot, retiring),
    offsetof(slot, run_borders),
    offsetof(slot, reserved),
    offsetof(slot, subscriptions),
    offsetof(slot, invalidating),
    offsetof(slot, pins),
    offsetof(slot, counters),
    pins_per_slot,
    reservations_per_slot,
    counters_per_slot,
    sizeof(stripe),
    offsetof(stripe, items),
    offsetof(stripe, changes),
    sizeof(bucket),
    offsetof(bucket, hints),
    words_per_bucket,
    sizeof(item),
    offsetof(item, heat),
    offsetof(item, version_low),
    offsetof(item, shape_bits),
    sizeof(page_entry),
    offsetof(page_entry, may_have_free),
    offsetof(page_entry, expiry),
    cells_per_group,
    expiry_bound::tick_shift,
    frames_per_page,
    sizeof(class_state),
    max_classes,
    offsetof(class_state, small_hand),
    sizeof(keyspace_entry),
    keyspace_prefix_size,
    sizeof(change_record),
    key_head_size,
    key_tail_size,
    static_cast<std::uint64_t>(change_kind::missed),
    cell_shift,
    buckets_at_first,
    first_owner_stamp,
#if LARDER_DEGENERATE_HASH
    1,  // test build
#endif
  };
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;  // FNV-1a over the numbers
  for (const std::uint64_t fact : facts) {
    hash = (hash ^ fact) * 0x0000'0100'0000'01B3U;
    hash ^= hash >> 29;
  }
  // Where the shape of an item in cell 0 would be. So a reader that follows an empty bucket word finds no item there, and
  // needs no test of its own for it.
  static_assert(offsetof(fixed_header, fingerprint) == 8 && cell_shift + offsetof(item, shape_bits) == 12);
  return hash | std::uint64_t{item_shape::of_no_item} << 32;
}

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_FINGERPRINT_HPP
