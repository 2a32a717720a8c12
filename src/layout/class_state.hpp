// class_state: what all writers share about one size class: where its eviction hand stands and what its memory is worth.
// Every field is advisory: a stale or lost value costs a worse choice, never correctness.
#ifndef LARDER_LAYOUT_CLASS_STATE_HPP
#define LARDER_LAYOUT_CLASS_STATE_HPP

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace larder::layout {

// Room for classes of small cells, and one more for LARGE pages: class 0.
inline constexpr std::uint32_t max_classes = 128;
inline constexpr std::uint32_t large_class = 0;

struct alignas(128) class_state {
  std::atomic<std::uint32_t> pages;          // pages of this class
  std::atomic<std::uint32_t> may_have_free;  // 0: no page of the class has a free cell (see page_entry)
  std::atomic<std::uint64_t> small_hand;     // page (32) | cell (32) where eviction looks for items on probation next
  std::atomic<std::uint64_t> main_hand;      // the same for the others
  std::atomic<std::int64_t> small;           // items on probation (LARGE: their frames)
  std::atomic<std::int64_t> main;            // the others
  std::atomic<std::int64_t> arrays;        // bucket arrays (LARGE: their frames): memory that no hit can be expected of
  std::atomic<std::uint64_t> last_insert;  // header::inserted when an item was last stored here
  std::atomic<std::uint64_t> first_uses;   // decayed: what the class was worth in the windows before this one
  std::atomic<std::uint32_t> first_uses_seen;  // sum of the slots' first_uses at the start of the window
  std::atomic<std::uint32_t> departed_uses;    // first_uses of slots whose owners have gone
};

static_assert(sizeof(class_state) == 128 && std::is_standard_layout_v<class_state>);
static_assert(std::is_trivially_destructible_v<class_state>);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_CLASS_STATE_HPP
