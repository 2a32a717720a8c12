// What writers do to a stripe's buckets. All functions here REQUIRE the stripe's lock.
//
// Protocols (each line one store or more of one word; [h] marks hints, see layout/slot.hpp)
//
//     publish    (inflight = c) c's version; word = c   <- the item exists; changes++; announce; stamp(c) = LINKED;
//                [h] inflight = 0
//     replace    [h] retiring = o; c's version; word = c <- the item is replaced; changes++; announce; stamp(c) = LINKED;
//                [h] inflight = 0; stamp(o) = OWNED(me); limbo += o; [h] retiring = 0
//     take out   [h] retiring = o; word = 0              <- the item is gone; changes++; announce; stamp(o) = OWNED(me);
//                limbo += o; [h] retiring = 0
//     Announcing is table/change_feed.hpp: while a hint still names the cell.
//
//     spill      (both buckets of a new item are full: one that is in its primary bucket P moves to its alternate A)
//                spilled(P)++; A's word = w; P's word = 0. Readers look at P first and then at A, so they meet it in one
//                of them. Only this way round: one that moved back could be missed.
//
// Invariants: I1 (an item exists iff a bucket word of its stripe's current array names its cell; two words only after a
// death in spill, in its two buckets, until the lock is taken over), I4, I9 (changes grows between taking out and reuse).
//
// If a process dies here: the word is stored or it is not. If it is, the item is whole, and recovery finds its cell
// reachable and stamps it LINKED; if not, the cell is unreachable and freed. The old cell the other way round.
#ifndef LARDER_TABLE_STRIPE_TABLE_HPP
#define LARDER_TABLE_STRIPE_TABLE_HPP

#include <cstdint>

#include "memory/memory.hpp"
#include "table/bucket_index.hpp"
#include "table/displace.hpp"
#include "table/hints.hpp"
#include "table/key.hpp"
#include "table/tag_match.hpp"

namespace larder::table {

// Where an item stands in the table; `item` is nullptr if there is none.
struct spot {
  layout::bucket* bucket = nullptr;
  std::uint32_t word = 0;
  bool spilled = false;  // in its alternate bucket
  layout::cell_ref cell = layout::no_cell;
  layout::item* item = nullptr;
};

[[nodiscard]] spot locate(const segment& memory, place at, const lookup_key& key) noexcept;

// What a writer sees of the table before it has the lock: the first word of the primary bucket with the tag. It may be wrong
// by the time that the lock is held; the memory that it leads to is on its way then.
struct foresight {
  layout::table_word table;
  layout::bucket_word word;
  layout::bucket* bucket = nullptr;  // nullptr: no such word
  std::uint32_t index = 0;

  // Under the lock: if so, the word's item is linked.
  [[nodiscard]] bool is_still_so(const segment& memory, place at) const noexcept {
    return bucket != nullptr && memory.table(at.stripe).load(std::memory_order_relaxed) == table.bits &&
           bucket->words[index].load(std::memory_order_relaxed) == word.bits;
  }
};

// What a writer of this place will wait for first. Until it is here there is other work: an item to make, other items to judge.
inline void prefetch_for_writer(const segment& memory, place at) noexcept {
  __builtin_prefetch(&memory.stripe(at.stripe), 1);
  const bucket_array buckets(memory, table_word_of(memory, at.stripe));
  if (buckets.usable()) __builtin_prefetch(&buckets.primary(at.tag), 1);
}

[[nodiscard]] inline foresight foresee(const segment& memory, place at) noexcept {
  const platform::speculation reading;
  foresight seen{table_word_of(memory, at.stripe), {}};
  const bucket_array buckets(memory, seen.table);
  if (!buckets.usable()) return seen;
  layout::bucket& primary = buckets.primary(at.tag);
  const tag_matches matches = match_tags(primary, at.tag);
  if (!matches.none()) [[likely]] {
    seen.index = static_cast<std::uint32_t>(matches.first());
    seen.word = {primary.words[seen.index].load(std::memory_order_relaxed)};  // relaxed: looked at again under the lock
    if (seen.word.tag() == at.tag && memory.in_pages(seen.word.cell())) [[likely]] {
      seen.bucket = &primary;
      const auto* item = reinterpret_cast<const std::byte*>(memory.item_at(seen.word.cell()));
      __builtin_prefetch(item, 1);    // its stamp will change
      __builtin_prefetch(item + 64);  // the end of its key
    }
  } else if (bucket_hints(primary.hints.load(std::memory_order_relaxed)).spilled() != 0 || is_full(primary)) {
    __builtin_prefetch(&buckets.alternate(at.tag), 1);
  }
  return seen;
}

// The word that names this very cell.
[[nodiscard]] spot locate_cell(const segment& memory, place at, layout::cell_ref cell) noexcept;

// Makes the item in `cell` visible under its key, which is not in the table. `inflight` is the hint that names the cell.
// False: both buckets are full; nothing has changed. The item's heat is set: admitted by a ghost, or on probation.
[[nodiscard]] bool publish(memory::actor& me, place at, layout::cell_ref cell, layout::atomic_ref32& inflight) noexcept;

// Makes it visible in the place of another item of its key, whose heat it inherits.
void replace(memory::actor& me, place at, const spot& old, layout::cell_ref cell,
             layout::atomic_ref32& inflight) noexcept;

// The same if what was foreseen is still so and has that key, and both items are of one size class. False: nothing is done.
[[nodiscard]] bool replace_foreseen(memory::actor& me, place at, const foresight& seen, const lookup_key& key,
                                    layout::cell_ref cell, layout::atomic_ref32& inflight) noexcept;

// As replace, for a copy of the same item, version and heat included, in a cell of the same class.
void relocate(memory::actor& me, place at, const spot& old, layout::cell_ref cell,
              layout::atomic_ref32& inflight) noexcept;

enum class remember : std::uint8_t { no, as_ghost };

// Takes an item out of the table, and says why; its cell goes to limbo.
void take_out(memory::actor& me, place at, const spot& old, remember how, change_kind why) noexcept;

// The stripe whose bucket array a TABLE cell holds, as its header says; may be any number.
[[nodiscard]] inline std::uint32_t stripe_of_array(const layout::item& header) noexcept { return header.version_low; }

// True if the stripe's table word names an array inside the cell.
[[nodiscard]] bool holds_array(const memory::actor& me, std::uint32_t stripe, layout::cell_ref cell) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_STRIPE_TABLE_HPP
