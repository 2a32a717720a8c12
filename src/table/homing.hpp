// Homing: an item that came when its primary bucket was full lives in its alternate one, and finding it there costs a reader
// another line of memory. When its primary bucket has room again, it goes home.
//
// Protocol, under the stripe's lock, for all words of the stripe that can go
//
//     home      P's word = w, for each; turn of the table word++; changes++; A's word = 0, spilled(P)--, for each
//
// Readers look at P and then at A. One who came too early for P and too late for A finds another turn, and looks again: a
// miss is believed only if the table word has not changed meanwhile. Any other meets the word in one of the two.
//
// If a process dies here: words stand in both their buckets. Whoever takes the lock over leaves them in the alternate ones
// (table/stripe_lock.hpp). A spilled(P) that is too high is a needless look, until the buckets are replaced.
//
// Costs: a look at all words of a stripe, some microseconds, once in as many new items as it has buckets. Without it, at 80 %
// load, a third of the items end up in their alternate buckets; with it a seventh does.
#ifndef LARDER_TABLE_HOMING_HPP
#define LARDER_TABLE_HOMING_HPP

#include <cstdint>

#include "memory/memory.hpp"

namespace larder::table {

// Lets all words of the stripe go home that can. REQUIRES: the stripe's lock.
void bring_home(memory::actor& me, std::uint32_t stripe) noexcept;

// The same if it is time for it. To be called for each new item.
void bring_home_if_due(memory::actor& me, std::uint32_t stripe) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_HOMING_HPP
