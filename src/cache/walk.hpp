// Walking over the table: every bucket word of every stripe, with a way to start a stripe again when its buckets were
// replaced meanwhile.
#ifndef LARDER_CACHE_WALK_HPP
#define LARDER_CACHE_WALK_HPP

#include <cstdint>

#include "table/table.hpp"

namespace larder::detail {

// Calls visit(place, word, its contents, bucket index, table word) for every word in use of a stripe; false stops. Returns
// false if it was stopped. When the array was replaced under the walk, the new one is walked too: words may be met twice.
//
// First all words in their primary buckets, then all in alternate ones: words move only from the former to the latter, so
// one that moves meanwhile is met twice, and none is missed (guarantee G).
template <class Visit>
bool walk_stripe(const segment& memory, std::uint32_t stripe, Visit visit) {
  for (;;) {
    const layout::table_word table = table::table_word_of(memory, stripe);
    const table::bucket_array buckets(memory, table);
    for (const bool spilled : {false, true}) {
      for (std::uint32_t b = 0; b < buckets.count(); ++b) {
        for (const std::atomic<std::uint64_t>& word : buckets[b].words) {
          const layout::bucket_word seen = table::load_word(word);
          const bool moved = table::primary_bucket(seen.tag(), buckets.count()) != b;
          if (seen.empty() || moved != spilled) continue;
          if (!visit(table::place{stripe, seen.tag()}, word, seen, b, table)) return false;
        }
      }
    }
    if (table::table_word_of(memory, stripe).bits == table.bits) return true;
  }
}

}  // namespace larder::detail

#endif  // LARDER_CACHE_WALK_HPP
