// The reserve: how much of each size class is free, and how much the daemon is to keep free, so that writers need not evict.
//
// All numbers are advisory: writers take and give cells meanwhile.
#ifndef LARDER_CACHE_RESERVE_HPP
#define LARDER_CACHE_RESERVE_HPP

#include <array>
#include <cstdint>

#include "memory/memory.hpp"

namespace larder::detail {

// How many cells of each class are free; of LARGE pages, frames.
using free_counts = std::array<std::uint64_t, layout::max_classes>;
void count_free(const memory::actor& me, free_counts& counts) noexcept;

// How many cells of a class are to be free: that share of them, and at least one.
[[nodiscard]] std::uint64_t wanted_free(const memory::actor& me, std::uint32_t size_class, double share) noexcept;

// Something was stored in the class while the last sixteenth of the capacity was stored.
[[nodiscard]] bool is_active(const memory::actor& me, std::uint32_t size_class) noexcept;

// The reserve of large items: free frames side by side, in places as long as the items that are there, on average. Longer
// places would suit more items, and leave more memory unused. Items of more than a page have no places; they empty pages
// themselves.
struct run_places {
  std::uint32_t length = 0;  // frames of a place
  std::uint64_t free = 0;
  std::uint64_t wanted = 0;  // at least one, unless there is no large item
};
[[nodiscard]] run_places count_run_places(const memory::actor& me, double share) noexcept;

}  // namespace larder::detail

#endif  // LARDER_CACHE_RESERVE_HPP
