// The heavy fences of a segment's threads, each of which serves all of them. It interrupts every processor on which somebody
// uses a segment, so who needs one asks first whether somebody else has made one lately.
//
// Protocol
//
//     fence     begun++ (a locked instruction); heavy fence; ended = max(ended, what begun was + 1)
//     share     [unpublished; full fence] mark = begun; ... ended > mark: a fence that began after the mark, and so after what
//               was unpublished, has ended. It is as good as one of the sharer's own
//
// Invariant I18: ended <= begun. Where it is broken, by a stray store, nothing is shared any more.
//
// If a process dies here: its fence is not known to have ended. It is never waited for.
//
// Cost: with n threads that retire alike, at most two fences in the time in which one fills its limbo, in place of n.
#ifndef LARDER_MEMORY_HEAVY_FENCE_HPP
#define LARDER_MEMORY_HEAVY_FENCE_HPP

#include <atomic>
#include <cstdint>

#include "platform/platform.hpp"
#include "segment/segment.hpp"

namespace larder::memory {

// A full fence here and, unless the segment is one of full fences, on every processor that runs an attached process.
// False: the kernel refused; then nothing is known.
[[nodiscard]] inline bool everybody_fenced(const segment& memory) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (memory.full_fences()) return true;
  layout::header& shared = memory.header();
  // seq_cst: behind what others unpublished before they read it; pairs with fence_mark
  const std::uint64_t mine = shared.fences_begun.fetch_add(1, std::memory_order_seq_cst) + 1;
  LARDER_KILL_POINT(fence_begun);
  if (!platform::heavy_fence()) return false;
  LARDER_KILL_POINT(fence_made);
  std::uint64_t ended = shared.fences_ended.load(std::memory_order_relaxed);
  // release: the fence has ended; pairs with fenced_since
  while (ended < mine && !shared.fences_ended.compare_exchange_weak(ended, mine, std::memory_order_release,
                                                                    std::memory_order_relaxed)) {
  }
  return true;
}

// This moment, for fenced_since: behind all that the caller has unpublished.
[[nodiscard]] inline std::uint64_t fence_mark(const segment& memory) noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return memory.header().fences_begun.load(std::memory_order_seq_cst);
}
// True if everybody_fenced has begun and ended since, in whatever thread.
[[nodiscard]] inline bool fenced_since(const segment& memory, std::uint64_t mark) noexcept {
  const std::uint64_t ended = memory.header().fences_ended.load(std::memory_order_acquire);
  return ended > mark && ended <= memory.header().fences_begun.load(std::memory_order_relaxed);
}

}  // namespace larder::memory

#endif  // LARDER_MEMORY_HEAVY_FENCE_HPP
