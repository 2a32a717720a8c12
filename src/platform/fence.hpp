// The asymmetric fence between readers that pin and the reclaimer that looks for pins.
//
// A reader stores its pin and then reads the published word again; the reclaimer unpublishes and then reads the pins.
// Each needs its store visible before its load (the store-buffer pattern). Readers are many, reclaimers few, so the
// reader pays a compiler barrier only, and the reclaimer's heavy fence (membarrier(2), GLOBAL_EXPEDITED) makes every
// processor that runs a registered process execute a full barrier. (Method: liburcu, Desnoyers 2009; folly's Hazptr.)
//
// Where the kernel refuses membarrier, the segment is marked and everybody uses full fences on both sides.
#ifndef LARDER_PLATFORM_FENCE_HPP
#define LARDER_PLATFORM_FENCE_HPP

#include <atomic>

namespace larder::platform {

// Registers this process for heavy fences of others. False: the kernel refuses (seccomp, old kernel). Idempotent;
// inherited over fork(), not over exec().
[[nodiscard]] bool register_for_heavy_fences() noexcept;

// Every thread of every registered process executes a full memory barrier between the call and its return.
// False: the kernel refused and nothing is known; nothing may be reclaimed.
[[nodiscard]] bool heavy_fence() noexcept;

// The reader's side: keeps the compiler from reordering; the processor is the heavy fence's business.
inline void light_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_FENCE_HPP
