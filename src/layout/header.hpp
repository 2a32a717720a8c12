// header: the first 4096 bytes of a segment. The immutable part says what the rest is and carries its own check sum; it
// is read with pread() and compared with what this build would have written before anything is mapped.
#ifndef LARDER_LAYOUT_HEADER_HPP
#define LARDER_LAYOUT_HEADER_HPP

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "layout/change_record.hpp"
#include "layout/geometry.hpp"
#include "layout/slot.hpp"
#include "platform/hash.hpp"

namespace larder::layout {

inline constexpr char segment_magic[8] = {'l', 'a', 'r', 'd', 'e', 'r', '\n', '\x1a'};

// Written once, before the segment has a name.
struct fixed_header {
  char magic[8];
  std::uint64_t fingerprint;  // of the layout (fingerprint.hpp)
  std::uint32_t version;      // of the library that made the segment: major << 16 | minor << 8 | patch
  std::uint32_t full_fences;  // 1: this host refuses membarrier(2), readers use full fences
  std::uint32_t when_full;    // a full_policy
  std::uint32_t unused;
  geometry areas;
  platform::hash_seed seed;
  std::uint64_t id;             // random: two segments of one name are told apart by it
  std::uint64_t created_at_ms;  // monotonic clock
  std::uint64_t check;          // hash of all before it
};

struct alignas(4096) header {
  fixed_header fixed;

  alignas(64) std::atomic<std::uint32_t> free_pages;  // approximate; recounted by recovery
  std::atomic<std::uint32_t> next_free_page;          // where to look first
  std::atomic<std::uint32_t> slots_used;              // slots below this one have been used: how far to look

  alignas(64) std::atomic<std::uint64_t> inserted;  // bytes of items stored so far, by and by
  std::atomic<std::uint64_t> window_start;          // of the mover: `inserted` when its window began
  std::atomic<std::uint64_t> moved;  // bytes that the mover may have moved: its budget runs after inserted

  // Heavy fences of this segment's threads: how many have begun, and the latest that has ended (memory/heavy_fence.hpp).
  alignas(64) std::atomic<std::uint64_t> fences_begun;
  std::atomic<std::uint64_t> fences_ended;

  change_feed feed;

  alignas(64) std::atomic<std::uint64_t> counters[counters_per_slot];  // of slots whose owners have gone
};

static_assert(sizeof(header) == 4096 && std::is_standard_layout_v<header> &&
              std::is_trivially_copyable_v<fixed_header>);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_HEADER_HPP
