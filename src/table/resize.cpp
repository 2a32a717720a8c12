#include "table/resize.hpp"

#include <algorithm>
#include <cstring>

#include "table/bucket_index.hpp"
#include "table/displace.hpp"
#include "table/hints.hpp"
#include "table/policy_counts.hpp"
#include "table/room.hpp"
#include "table/stripe_lock.hpp"
#include "table/stripe_table.hpp"

namespace larder::table {

using layout::bucket;
using layout::bucket_word;

std::size_t array_size(std::uint32_t count) noexcept {
  return sizeof(layout::item) + alignof(bucket) - 1 + std::size_t{count} * sizeof(bucket);
}

namespace {

// In hundredths. A stripe that is fuller than `fullest` grows to what stripes will need when the segment is full, and will
// be at most as full as `comfortable` then, on average. One that has drawn more keys than that grows when it is `crowded`.
constexpr std::uint64_t fullest = 86;
constexpr std::uint64_t comfortable = 84;
constexpr std::uint64_t crowded = 92;

std::uint64_t first_bucket_offset(const segment& memory, layout::cell_ref block) noexcept {
  const std::uint64_t behind_header = memory.offset_of(block) + layout::cell_shift + sizeof(layout::item);
  return (behind_header + alignof(bucket) - 1) & ~(alignof(bucket) - 1);
}

void count_spilled(bucket& primary, bool more) noexcept {
  const bucket_hints hints(primary.hints.load(std::memory_order_relaxed));
  primary.hints.store((more ? hints.spilled_more() : hints.spilled_less()).bits(), std::memory_order_relaxed);
}

// False: there is no place for it. All relaxed: the table word publishes the array.
bool put_word(const bucket_array& to, bucket_word word) noexcept {
  bucket& primary = to.primary(word.tag());
  bucket* in = bucket_with_room(to, word.tag(), true, [](const displacement& by) noexcept {
    const std::uint64_t moving = by.from->words[by.word].exchange(0, std::memory_order_relaxed);
    by.to->words[empty_word(*by.to)].store(moving, std::memory_order_relaxed);
    count_spilled(by.primary(), by.where == way::out);
  });
  if (in == nullptr) return false;
  in->words[empty_word(*in)].store(word.bits, std::memory_order_relaxed);
  if (in != &primary) count_spilled(primary, true);
  return true;
}

// False if some word finds both its buckets full.
bool copy_words(const bucket_array& from, const bucket_array& to) noexcept {
  if (from.count() == to.count()) {  // only moved: every word has its place
    for (std::uint32_t i = 0; i < to.count(); ++i) {
      to[i].hints.store(from[i].hints.load(std::memory_order_relaxed), std::memory_order_relaxed);
      for (std::size_t w = 0; w < layout::words_per_bucket; ++w) {
        to[i].words[w].store(from[i].words[w].load(std::memory_order_relaxed), std::memory_order_relaxed);
      }
    }
    return true;
  }
  for (std::uint32_t i = 0; i < to.count(); ++i) {
    const auto same_part = static_cast<std::uint32_t>(std::uint64_t{i} * from.count() / to.count());
    const bucket_hints old(from[same_part].hints.load(std::memory_order_relaxed));
    to[i].hints.store(old.only_ghosts().bits(), std::memory_order_relaxed);
  }
  for (std::uint32_t i = 0; i < from.count(); ++i) {
    for (const std::atomic<std::uint64_t>& place : from[i].words) {
      const bucket_word word{place.load(std::memory_order_relaxed)};
      if (word.empty()) continue;
      if (!put_word(to, word)) return false;
    }
  }
  return true;
}

// The cell that holds the array, or no_cell for the one that the segment was made with.
layout::cell_ref block_of(const memory::actor& me, const bucket_array& array) noexcept {
  const segment& memory = *me.memory;
  const auto offset = static_cast<std::uint64_t>(reinterpret_cast<std::byte*>(&array[0]) - memory.base());
  if (offset < memory.geometry().pages) return layout::no_cell;
  const auto page = static_cast<std::uint32_t>((offset - memory.geometry().pages) >> memory.geometry().page_shift);
  const std::uint32_t size_class = memory::word_of(memory, page).size_class();
  if (size_class == layout::large_class) {
    std::uint32_t frame = memory::frame_of(memory, memory.ref_of(offset));
    while (frame > 0 && memory::is_tail(memory, frame)) --frame;
    return memory::cell_of_frame(memory, frame);
  }
  const memory::cell_class& cells = (*me.classes)[size_class];
  return memory::cell_at(memory, page, cells,
                         static_cast<std::uint32_t>((offset - memory.page_offset(page) - cells.area) / cells.size));
}

// The largest bucket count whose array takes no more memory than that of `count` buckets does.
std::uint32_t filling(const memory::actor& me, std::uint64_t count) noexcept {
  count = std::min<std::uint64_t>(count, layout::max_buckets_per_stripe);
  const std::size_t size = array_size(static_cast<std::uint32_t>(count));
  const std::uint32_t size_class = me.classes->class_for(size);
  const std::uint64_t room =
      size_class == layout::large_class
          ? me.classes->frames_for(size) * me.memory->geometry().frame_size() - layout::cell_shift
          : (*me.classes)[size_class].size;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>((room - array_size(0)) / sizeof(bucket), layout::max_buckets_per_stripe));
}

// Bytes of all cells that hold items.
std::uint64_t bytes_of_items(const memory::actor& me) noexcept {
  std::uint64_t bytes = 0;
  for (std::uint32_t c = 0; c < me.classes->count(); ++c) {
    const layout::class_state& shared = me.memory->class_of(c);
    const std::int64_t items =
        shared.small.load(std::memory_order_relaxed) + shared.main.load(std::memory_order_relaxed);
    const std::uint64_t size = c == layout::large_class ? me.memory->geometry().frame_size() : (*me.classes)[c].size;
    bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(items, 0)) * size;
  }
  return bytes;
}

