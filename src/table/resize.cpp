#include "table/resize.hpp"

#include <algorithm>
#include <cstring>

#include "table/bucket_index.hpp"
#include "table/hints.hpp"
#include "table/policy_counts.hpp"
#include "table/room.hpp"
#include "table/stripe_lock.hpp"
#include "table/stripe_table.hpp"

namespace larder::table {

using layout::bucket;
using layout::bucket_word;

namespace {

// In hundredths: a stripe that is fuller than this grows, and what it grows to is this full. 7 words a bucket and two
// choices: at 85 % about one item in ten lives in its alternate bucket, at 78 % one in fourteen.
constexpr std::uint64_t fullest = 86;
constexpr std::uint64_t comfortable = 80;

std::uint64_t first_bucket_offset(const segment& memory, layout::cell_ref block) noexcept {
  const std::uint64_t behind_header = memory.offset_of(block) + layout::cell_shift + sizeof(layout::item);
  return (behind_header + alignof(bucket) - 1) & ~(alignof(bucket) - 1);
}

bool put_word(const bucket_array& to, bucket_word word) noexcept {
  bucket& primary = to.primary(word.tag());
  for (bucket* in : {&primary, &to.alternate(word.tag())}) {
    for (std::atomic<std::uint64_t>& place : in->words) {
      const std::uint64_t seen = place.load(std::memory_order_relaxed);
      if (seen == word.bits) return true;  // stood in both its buckets: a thread died while it spilled it
      if (seen != 0) continue;
      place.store(word.bits, std::memory_order_relaxed);  // relaxed: the table word publishes the array
      if (in != &primary) {
        const bucket_hints hints(primary.hints.load(std::memory_order_relaxed));
        primary.hints.store(hints.spilled_more().bits(), std::memory_order_relaxed);
      }
      return true;
    }
  }
  return false;
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
    while (frame % layout::frames_per_page != 0 &&
           memory.frame(frame).load(std::memory_order_acquire) == layout::stamp_tail)
      --frame;
    return memory::cell_of_frame(memory, frame);
  }
  const memory::cell_class& cells = (*me.classes)[size_class];
  return memory::cell_at(memory, page, cells,
                         static_cast<std::uint32_t>((offset - memory.page_offset(page) - cells.area) / cells.size));
}

void free_block(memory::actor& me, layout::cell_ref block) noexcept {
  memory::free_cell(me, block);
  memory::clear_hint(me.slot->copy);
}

}  // namespace

std::size_t array_size(std::uint32_t count) noexcept {
  return sizeof(layout::item) + alignof(bucket) - 1 + std::size_t{count} * sizeof(bucket);
}

std::uint32_t wanted_buckets(const segment& memory, std::uint32_t stripe) noexcept {
  const std::uint64_t count = table_word_of(memory, stripe).count();
  const std::uint64_t items = memory.stripe(stripe).items.load(std::memory_order_relaxed);  // relaxed: a hint
  if (items * 100 <= count * layout::words_per_bucket * fullest) return 0;
  const std::uint64_t pages = memory.geometry().page_count;
  const std::uint64_t free = std::min<std::uint64_t>(memory.header().free_pages.load(std::memory_order_relaxed), pages);
  const std::uint64_t used = std::max<std::uint64_t>(pages - free, 1);
  const std::uint64_t items_when_full = std::min(items * pages / used, items * 4);
  const std::uint64_t wanted = items_when_full * 100 / (layout::words_per_bucket * comfortable) + 1;
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(wanted, count + count / 8 + 1, layout::max_buckets_per_stripe));
}

resized resize(memory::actor& me, std::uint32_t stripe, std::uint32_t count) noexcept {
  const segment& memory = *me.memory;
  const layout::cell_ref block = memory::allocate(me, array_size(count), me.slot->copy);
  if (block == layout::no_cell) return resized::no_cell;
  const std::uint64_t first = first_bucket_offset(memory, block);
  layout::item& header = *memory.item_at(block);
  header.version_low = stripe;
  header.version_high = 0;
  header.shape_bits = 0;
  std::memset(static_cast<void*>(memory.base() + first), 0, std::size_t{count} * sizeof(bucket));
  LARDER_KILL_POINT(resize_filled);

  stripe_lock lock(me, stripe);
  const layout::table_word old_word = table_word_of(memory, stripe);
  const bucket_array old(memory, old_word);
  const auto new_word = layout::table_word::make(static_cast<std::uint32_t>(first >> memory.geometry().unit_shift),
                                                 count, old_word.turn() + 1);
  const bucket_array made(memory, new_word);
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
  const std::uint32_t count = wanted_buckets(*me.memory, stripe);
  if (count == 0 || array_size(count) > me.classes->largest_request()) return;
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (resize(me, stripe, count) != resized::no_cell || !make_room(me, array_size(count))) return;
  }
}

}  // namespace larder::table
