// The change feed: a ring of notices, one for each visible change of the map, written by whoever makes the change and
// read by subscribers (table/change_reader.hpp). While nobody is subscribed, a change costs one load of a word that nobody
// writes.
//
// Protocol of a writer; under the stripe lock and after the commit, while a hint still names the item
//
//     announce   commit; light fence; if (listeners == nobody) done
//     emit       [long key] t = next_tail += n; each of n records: mark, fill, whole
//                p = next += 1; mark record p; fill it; whole; ring the bell, if somebody sleeps
//     mark       CAS turn -> (p, me), from whole or from a mark of the dead; given up if a living thread has it marked,
//                or if p is a round late
//     whole      turn = (p, nobody)
//
// A position that is claimed and never made whole is a notice lost: subscribers count it as one that they missed, and
// then treat everything as changed. So whoever is in trouble just lets go.
//
// Who is subscribed: each slot counts its subscriptions; `listeners` says whether any does.
//
//     listen     slot.subscriptions += 1; listeners = somebody, turn + 1; heavy fence; from next on
//     unlisten   slot.subscriptions -= 1; if no slot has any, CAS listeners -> nobody, unless its turn has changed
//
// Each atomic, and who pairs with it
//     listeners  A writer stores its commit and loads this; a subscriber stores this and loads what was committed: the
//                store-buffer pattern. The subscriber has the heavy fence, the writer a light one (platform/fence.hpp).
//                A writer who saw nobody has committed before the fence, so what the subscriber gets afterwards is new;
//                any other sees the subscriber. In a segment of full fences the word is never zero, and sends every
//                writer to `emit`, which fences and looks again. CAS, acq_rel: see slot.subscriptions.
//     next       fetch_add, seq_cst, pairs with the load in change_reader: who sees position p claimed sees the commit,
//                so a notice that never comes is harmless once it is counted. Claims of one key are in the order of its
//                changes, since its stripe's lock is.
//     turn       The mark is a CAS, acq_rel, followed by a release fence: who reads a word that was filled in sees the
//                mark when it looks at the turn again. `whole` is stored seq_cst: release for the words, seq_cst for the
//                bell.
//     bell       A reader makes it odd, looks at the ring again and sleeps; a writer makes a record whole, looks at the
//                bell and makes it even. Both seq_cst: one of them sees the other.
//     slot.subscriptions   Grows before `listeners` in listen, shrinks before it in unlisten: whoever loads `listeners`
//                (acquire) and then finds all counts zero may say so, as long as the word is still the same.
//
// If a process dies here
//     before the commit: nothing has changed. Between commit and `next`: a hint names the item; recovery announces it
//     (cache/recovery.cpp), and so does whoever changes the key before that. Behind `next`: the position stays empty, or
//     marked by the dead, and is counted as missed; recovery announces once more. A mark of the dead is taken over by
//     the next round's writer. Behind `whole`, before the bell or between bell and wake: who sleeps wakes by itself
//     within a second. In listen or unlisten: the slot's recovery clears its count, and looks whether anybody listens
//     (settle_listeners).
//
// If a process is stopped between mark and whole: that record's place in later rounds is given up and counted, one notice
// in each round. Nobody waits. (The same where a mark of the dead is met when its slot has had exactly 65536 owners
// since.)
//
// Invariant I17: while a slot has subscriptions and its owner is not within listen, `listeners` says so. A position is
// whole, or belongs to a thread that is about to make it so, or is missed by all.
#ifndef LARDER_TABLE_CHANGE_FEED_HPP
#define LARDER_TABLE_CHANGE_FEED_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "memory/memory.hpp"

namespace larder::table {

// A ring of records and the next position in it.
struct change_ring {
  layout::change_record* records;
  std::uint64_t length;  // a power of 2
  std::atomic<std::uint64_t>& next;

  [[nodiscard]] static change_ring of_changes(const segment& memory) noexcept {
    return {memory.changes(), memory.geometry().change_count, memory.header().feed.next};
  }
  [[nodiscard]] static change_ring of_tails(const segment& memory) noexcept {
    return {memory.key_tails(), memory.geometry().key_tail_count(), memory.header().feed.next_tail};
  }
  [[nodiscard]] layout::change_record& at(std::uint64_t position) const noexcept {
    return records[position & (length - 1)];
  }
};

// What `announce` does when somebody may be listening.
void emit(memory::actor& me, change_kind kind, const layout::item& item) noexcept;

// Says that the item was stored, or that it has gone. REQUIRES: its change is committed, the stripe's lock is held, and a
// hint names the item's cell.
inline void announce(memory::actor& me, change_kind kind, const layout::item& item) noexcept {
  platform::light_fence();  // after the commit; pairs with the heavy fence of listen
  // relaxed: ordered by the fences
  if ((me.memory->header().feed.listeners.load(std::memory_order_relaxed) & 3U) != 0) [[unlikely]]
    emit(me, kind, item);
}

// The same for all items of a keyspace. REQUIRES: its generation has grown; `invalidating` names it.
void announce_invalidation(memory::actor& me, std::uint32_t keyspace) noexcept;

// Lets every subscriber know that something has changed, without saying what.
void announce_something(const segment& memory) noexcept;

// Begins and ends a subscription of the slot. What is committed after listen() returned is announced at the position that
// it leaves in `from`, or later. False: the kernel refuses the fence, and nobody listens.
[[nodiscard]] bool listen(const segment& memory, layout::slot& slot, std::uint64_t& from) noexcept;
void unlisten(const segment& memory, layout::slot& slot) noexcept;

// Turns the feed off, if no slot has subscriptions.
void settle_listeners(const segment& memory) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_CHANGE_FEED_HPP
