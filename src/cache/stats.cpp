// Statistics: the slots' counters summed, the gauges computed.
#include "larder/stats.hpp"

#include <algorithm>

#include "cache/cache_impl.hpp"

namespace larder {

std::span<const counter_info> counters() noexcept {
  static constexpr counter_info all[] = {
#define LARDER_COUNTER(name, kind, unit, line, paragraph) \
  {#name, counter_kind::kind, #unit, line, paragraph, &stats::name},
#include "larder/counters.def"
#undef LARDER_COUNTER
  };
  return all;
}

namespace detail {
namespace {

// relaxed throughout: each number is right for some moment of the call.
std::uint64_t pins_of(const layout::slot& slot) noexcept {
  return static_cast<std::uint64_t>(std::count_if(
      std::begin(slot.pins), std::end(slot.pins),
      [](const layout::atomic_ref32& pin) noexcept { return pin.load(std::memory_order_relaxed) != layout::no_cell; }));
}

void add_table(const segment& memory, stats& sums) noexcept {
  for (std::uint32_t i = 0; i < memory.geometry().stripe_count(); ++i) {
    sums.items += memory.stripe(i).items.load(std::memory_order_relaxed);
    sums.buckets += table::table_word_of(memory, i).count();
  }
}

}  // namespace

stats collect_stats(const segment& memory) noexcept {
  stats sums;
  const std::span<const counter_info> names = counters();
  for (std::uint32_t i = 0; i < layout::counter_count; ++i) {
    sums.*names[i].value = memory.header().counters[i].load(std::memory_order_relaxed);
  }
  memory::for_each_used_slot(memory, [&](layout::slot& slot) noexcept {
    ++sums.attached_threads;
    sums.pins += pins_of(slot);
    sums.subscriptions += slot.subscriptions.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < layout::counter_count; ++i) {
      sums.*names[i].value += slot.counters[i].load(std::memory_order_relaxed);
    }
  });
  add_table(memory, sums);
  sums.capacity = memory.geometry().capacity;
  sums.pages = memory.geometry().page_count;
  sums.free_pages = std::min<std::uint64_t>(memory.header().free_pages.load(std::memory_order_relaxed), sums.pages);
  return sums;
}

}  // namespace detail
}  // namespace larder
