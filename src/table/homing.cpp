#include "table/homing.hpp"

#include <array>

#include "table/bucket_index.hpp"
#include "table/displace.hpp"
#include "table/hints.hpp"
#include "table/stripe_lock.hpp"

namespace larder::table {

using layout::bucket;
using layout::bucket_word;

namespace {

// The words that are on their way home: they stand in both their buckets.
struct homecomer {
  std::atomic<std::uint64_t>* word;
  bucket* primary;
};

}  // namespace

void bring_home(memory::actor& me, std::uint32_t stripe) noexcept {
  const segment& memory = *me.memory;
  const layout::table_word table = table_word_of(memory, stripe);
  const bucket_array buckets(memory, table);
  std::array<homecomer, 64> all;  // what is more waits for the next time
  std::size_t count = 0;
  for_each_word(buckets, [&](bucket& in, std::atomic<std::uint64_t>& word) noexcept {
    const bucket_word seen{word.load(std::memory_order_relaxed)};  // relaxed: under the lock
    bucket& primary = buckets.primary(seen.tag());
    if (seen.empty() || &primary == &in || count == all.size()) return;
    const std::uint32_t room = empty_word(primary);
    if (room == layout::words_per_bucket) return;
    primary.words[room].store(seen.bits, std::memory_order_release);  // release: the item; pairs with find
    all[count++] = {&word, &primary};
    LARDER_KILL_POINT(home_doubled);
  });
  if (count == 0) return;
  memory.table(stripe).store(layout::table_word::make(table.first(), table.count(), table.turn() + 1).bits,
                             std::memory_order_release);  // release: between the two words; pairs with find
  layout::stripe& in = memory.stripe(stripe);
  set_changes(in, next_change(in));
  LARDER_KILL_POINT(home_turned);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].word->store(0, std::memory_order_release);  // release: after the turn
    const bucket_hints hints(all[i].primary->hints.load(std::memory_order_relaxed));
    all[i].primary->hints.store(hints.spilled_less().bits(), std::memory_order_release);  // release: after the turn
    LARDER_KILL_POINT(homed);
  }
}

void bring_home_if_due(memory::actor& me, std::uint32_t stripe) noexcept {
  layout::stripe& in = me.memory->stripe(stripe);
  const std::uint32_t published = in.published.load(std::memory_order_relaxed) + 1;  // under the lock
  const bool due = published >= table_word_of(*me.memory, stripe).count();
  in.published.store(due ? 0 : published, std::memory_order_relaxed);
  if (due) bring_home(me, stripe);
}

}  // namespace larder::table
