// Attachment: a thread's registration in a segment, found again with two loads on every call; and the rules of fork and
// thread exit (P7).
//
// What it is
//     thread_record: a thread's pins and actor for one cache, in memory of its own that the kernel wipes in a forked child.
//     A child that finds its record wiped attaches anew; inherited handles find no pins and leave the parent's alone.
//
// Life of a record
//     made on the first call of a thread; ends with the thread, or with the cache object for the thread that destroys it. A
//     destructor that runs when the thread's records have ended (of a static object, say) may call again: then one is made
//     anew.
//     If handles or reservations are still out then (moved to other threads), the slot becomes ABANDONED and the record
//     lives on, until a thread of this process that attaches finds that nothing is held any more.
//
// If a process dies here: a CLAIMED slot names its claimant's pid; an ACTIVE one has a token that the kernel marks.
#ifndef LARDER_CACHE_ATTACHMENT_HPP
#define LARDER_CACHE_ATTACHMENT_HPP

#include <cstdint>

#include "larder/handle.hpp"
#include "memory/memory.hpp"

namespace larder::detail {

class cache_impl;

struct thread_record {
  // The address of `cache` + 1 if light fences do and units are of the usual size: then the usual get may use this record.
  // Neither a wiped record nor a cache object that was moved from (null) matches.
  std::uintptr_t usual_for = 0;
  layout::atomic_ref32* next_word = nullptr;   // of the next pin
  pin* next_pin = nullptr;                     // of `pins`: where to look for a free one first
  std::atomic<std::uint64_t>* hits = nullptr;  // the slot's counter
  reading_map map;                             // of the segment: what a get needs is all here
  // Where the key is that is looked for, to be read again by what is not the usual end of a get: that has no register to
  // keep it in, and would have to save another.
  const char* asked = nullptr;
  std::uint8_t first_uses_to_come = first_uses_sampled;  // until one is sampled
  cache_impl* cache = nullptr;
  thread_record* next = nullptr;  // of its thread's, or of those that are ABANDONED
  pin pins[layout::pins_per_slot] = {};
  memory::actor me;

  static constexpr std::uint8_t first_uses_sampled = 8;  // one of so many (read.cpp)

  [[nodiscard]] static std::uintptr_t usual_for_cache(const cache_impl* cache) noexcept {
    return reinterpret_cast<std::uintptr_t>(cache) + 1;
  }
  void try_next(pin& by) noexcept {
    next_pin = &by;
    next_word = by.word;
  }
  // True in the process that made the record, until it is detached.
  [[nodiscard]] bool attached() const noexcept { return cache != nullptr; }
  [[nodiscard]] bool holds_something() const noexcept;
};

// The record that a pin is part of: one begins with a page, and has all its pins there.
static_assert(offsetof(thread_record, me) <= platform::wiped_alignment);
[[nodiscard]] inline const thread_record& record_of(const pin& pin) noexcept {
  return *reinterpret_cast<const thread_record*>(reinterpret_cast<std::uintptr_t>(&pin) &
                                                 ~std::uintptr_t{platform::wiped_alignment - 1});
}

// The calling thread's record of the cache it used last, or one that is no cache's; never null. A record keeps its cache_impl
// alive, so no other one can have the same address as long as this names it.
extern thread_local constinit thread_record* this_thread;

// Attaches the calling thread. nullptr: no slot is free, or the host has no memory.
[[nodiscard]] thread_record* attach_thread(cache_impl& cache) noexcept;

// Takes back the records that threads left with handles out and that hold nothing any more. False: some still do.
bool collect_abandoned(cache_impl& cache) noexcept;

// Detaches the calling thread from one cache, if it is attached.
void detach_thread(const cache_impl& cache) noexcept;

}  // namespace larder::detail

#endif  // LARDER_CACHE_ATTACHMENT_HPP
