// Cost: a put over a present key waits for two lines of memory, one after the other: its bucket and its old item. While the
// first is on its way the new item is made. What can be done before the second is here is done before; what comes behind it
// delays the caller. Hence prefetch_for_writer, foresight and replace_foreseen.
#include "table/stripe_table.hpp"

#include "table/change_feed.hpp"
#include "table/displace.hpp"
#include "table/expiry.hpp"
#include "table/heat.hpp"
#include "table/hints.hpp"
#include "table/homing.hpp"
#include "table/policy_counts.hpp"
#include "table/stripe_lock.hpp"
#include "table/sweeper.hpp"
#include "table/tag_match.hpp"

namespace larder::table {

using layout::bucket;
using layout::bucket_word;
using layout::cell_ref;

namespace {

// Calls found(bucket, word index) for each word with the tag, in the primary bucket and then in the alternate one, until
// it returns true.
template <class Found>
void for_each_match(const segment& memory, place at, Found found) noexcept {
  const bucket_array buckets(memory, table_word_of(memory, at.stripe));
  if (!buckets.usable()) return;
  bucket& primary = buckets.primary(at.tag);
  bucket& alternate = buckets.alternate(at.tag);
  for (bucket* in : {&primary, &alternate}) {
    for (tag_matches matches = match_tags(*in, at.tag); !matches.none(); matches = matches.without_first()) {
      if (found(*in, static_cast<std::uint32_t>(matches.first()), in != &primary)) return;
    }
    // relaxed: written under the lock that the caller holds
    if (bucket_hints(primary.hints.load(std::memory_order_relaxed)).spilled() == 0) return;
  }
}

template <class Test>
spot locate_if(const segment& memory, place at, Test test) noexcept {
  spot result;
  for_each_match(memory, at, [&](bucket& in, std::uint32_t i, bool spilled) noexcept {
    const bucket_word word{in.words[i].load(std::memory_order_relaxed)};  // relaxed: under the lock
    if (word.tag() != at.tag || !memory.in_pages(word.cell()) || !test(word.cell())) return false;
    result = {&in, i, spilled, word.cell(), memory.item_at(word.cell())};
    return true;
  });
  return result;
}

void add_items(memory::actor& me, place at, std::uint32_t by) noexcept {
  std::atomic<std::uint32_t>& items = me.memory->stripe(at.stripe).items;
  items.store(items.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);  // under the lock
}

void store_hints(bucket& in, bucket_hints hints) noexcept {
  in.hints.store(hints.bits(),
                 std::memory_order_release);  // release: before the word that it announces; pairs with find
}

// Moves a word from its primary bucket to its alternate one.
void spill(memory::actor& me, place at, const displacement& by) noexcept {
  std::atomic<std::uint64_t>& from = by.from->words[by.word];
  const bucket_word moving{from.load(std::memory_order_relaxed)};
  store_hints(*by.from, bucket_hints(by.from->hints.load(std::memory_order_relaxed)).spilled_more());
  LARDER_KILL_POINT(spill_announced);
  if (platform::has(platform::bug::spilled_through_nothing)) from.store(0, std::memory_order_release);
  by.to->words[empty_word(*by.to)].store(moving.bits,
                                         std::memory_order_release);  // release: before the other goes; pairs with find
  LARDER_KILL_POINT(spill_doubled);
  layout::stripe& in = me.memory->stripe(at.stripe);
  set_changes(in, next_change(in));
  from.store(0, std::memory_order_release);
  LARDER_KILL_POINT(spilled);
}

// Before an item is published: when it expires (I16).
void note_expiry(const memory::actor& me, cell_ref cell) noexcept {
  const layout::item& item = *me.memory->item_at(cell);
  if (item.shape().has_expiry()) lower_expiry_bound(me, cell, expiry_of(item));
}

// The end of publish and replace: the word is stored, now the stamp and the hint.
inline void settle(layout::atomic_stamp& stamp, layout::atomic_ref32& inflight) noexcept {
  if (platform::has(platform::bug::hint_cleared_before_stamp)) memory::clear_hint(inflight);
  stamp.store(layout::stamp_linked, std::memory_order_release);  // release: after the word (I2)
  LARDER_KILL_POINT(publish_stamped);
  memory::clear_hint(inflight);
}

// A copy of the same item is no news.
enum class news : bool { no, yes };

// Stores `cell` in the word of `old`, which `retiring` names, and retires that.
[[gnu::always_inline]] inline void exchange(memory::actor& me, layout::stripe& in, const spot& old, std::uint32_t tag,
                                            cell_ref cell, layout::item& made, layout::atomic_stamp& stamp,
                                            layout::atomic_ref32& inflight, std::uint64_t changes,
                                            std::uint32_t old_class, news is_news) noexcept {
  std::atomic<std::uint64_t>& word = old.bucket->words[old.word];
  LARDER_KILL_POINT(replace_hinted);
  if (platform::has(platform::bug::replaced_through_nothing)) word.store(0, std::memory_order_release);
  word.store(bucket_word::make(tag, cell).bits, std::memory_order_release);  // release: THE commit; pairs with find
  LARDER_KILL_POINT(replace_published);
  set_changes(in, changes);
  if (is_news == news::yes) announce(me, change_kind::stored, made);
  settle(stamp, inflight);
  memory::retire(me, old.cell, old_class);
}

// replace and relocate, once the new item is complete.
void exchange_whole(memory::actor& me, place at, const spot& old, cell_ref cell, layout::atomic_ref32& inflight,
                    std::uint64_t changes, news is_news) noexcept {
  note_expiry(me, cell);
  memory::hint(me.slot->retiring, old.cell);
  exchange(me, me.memory->stripe(at.stripe), old, at.tag, cell, *me.memory->item_at(cell),
           memory::stamp_of(*me.memory, cell), inflight, changes,
           memory::word_of(*me.memory, me.memory->page_of(old.cell)).size_class(), is_news);
}

}  // namespace

spot locate(const segment& memory, place at, const lookup_key& key) noexcept {
  return locate_if(memory, at, [&](cell_ref cell) noexcept { return has_key(*memory.item_at(cell), key); });
}

spot locate_cell(const segment& memory, place at, cell_ref cell) noexcept {
  return locate_if(memory, at, [&](cell_ref other) noexcept { return other == cell; });
}

bool publish(memory::actor& me, place at, cell_ref cell, layout::atomic_ref32& inflight) noexcept {
  const segment& memory = *me.memory;
  const bucket_array buckets(memory, table_word_of(memory, at.stripe));
  if (!buckets.usable()) return false;
  bucket& primary = buckets.primary(at.tag);
  bucket* in = bucket_with_room(buckets, at.tag, false, [&](const displacement& by) noexcept { spill(me, at, by); });
  if (in == nullptr) return false;
  const std::uint32_t i = empty_word(*in);
  bucket_hints hints(primary.hints.load(std::memory_order_relaxed));
  const bool known = hints.has_ghost(at.tag);
  if (known) {
    hints = hints.without_ghost(at.tag);
    me.count(layout::counter::ghost_hits);
  }
  if (in != &primary) hints = hints.spilled_more();
  if (known || in != &primary) store_hints(primary, hints);
  LARDER_KILL_POINT(publish_announced);

  layout::item& item = *memory.item_at(cell);
  note_expiry(me, cell);
  set_heat(item, known ? heat::main() : heat::probation());
  layout::stripe& stripe = memory.stripe(at.stripe);
  const std::uint64_t changes = next_change(stripe);
  item.set_version(changes);
  in->words[i].store(bucket_word::make(at.tag, cell).bits,
                     std::memory_order_release);  // release: THE commit; pairs with find
  LARDER_KILL_POINT(publish_published);
  set_changes(stripe, changes);
  announce(me, change_kind::stored, item);
  settle(memory::stamp_of(memory, cell), inflight);
  add_items(me, at, 1);
  count_in(me, cell, heat_of(item));
  bring_home_if_due(me, at.stripe);
  return true;
}

void replace(memory::actor& me, place at, const spot& old, cell_ref cell, layout::atomic_ref32& inflight) noexcept {
  layout::item& item = *me.memory->item_at(cell);
  const heat inherited = heat_of(*old.item).with_mark();  // being written again is a use
  set_heat(item, inherited);
  count_moved(me, old.cell, cell, inherited);
  const std::uint64_t changes = next_change(me.memory->stripe(at.stripe));
  item.set_version(changes);
  exchange_whole(me, at, old, cell, inflight, changes, news::yes);
}

bool replace_foreseen(memory::actor& me, place at, const foresight& seen, const lookup_key& key, cell_ref cell,
                      layout::atomic_ref32& inflight) noexcept {
  const segment& memory = *me.memory;
  if (!seen.is_still_so(memory, at)) return false;
  const std::uint32_t size_class = memory::word_of(memory, memory.page_of(cell)).size_class();
  const cell_ref old_cell = seen.word.cell();
  if (size_class == layout::large_class || memory::word_of(memory, memory.page_of(old_cell)).size_class() != size_class)
    return false;
  // Everything that can be done before the old item's memory is here is: see the head of this file.
  layout::stripe& in = memory.stripe(at.stripe);
  layout::item& made = *memory.item_at(cell);
  layout::item& old = *memory.item_at(old_cell);
  const std::uint64_t changes = next_change(in);
  made.set_version(changes);
  note_expiry(me, cell);
  memory::hint(me.slot->retiring, old_cell);
  if (!has_key(old, key)) [[unlikely]] {
    memory::clear_hint(me.slot->retiring);
    return false;
  }
  set_heat(made, heat_of(old).with_mark());
  exchange(me, in, {seen.bucket, seen.index, false, old_cell, &old}, at.tag, cell, made, made.stamp, inflight, changes,
           size_class, news::yes);
  return true;
}

void relocate(memory::actor& me, place at, const spot& old, cell_ref cell, layout::atomic_ref32& inflight) noexcept {
  exchange_whole(me, at, old, cell, inflight, next_change(me.memory->stripe(at.stripe)), news::no);
}

void take_out(memory::actor& me, place at, const spot& old, remember how, change_kind why) noexcept {
  count_out(me, old.cell, heat_of(*old.item));
  if (!platform::has(platform::bug::taken_out_without_hint)) memory::hint(me.slot->retiring, old.cell);
  if (platform::has(platform::bug::freed_before_unpublished)) memory::free_cell(me, old.cell);
  LARDER_KILL_POINT(take_out_hinted);
  old.bucket->words[old.word].store(0, std::memory_order_release);  // release: THE commit
  LARDER_KILL_POINT(take_out_unpublished);
  layout::stripe& in = me.memory->stripe(at.stripe);
  set_changes(in, next_change(in));
  announce(me, why, *old.item);
  if (old.spilled || how == remember::as_ghost) {
    bucket& primary = bucket_array(*me.memory, table_word_of(*me.memory, at.stripe)).primary(at.tag);
    bucket_hints hints(primary.hints.load(std::memory_order_relaxed));
    if (old.spilled) hints = hints.spilled_less();
    if (how == remember::as_ghost) hints = hints.with_ghost(at.tag);
    store_hints(primary, hints);
  }
  add_items(me, at, ~std::uint32_t{0});
  LARDER_KILL_POINT(take_out_counted);
  memory::retire(me, old.cell);
}

bool holds_array(const memory::actor& me, std::uint32_t stripe, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  if (stripe >= memory.geometry().stripe_count()) return false;
  const std::uint64_t first = std::uint64_t{table_word_of(memory, stripe).first()} * sizeof(bucket);
  const std::uint64_t begin = memory.offset_of(cell);
  return first > begin && first < begin + memory::cell_bytes(me, cell);
}

}  // namespace larder::table
