// The audit reads the segment through a mapping of its own, which it cannot write.
#include "crash/audit.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "memory/memory.hpp"
#include "segment/segment.hpp"

namespace crash {
namespace {

using larder::segment;
namespace layout = larder::layout;
namespace memory = larder::memory;

segment opened(const std::string& name) { return segment::open(name, larder::platform::access::read_only); }

class report {
 public:
  void add(const std::string& what, std::uint64_t which) { text_ += what + " " + std::to_string(which) + "\n"; }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
};

bool names_something(const layout::atomic_ref32& word) { return word.load() != layout::no_cell; }

void check_slots(const segment& s, report& out) {
  int in_use = 0;
  for (std::uint32_t i = 0; i < s.geometry().slot_count; ++i) {
    layout::slot& slot = s.slot(i);
    if (layout::slot_word{slot.state.load()}.state() != layout::slot_state::free && ++in_use > 1)
      out.add("in use: slot", i);
    const layout::atomic_ref32* limbo = slot.limbo();
    const bool hints = names_something(slot.inflight) || names_something(slot.copy) || names_something(slot.retiring) ||
                       slot.page.load() != 0 || slot.waits_for.load() != 0 || slot.invalidating.load() != 0 ||
                       std::any_of(std::begin(slot.reserved), std::end(slot.reserved), names_something) ||
                       std::any_of(limbo, limbo + s.geometry().limbo_capacity, names_something);
    if (hints) out.add("hints in slot", i);
    if (slot.subscriptions.load() != 0) out.add("subscriptions of slot", i);
    if (std::any_of(std::begin(slot.pins), std::end(slot.pins), names_something)) out.add("pins in slot", i);
  }
}

void check_pages(const segment& s, report& out) {
  std::uint32_t free = 0;
  for (std::uint32_t page = 0; page < s.geometry().page_count; ++page) {
    const layout::page_state state = memory::word_of(s, page).state();
    free += state == layout::page_state::free ? 1U : 0U;
    if (state == layout::page_state::owned || state == layout::page_state::draining)
      out.add("nobody finishes page", page);
  }
  // Too high costs a search; too low hides free pages from everybody.
  if (s.header().free_pages.load() < free)
    out.add("free pages that the count denies:", free - s.header().free_pages.load());
}

void check_stripes(const segment& s, report& out) {
  for (std::uint32_t i = 0; i < s.geometry().stripe_count(); ++i) {
    if (s.stripe(i).lock.load() != 0) out.add("locked: stripe", i);
  }
}

}  // namespace

std::string leftovers(const std::string& name) {
  const segment s = opened(name);
  const memory::size_classes classes(s.geometry());
  report out;
  check_slots(s, out);
  check_pages(s, out);
  check_stripes(s, out);
  for (std::uint32_t page = 0; page < s.geometry().page_count; ++page) {
    memory::for_each_cell(s, classes, page, [&](layout::cell_ref cell, const layout::atomic_stamp& stamp) {
      if (layout::is_owned(stamp.load()) || layout::is_orphan(stamp.load())) out.add("with an owner: cell", cell);
    });
  }
  if (layout::listeners_word{s.header().feed.listeners.load()}.somebody()) out.add("subscribers, but of these", 0);
  return out.text();
}

std::string uncleared_cells(const std::string& name) {
  const segment s = opened(name);
  const memory::size_classes classes(s.geometry());
  report out;
  std::uint16_t before = layout::stamp_free;  // of the nearest frame that is no tail
  for (std::uint32_t page = 0; page < s.geometry().page_count; ++page) {
    memory::for_each_cell(s, classes, page, [&](layout::cell_ref cell, const layout::atomic_stamp& stamp) {
      const std::uint16_t now = stamp.load();
      if (now != layout::stamp_tail) before = now;
      if (before != layout::stamp_free && before != layout::stamp_table) out.add("not free: cell", cell);
      if (now == layout::stamp_tail && before != layout::stamp_table) out.add("a tail of nothing: cell", cell);
    });
  }
  return out.text();
}

}  // namespace crash