// Items that a stripe will have when all memory holds items like those of today, and their words. Looked at anew when a
// page's worth has been stored.
std::uint64_t items_when_full(memory::actor& me) noexcept {
  constexpr std::uint32_t sample = 1024;  // stripes: enough for half a hundredth
  const segment& memory = *me.memory;
  const layout::geometry& areas = memory.geometry();
  const std::uint64_t now = memory.header().inserted.load(std::memory_order_relaxed) + 1;
  if (me.foreseen_at != 0 && now - me.foreseen_at < areas.page_size()) return me.foreseen_items;
  const std::uint32_t step = std::max(areas.stripe_count() / sample, 1U);
  std::uint64_t items = 1;
  for (std::uint32_t stripe = 0; stripe < areas.stripe_count(); stripe += step) {
    items += std::uint64_t{step} * memory.stripe(stripe).items.load(std::memory_order_relaxed);
  }
  const std::uint64_t bytes =
      bytes_of_items(me) / items + sizeof(bucket) * 100 / (layout::words_per_bucket * comfortable);
  me.foreseen_items = static_cast<std::uint32_t>(areas.page_count * areas.page_size() / areas.stripe_count() / bytes);
  me.foreseen_at = now;
  return me.foreseen_items;
}

// What a stripe of so many items grows to: to its last size once that is near, else by little, for a small working set should
// lie in few lines.
std::uint32_t foreseen_buckets(memory::actor& me, std::uint64_t items) noexcept {
  const std::uint64_t full = items_when_full(me);
  const std::uint64_t in_time = full <= items * 4 ? full : items * 2;
  return filling(me, in_time * 100 / (layout::words_per_bucket * comfortable) + 1);
}

std::uint32_t next_size(const memory::actor& me, std::uint32_t count) noexcept {
  return filling(me, std::uint64_t{count} + count / 16 + 1);
}

void free_block(memory::actor& me, layout::cell_ref block) noexcept {
  memory::free_cell(me, block);
  memory::clear_hint(me.slot->copy);
}

