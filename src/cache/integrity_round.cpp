#include "cache/integrity_round.hpp"

#include <algorithm>
#include <iterator>

#include "table/table.hpp"

namespace larder::detail {

using layout::cell_ref;

namespace {

constexpr std::size_t most_suspects = 256;

bool is_drained(layout::page_word word, std::uint32_t owner) noexcept {
  return (word.state() == layout::page_state::draining || word.state() == layout::page_state::owned) &&
         word.owner() == owner;
}

bool hinted_by(const segment& memory, cell_ref cell, std::uint32_t index) noexcept {
  layout::slot& slot = memory.slot(index);
  const auto names = [&](const layout::atomic_ref32& hint) noexcept {
    return hint.load(std::memory_order_acquire) == cell;
  };
  const layout::atomic_ref32* limbo = slot.limbo();
  return names(slot.inflight) || names(slot.copy) || names(slot.retiring) ||
         std::any_of(std::begin(slot.reserved), std::end(slot.reserved), names) ||
         std::any_of(limbo, limbo + memory.geometry().limbo_capacity, names);
}

bool hinted_by_any(const segment& memory, cell_ref cell) noexcept {
  const std::uint32_t used = memory::used_slots(memory);
  for (std::uint32_t i = 0; i < used; ++i) {
    if (hinted_by(memory, cell, i)) return true;
  }
  return false;
}

bool has_free_bit(const memory::actor& me, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const std::uint32_t page = memory.page_of(cell);
  const layout::page_word word = memory::word_of(memory, page);
  if (!word.holds_cells() || word.size_class() == layout::large_class) return true;
  const std::uint32_t index =
      (*me.classes)[word.size_class()].index_of(memory.offset_of(cell) - memory.page_offset(page));
  return (memory::free_bits(memory, page)[index / 64].load(std::memory_order_acquire) >> (index % 64) & 1U) != 0;
}

// What is wrong with a LINKED item; empty: nothing.
std::string trouble_with_linked(memory::actor& me, cell_ref cell) {
  const segment& memory = *me.memory;
  table::linked_pin pinned(me);
  const layout::item* item = pinned.linked_item(cell);
  if (item == nullptr) return {};
  const table::place at = table::place_of(memory, table::hash_of(memory, item->key()));
  if (table::locate_cell(memory, at, cell).item == nullptr && !hinted_by_any(memory, cell))
    return "is stamped LINKED and no bucket word names it (I4)";
  const std::uint64_t expiry = table::expiry_of(*item);
  const layout::expiry_bound bound{memory.entry(memory.page_of(cell)).expiry.load(std::memory_order_relaxed)};
  if (expiry != table::no_expiry && !bound.is_being_swept() && !bound.is_due(layout::expiry_bound::tick_of(expiry)))
    return "holds an item that expires before the bound of its page (I16)";
  return {};
}

// What is wrong with a cell; empty: nothing, or nothing any more.
std::string trouble_with(memory::actor& me, cell_ref cell) {
  const segment& memory = *me.memory;
  table::linked_pin pinned(me);
  if (!pinned.available() || !memory::is_cell(memory, *me.classes, cell)) return {};
  const std::uint16_t stamp = memory::stamp_of(memory, cell).load(std::memory_order_acquire);
  if (stamp == layout::stamp_linked) return trouble_with_linked(me, cell);
  if (stamp == layout::stamp_free && !has_free_bit(me, cell)) return "is free and has no free bit (I5)";
  if (stamp == layout::stamp_table) {
    const std::uint32_t stripe = table::stripe_of_array(*memory.item_at(cell));
    if (!table::holds_array(me, stripe, cell) && !hinted_by_any(memory, cell))
      return "is stamped TABLE and no stripe has its buckets there (I4)";
  }
  if (layout::is_owned(stamp)) {
    const std::uint32_t owner = layout::owner_of(stamp);
    if (owner >= memory.geometry().slot_count) return "is stamped with a slot that does not exist (I2)";
    if (!is_drained(memory::word_of(memory, memory.page_of(cell)), owner) && !hinted_by(memory, cell, owner))
      return "is owned by slot " + std::to_string(owner) + ", which has no hint of it (I3)";
  }
  if (stamp > layout::stamp_orphan && !layout::is_owned(stamp)) return "has a stamp of no meaning (I2)";
  return {};
}

// Is there still a word of the stripe that names the cell, which is no linked item?
bool names_no_item(const memory::actor& me, std::uint32_t stripe, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const table::bucket_array buckets(memory, table::table_word_of(memory, stripe));
  for (std::uint32_t b = 0; b < buckets.count(); ++b) {
    for (const std::atomic<std::uint64_t>& word : buckets[b].words) {
      const layout::bucket_word seen{word.load(std::memory_order_acquire)};
      if (seen.empty() || seen.cell() != cell) continue;
      if (!memory::is_cell(memory, *me.classes, cell)) return word.load(std::memory_order_acquire) == seen.bits;
      const bool linked = memory::stamp_of(memory, cell).load(std::memory_order_acquire) == layout::stamp_linked;
      if (!linked && !hinted_by_any(memory, cell) && word.load(std::memory_order_acquire) == seen.bits &&
          memory::stamp_of(memory, cell).load(std::memory_order_acquire) != layout::stamp_linked)
        return true;
    }
  }
  return false;
}

}  // namespace

void integrity_round::check_page(memory::actor& me, std::uint32_t page, check_outcome& sums) {
  if (memory::word_of(*me.memory, page).state() == layout::page_state::free) return;
  memory::for_each_cell(me, page, [&](cell_ref cell, const layout::atomic_stamp&) {
    ++sums.cells;
    if (suspects_.size() < most_suspects && !trouble_with(me, cell).empty()) suspects_.push_back({0, false, cell});
  });
}

void integrity_round::check_stripe(memory::actor& me, std::uint32_t stripe) {
  const segment& memory = *me.memory;
  const table::bucket_array buckets(memory, table::table_word_of(memory, stripe));
  for (std::uint32_t b = 0; b < buckets.count(); ++b) {
    for (const std::atomic<std::uint64_t>& word : buckets[b].words) {
      const layout::bucket_word seen{word.load(std::memory_order_acquire)};
      if (seen.empty() || suspects_.size() == most_suspects) continue;
      const bool linked = memory::is_cell(memory, *me.classes, seen.cell()) &&
                          memory::stamp_of(memory, seen.cell()).load(std::memory_order_acquire) == layout::stamp_linked;
      if (!linked) suspects_.push_back({stripe, true, seen.cell()});
    }
  }
}

void integrity_round::look_again(memory::actor& me, check_outcome& sums) {
  for (const suspect& s : std::exchange(suspects_, {})) {
    const std::string cell = "cell " + std::to_string(s.cell);
    if (!s.by_table) {
      const std::string trouble = trouble_with(me, s.cell);
      const std::string page = " of page " + std::to_string(me.memory->page_of(s.cell)) + " ";
      if (!trouble.empty()) sums.violations.push_back(cell + page + trouble);
    } else if (names_no_item(me, s.stripe, s.cell)) {
      sums.violations.push_back("a word of stripe " + std::to_string(s.stripe) + " names " + cell +
                                ", which holds no linked item (I1)");
    }
  }
}

check_outcome integrity_round::step(memory::actor& me, std::uint32_t pages) {
  check_outcome sums;
  const layout::geometry& areas = me.memory->geometry();
  look_again(me, sums);
  const std::uint32_t last_page = std::min(areas.page_count, next_page_ + pages);
  for (; next_page_ < last_page; ++next_page_) check_page(me, next_page_, sums);
  const auto last_stripe =
      static_cast<std::uint32_t>(std::uint64_t{areas.stripe_count()} * next_page_ / areas.page_count);
  for (; next_stripe_ < last_stripe; ++next_stripe_) check_stripe(me, next_stripe_);
  if (next_page_ == areas.page_count) {
    next_page_ = 0;
    next_stripe_ = 0;
    sums.round_finished = true;
  }
  return sums;
}

}  // namespace larder::detail
