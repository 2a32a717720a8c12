#include "cache/integrity_round.hpp"

#include <algorithm>
#include <iterator>

#include "table/table.hpp"

namespace larder::detail {

using layout::cell_ref;

namespace {

constexpr std::size_t most_suspects = 256;

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
std::string trouble_with_linked(memory::actor& me, table::linked_pin& pinned, cell_ref cell) {
  const segment& memory = *me.memory;
  const layout::item* item = pinned.linked_item(cell);
  if (item == nullptr) return {};
  const table::place at = table::place_of(memory, table::key_of(*item));
  if (table::locate_cell(memory, at, cell).item == nullptr && !memory::is_hinted(memory, cell))
    return "is stamped LINKED and no bucket word names it (I4)";
  if (!table::is_within_bounds(memory, *me.classes, cell, *item))
    return "holds an item that expires before the bound of its page or group (I16)";
  return {};
}

// What is wrong with a cell; empty: nothing, or nothing any more.
std::string trouble_with(memory::actor& me, cell_ref cell) {
  const segment& memory = *me.memory;
  table::linked_pin pinned(me);
  if (!pinned.available() || !memory::is_cell(memory, *me.classes, cell)) return {};
  const std::uint16_t stamp = pinned.pinned_stamp(cell);
  if (stamp == layout::stamp_linked) return trouble_with_linked(me, pinned, cell);
  // Looked at again: who claims a cell clears its bit afterwards.
  if (stamp == layout::stamp_free && !has_free_bit(me, cell) && pinned.pinned_stamp(cell) == stamp &&
      memory::is_cell(memory, *me.classes, cell))
    return "is free and has no free bit (I5)";
  if (stamp == layout::stamp_table) {
    const std::uint32_t stripe = table::stripe_of_array(*memory.item_at(cell));
    if (!table::holds_array(me, stripe, cell) && !memory::is_hinted(memory, cell))
      return "is stamped TABLE and no stripe has its buckets there (I4)";
  }
  if (layout::is_owned(stamp)) {
    const std::uint32_t owner = layout::owner_of(stamp);
    if (owner >= memory.geometry().slot_count) return "is stamped with a slot that does not exist (I2)";
    if (!memory::is_moved_by(memory::word_of(memory, memory.page_of(cell)), owner) &&
        !memory::is_hinted_by(memory, cell, owner))
      return "is owned by slot " + std::to_string(owner) + ", which has no hint of it (I3)";
  }
  if (stamp > layout::stamp_tail && !layout::is_owned(stamp) && !layout::is_orphan(stamp))
    return "has a stamp of no meaning (I2)";
  return {};
}

// Is there still a word of the stripe that names the cell, which is no linked item?
bool names_no_item(const memory::actor& me, std::uint32_t stripe, cell_ref cell) noexcept {
  const segment& memory = *me.memory;
  const table::bucket_array buckets(memory, table::table_word_of(memory, stripe));
  for (std::uint32_t b = 0; b < buckets.count(); ++b) {
    for (const std::atomic<std::uint64_t>& word : buckets[b].words) {
      const layout::bucket_word seen = table::load_word(word);
      if (seen.empty() || seen.cell() != cell) continue;
      if (!memory::is_cell(memory, *me.classes, cell)) return table::load_word(word).bits == seen.bits;
      const bool linked = memory::stamp_of(memory, cell).load(std::memory_order_acquire) == layout::stamp_linked;
      if (!linked && !memory::is_hinted(memory, cell) && table::load_word(word).bits == seen.bits &&
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
  table::for_each_word(buckets, [&](layout::bucket&, const std::atomic<std::uint64_t>& word) {
    const layout::bucket_word seen = table::load_word(word);
    if (seen.empty() || suspects_.size() == most_suspects) return;
    const bool linked = memory::is_cell(memory, *me.classes, seen.cell()) &&
                        memory::stamp_of(memory, seen.cell()).load(std::memory_order_acquire) == layout::stamp_linked;
    if (!linked) suspects_.push_back({stripe, true, seen.cell()});
  });
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