// Empty buckets for a stripe, in a cell that `copy` hints at; no_cell.
layout::cell_ref make_array(memory::actor& me, std::uint32_t stripe, std::uint32_t count) noexcept {
  const segment& memory = *me.memory;
  const layout::cell_ref block = memory::allocate(me, array_size(count), me.slot->copy);
  if (block == layout::no_cell) return block;
  layout::item& header = *memory.item_at(block);
  header.version_low = stripe;
  header.version_high = 0;
  header.shape_bits = 0;
  void* buckets = memory.base() + first_bucket_offset(memory, block);
  std::memset(buckets, 0, std::size_t{count} * sizeof(bucket));
  return block;
}

}  // namespace

std::uint32_t wanted_buckets(memory::actor& me, std::uint32_t stripe) noexcept {
  const std::uint32_t count = table_word_of(*me.memory, stripe).count();
  const std::uint64_t items = me.memory->stripe(stripe).items.load(std::memory_order_relaxed);  // relaxed: a hint
  const std::uint64_t words = std::uint64_t{count} * layout::words_per_bucket;
  if (items * 100 <= words * fullest) return 0;
  if (const std::uint32_t in_time = foreseen_buckets(me, items); in_time > count) return in_time;
  return items * 100 > words * crowded ? next_size(me, count) : 0;
}

std::uint32_t larger_size(memory::actor& me, std::uint32_t stripe, std::uint32_t count) noexcept {
  const std::uint64_t items = me.memory->stripe(stripe).items.load(std::memory_order_relaxed);
  return std::max(foreseen_buckets(me, items), next_size(me, count));
}

resized resize(memory::actor& me, std::uint32_t stripe, std::uint32_t count, patience how) noexcept {
  const segment& memory = *me.memory;
  const layout::cell_ref block = make_array(me, stripe, count);
  if (block == layout::no_cell) return resized::no_cell;
  const std::uint64_t first = first_bucket_offset(memory, block);
  LARDER_KILL_POINT(resize_filled);

  stripe_lock lock(me, stripe, how);
  const layout::table_word old_word = table_word_of(memory, stripe);
  const bucket_array old(memory, old_word);
  const auto new_word =
      layout::table_word::make(static_cast<std::uint32_t>(first / sizeof(bucket)), count, old_word.turn() + 1);
  const bucket_array made(memory, new_word);
  if (platform::has(platform::bug::table_published_before_copied))
    memory.table(stripe).store(new_word.bits, std::memory_order_release);
  if (!lock.held() || !old.usable() || !copy_words(old, made)) {
    const resized why = lock.held() ? resized::crowded : resized::busy;
    lock.unlock();
    free_block(me, block);
    return why;
  }
  LARDER_KILL_POINT(resize_copied);
  const layout::cell_ref old_block = block_of(me, old);
  if (old_block != layout::no_cell) memory::hint(me.slot->retiring, old_block);
  LARDER_KILL_POINT(resize_retiring);
  memory.table(stripe).store(new_word.bits,
                             std::memory_order_release);  // release: THE commit; pairs with table_word_of
  LARDER_KILL_POINT(resize_published);
  memory::stamp_of(memory, block).store(layout::stamp_table, std::memory_order_release);
  memory::clear_hint(me.slot->copy);
  count_array(memory, block, 1);
  memory.stripe(stripe).items.store(count_items(made), std::memory_order_relaxed);
  memory.stripe(stripe).changes.fetch_add(1,
                                          std::memory_order_release);  // I9: views that read the old array look again
  if (old_block != layout::no_cell) {
    count_array(memory, old_block, -1);
    memory::retire(me, old_block);
  }
  me.count(layout::counter::table_resizes);
  return resized::done;
}

void tend_stripe(memory::actor& me, std::uint32_t stripe) noexcept {
  const std::uint32_t count = wanted_buckets(me, stripe);
  if (count == 0 || array_size(count) > me.classes->largest_request()) return;
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (resize(me, stripe, count) != resized::no_cell || !make_room(me, array_size(count))) return;
  }
}

}  // namespace larder::table
