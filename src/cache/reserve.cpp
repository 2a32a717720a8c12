#include "cache/reserve.hpp"

#include <algorithm>

#include "table/policy_counts.hpp"

namespace larder::detail {
namespace {

constexpr auto advisory = std::memory_order_relaxed;  // all of it is

bool is_large(const segment& memory, std::uint32_t page) noexcept {
  return memory::word_of(memory, page).state() == layout::page_state::large;
}

// Calls use(frames) for every stretch of free frames of LARGE pages, which may reach over their borders.
template <class Use>
void for_each_free_stretch(const segment& memory, Use use) noexcept {
  std::uint64_t length = 0;
  const auto end = [&]() noexcept {
    if (length != 0) use(length);
    length = 0;
  };
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    if (!is_large(memory, page)) {
      end();
      continue;
    }
    for (std::uint32_t i = 0; i < layout::frames_per_page; ++i) {
      if (memory.frame(page * layout::frames_per_page + i).load(advisory) == layout::stamp_free) {
        ++length;
      } else {
        end();
      }
    }
  }
  end();
}

// Frames of all runs of items, and how many runs these are.
struct run_sums {
  std::uint64_t frames = 0, runs = 0;
};

run_sums sum_up_runs(const segment& memory) noexcept {
  run_sums sums;
  bool in_item = false;
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    if (!is_large(memory, page)) continue;
    for (std::uint32_t i = 0; i < layout::frames_per_page; ++i) {
      const std::uint16_t stamp = memory.frame(page * layout::frames_per_page + i).load(advisory);
      if (stamp != layout::stamp_tail) in_item = stamp == layout::stamp_linked;
      sums.runs += stamp == layout::stamp_linked ? 1U : 0U;
      sums.frames += in_item ? 1U : 0U;
    }
  }
  return sums;
}

}  // namespace

void count_free(const memory::actor& me, free_counts& counts) noexcept {
  const segment& memory = *me.memory;
  counts.fill(0);
  for (std::uint32_t page = 0; page < memory.geometry().page_count; ++page) {
    const layout::page_word word = memory::word_of(memory, page);
    const bool looked_for = word.state() == layout::page_state::cells || word.state() == layout::page_state::large;
    if (looked_for && memory.entry(page).may_have_free.load(advisory) != 0)
      counts[word.size_class()] += memory::free_cells(me, page);
  }
}

std::uint64_t wanted_free(const memory::actor& me, std::uint32_t size_class, double share) noexcept {
  const std::uint64_t pages = me.memory->class_of(size_class).pages.load(advisory);
  const auto cells = static_cast<double>(pages * (*me.classes)[size_class].count);
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(cells * share), 1);
}

bool is_active(const memory::actor& me, std::uint32_t size_class) noexcept {
  return me.memory->class_of(size_class).last_insert.load(advisory) != 0 &&
         table::stored_since_last(*me.memory, size_class) <= me.memory->geometry().capacity / 16;
}

run_places count_run_places(const memory::actor& me, double share) noexcept {
  const segment& memory = *me.memory;
  const run_sums there = sum_up_runs(memory);
  run_places places;
  if (there.runs == 0) return places;
  const std::uint64_t usual = (there.frames + there.runs - 1) / there.runs;
  places.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(usual, layout::frames_per_page));
  for_each_free_stretch(memory, [&](std::uint64_t frames) noexcept { places.free += frames / places.length; });
  const std::uint64_t pages = memory.class_of(layout::large_class).pages.load(advisory);
  const double frames = static_cast<double>(pages * layout::frames_per_page) * share;
  places.wanted = std::max<std::uint64_t>(static_cast<std::uint64_t>(frames / places.length), 1);
  return places;
}

}  // namespace larder::detail
