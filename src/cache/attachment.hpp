// Attachment: a thread's registration in a segment, found again with two loads on every call; and the rules of fork and
// thread exit (P7).
//
// What it is
//     thread_record: a thread's pins and actor for one cache, in a page of its own that the kernel wipes in a forked child.
//     A child that finds its record wiped attaches anew; inherited handles find no pins and leave the parent's alone.
//
// Life of a record
//     made on the first call of a thread; ends with the thread, or with the cache object for the thread that destroys it.
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

class thread_record : public pin_set {
 public:
  std::uint64_t cache_id = 0;
  cache_impl* cache = nullptr;
  memory::actor me;

  // True in the process that made the record, until it is detached.
  [[nodiscard]] bool attached() const noexcept { return words != nullptr; }
  [[nodiscard]] bool holds_something() const noexcept;
};

static_assert(sizeof(thread_record) <= platform::wiped_page_size);

// The calling thread's record of the cache it used last.
struct last_record {
  std::uint64_t cache_id = 0;  // 0: none. Ids are never given twice in a process
  thread_record* record = nullptr;
};
extern thread_local constinit last_record this_thread;

// Attaches the calling thread. nullptr: no slot is free, or the host has no memory.
[[nodiscard]] thread_record* attach_thread(cache_impl& cache) noexcept;

// Detaches the calling thread from one cache, if it is attached.
void detach_thread(const cache_impl& cache) noexcept;

}  // namespace larder::detail

#endif  // LARDER_CACHE_ATTACHMENT_HPP
