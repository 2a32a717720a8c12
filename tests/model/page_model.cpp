#include "model/page_model.hpp"

#include "model/cited_files.hpp"

namespace model::page {

namespace {

// Words of memory.
enum word : std::size_t { page_word, stamp, first, second, hint, pin };
// Of the page word.
enum cut : std::uint8_t { class_a, draining, owned, class_b, draining_b };
// Of the stamp.
enum owner : std::uint8_t { free_cell, linked, orphan, of_allocator, of_drainer };
constexpr std::uint8_t the_cell = 1;  // as hint and pin name it

constexpr std::size_t drainer_thread = 2;

enum class allocate { look, name, check_drain, check_page, claim, fill_first, fill_second, settle, orphan, clear_hint };
enum allocator_register : std::size_t { content, checked, seen_stamp };

enum class walk { look, pin, check_page, check_stamp, check_page_again, first, second, let_go };
enum reader_register : std::size_t { seen_first };

enum class drain {
  begin,
  look,
  adopt,
  retire,
  reclaim_fence,
  reclaim_membarrier,
  reclaim_scan,
  reclaim_free,
  claim,
  fence,
  membarrier,
  hint,
  pin,
  own,
  cut_stamp,
  cut_first,
  cut_second,
  open,
  use,
  drain_b,
  prepare,
  reopen,
  undo,
  abandon,
  abandon_b,
};
enum drainer_register : std::size_t { done, data, of_b };

// One step of membarrier: another thread, in any order. True after the last.
bool fence_another(view& v) {
  const unsigned other = v.choose(drainer_thread);
  v.wait_unless((v.reg(done) >> other & 1U) == 0);
  v.drain(other);
  v.reg(done) |= static_cast<std::uint8_t>(1U << other);
  if (v.reg(done) != (1U << drainer_thread) - 1) return false;
  v.reg(done) = 0;
  return true;
}

void name_cell(view& v) {
  v.store(hint, the_cell);
  if (v.has(bug::page_word_not_checked_by_allocator) || v.reg(checked) != 0) {
    v.reg(checked) = 0;
    return v.go(allocate::claim);
  }
  const bool drain_matters = v.reg(seen_stamp) == orphan && !v.has(bug::orphan_of_another_drain_adopted);
  v.go(drain_matters ? allocate::check_drain : allocate::check_page);
}

// A free cell is claimed in a page of its class only; an orphan is adopted by drainers, too.
void check_page_of_cell(view& v) {
  const std::uint8_t seen = v.load(page_word);
  const bool fits = seen == class_a || (v.reg(seen_stamp) == orphan && seen == draining);
  if (!fits) return v.go(allocate::clear_hint);
  if (v.has(bug::hinted_after_page_word)) {
    v.reg(checked) = 1;
    v.go(allocate::name);
  }
}

void look_at_cells(view& v) {
  switch (v.load(stamp)) {
    case free_cell:
      return v.go(drain::claim);
    case orphan:
      return v.go(drain::adopt);
    case linked:
      return v.go(drain::retire);
    default:
      return v.go(drain::abandon);  // somebody is just writing it
  }
}

void use_as_class_b(view& v) {
  const bool whole = v.load(stamp) == v.reg(data) && v.load(first) == 3 && v.load(second) == 4;
  v.require(whole, "somebody writes into a page that was cut anew");
  if (v.choose(2) == 0) v.go(drain::use);
}

}  // namespace

program allocator() {
  return {
      {allocate::look, "sees a free cell, or an orphan", allocator_file, "if (load_early(stamp) != expected) continue",
       [](view& v) {
         v.reg(seen_stamp) = v.load(stamp);
         v.wait_unless(v.reg(seen_stamp) == free_cell || v.reg(seen_stamp) == orphan);
         if (v.has(bug::hinted_after_page_word)) v.go(allocate::check_page);
       }},
      {allocate::name, "names it", allocator_file, "hint(hint_word, cell)", name_cell},
      {allocate::check_drain, "asks whether another drains the orphan's page", limbo_file,
       "!is_drained_by_another(me, cell) && is_cell(*me.memory, *me.classes, cell)",
       [](view& v) {
         const std::uint8_t seen = v.load(page_word);
         if (seen == draining || seen == draining_b) v.go(allocate::clear_hint);
       }},
      {allocate::check_page, "looks at the page's word", allocator_file, "if (is_of_class(memory, page, size_class) &&",
       check_page_of_cell},
      {allocate::claim, "claims it", allocator_file, "stamp.compare_exchange_strong(expected, me.stamp()",
       [](view& v) {
         if (!v.compare_exchange(stamp, v.reg(seen_stamp), of_allocator)) return v.go(allocate::clear_hint);
         if (v.reg(seen_stamp) == orphan) v.go(allocate::orphan);
       }},
      {allocate::fill_first, "writes an item", nullptr, nullptr,
       [](view& v) {
         v.reg(content) = static_cast<std::uint8_t>(3 - v.reg(content));
         v.store(first, v.reg(content));
       }},
      {allocate::fill_second, "writes its end", nullptr, nullptr, [](view& v) { v.store(second, v.reg(content)); }},
      {allocate::settle, "links it", table_file, ".store(layout::stamp_linked, std::memory_order_release)",
       [](view& v) {
         v.store(stamp, linked);
         v.go(v.choose(2) == 0 ? allocate::clear_hint : allocate::orphan);
       }},
      {allocate::orphan, "makes it an orphan", limbo_file,
       "stamp.store(layout::stamp_orphan(me.slot_index), std::memory_order_release)",
       [](view& v) { v.store(stamp, orphan); }},
      {allocate::clear_hint, "clears its hint", allocator_file, "clear_hint(hint_word)",
       [](view& v) {
         v.reg(seen_stamp) = 0;
         v.store(hint, 0);
         v.go(allocate::look);
       }},
  };
}

program reader() {
  return {
      {walk::look, "sees a linked cell", linked_file,
       "stamp_of(*me_.memory, cell).load(std::memory_order_relaxed) == layout::stamp_linked",
       [](view& v) { v.wait_unless(v.load(stamp) == linked); }},
      {walk::pin, "pins it", linked_file, "pin(*word_, cell, memory.full_fences())",
       [](view& v) {
         v.store(pin, the_cell);
         if (v.has(bug::page_word_not_checked_by_reader)) v.go(walk::check_stamp);
       }},
      {walk::check_page, "looks at the page's word", linked_file, "if (!memory::is_cell(memory, *me_.classes, cell))",
       [](view& v) {
         const std::uint8_t seen = v.load(page_word);
         if (seen != class_a && seen != draining) v.go(walk::let_go);
       }},
      {walk::check_stamp, "looks at the stamp again", linked_file,
       "memory::stamp_of(memory, cell).load(std::memory_order_acquire)",
       [](view& v) {
         if (v.load(stamp) != linked) return v.go(walk::let_go);
         const bool once =
             v.has(bug::page_word_looked_at_once_by_reader) || v.has(bug::page_word_not_checked_by_reader);
         if (once) v.go(walk::first);
       }},
      {walk::check_page_again, "looks at the page's word again", linked_file,
       "return memory::is_cell(memory, *me_.classes, cell) ? stamp : layout::stamp_free;",
       [](view& v) {
         const std::uint8_t seen = v.load(page_word);
         if (seen != class_a && seen != draining) v.go(walk::let_go);
       }},
      {walk::first, "reads the item", nullptr, nullptr, [](view& v) { v.reg(seen_first) = v.load(first); }},
      {walk::second, "reads the item's end", nullptr, nullptr,
       [](view& v) {
         v.require(v.load(second) == v.reg(seen_first), "a pinned item changes");
         v.reg(seen_first) = 0;
       }},
      {walk::let_go, "lets go", linked_file, "unpin(*word_)",
       [](view& v) {
         v.store(pin, 0);
         v.go(walk::look);
       }},
  };
}

program drainer() {
  return {
      {drain::begin, "begins to drain the page", pages_file, "page_word::make(page_state::draining, me.slot_index",
       [](view& v) { v.compare_exchange(page_word, class_a, draining); }},
      {drain::look, "looks at its cells", "table/drain.cpp", "stamp.load(std::memory_order_acquire), size_class)",
       look_at_cells},
      {drain::adopt, "adopts an orphan; it is in limbo", limbo_file,
       ".compare_exchange_strong(seen, me.stamp(), std::memory_order_acq_rel, std::memory_order_relaxed)",
       [](view& v) { v.go(v.compare_exchange(stamp, orphan, of_drainer) ? drain::reclaim_fence : drain::abandon); }},
      {drain::retire, "unpublishes an item; it is in limbo", limbo_file,
       "stamp.store(me.stamp(), std::memory_order_release)", [](view& v) { v.store(stamp, of_drainer); }},
      {drain::reclaim_fence, "reclaims: fences itself", fence_file,
       "std::atomic_thread_fence(std::memory_order_seq_cst)",
       [](view& v) {
         v.fence();
         if (v.has(bug::reclaimed_without_scan)) v.go(drain::reclaim_free);
       }},
      {drain::reclaim_membarrier, "fences another", "platform/fence.cpp", "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
       [](view& v) {
         if (!fence_another(v)) v.go(drain::reclaim_membarrier);
       }},
      {drain::reclaim_scan, "looks at the pin", limbo_file, "for_each_pin(*me.memory",
       [](view& v) {
         if (v.load(pin) == the_cell) v.go(drain::reclaim_fence);
       }},
      {drain::reclaim_free, "frees the cell", allocator_file,
       "memory.item_at(cell)->stamp.store(layout::stamp_free, std::memory_order_release)",
       [](view& v) { v.store(stamp, free_cell); }},
      {drain::claim, "claims the free cell", pages_file, "stamp.compare_exchange_strong(expected, me.stamp()",
       [](view& v) {
         if (!v.compare_exchange(stamp, free_cell, of_drainer)) v.go(drain::abandon);
       }},
      {drain::fence, "owns all cells: fences itself", pages_file,
       "if (!everybody_fenced(memory) || is_named(me, page))",
       [](view& v) {
         v.fence();
         if (v.has(bug::no_heavy_fence)) v.go(drain::hint);
         if (v.has(bug::names_not_looked_at)) v.go(drain::own);
       }},
      {drain::membarrier, "fences another", "platform/fence.cpp", "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
       [](view& v) {
         if (!fence_another(v)) v.go(drain::membarrier);
       }},
      {drain::hint, "looks at the hint", pins_file, "names(slot.inflight)",
       [](view& v) {
         if (v.load(hint) == the_cell) v.go(v.reg(of_b) != 0 ? drain::abandon_b : drain::undo);
       }},
      {drain::pin, "looks at the pin", pins_file, "std::any_of(std::begin(other.pins), std::end(other.pins), here)",
       [](view& v) {
         if (v.load(pin) == the_cell) v.go(v.reg(of_b) != 0 ? drain::abandon_b : drain::undo);
       }},
      {drain::own, "owns the page", pages_file, "store_word(memory, page, page_word::make(page_state::owned",
       [](view& v) {
         v.store(page_word, owned);
         if (v.reg(of_b) != 0) v.go(drain::prepare);
       }},
      {drain::cut_stamp, "writes class B's data where A had its stamp", nullptr, nullptr,
       [](view& v) {
         v.reg(data) = static_cast<std::uint8_t>(free_cell + v.choose(3));
         v.store(stamp, v.reg(data));
       }},
      {drain::cut_first, "writes class B's data", nullptr, nullptr, [](view& v) { v.store(first, 3); }},
      {drain::cut_second, "writes class B's data", nullptr, nullptr, [](view& v) { v.store(second, 4); }},
      {drain::open, "gives the page to class B", pages_file,
       "store_word(memory, page, page_word::make(page_state::cells, 0, size_class))",
       [](view& v) { v.store(page_word, class_b); }},
      {drain::use, "reads class B's data", nullptr, nullptr, use_as_class_b},
      {drain::drain_b, "begins to drain the page of class B", pages_file,
       "page_word::make(page_state::draining, me.slot_index",
       [](view& v) {
         v.reg(of_b) = 1;
         v.compare_exchange(page_word, class_b, draining_b);
         v.go(drain::fence);
       }},
      {drain::prepare, "stamps A's cell free", pages_file, ".store(layout::stamp_free, std::memory_order_relaxed)",
       [](view& v) {
         v.reg(data) = v.reg(of_b) = 0;
         v.store(stamp, free_cell);
       }},
      {drain::reopen, "gives the page to class A", pages_file,
       "store_word(memory, page, page_word::make(page_state::cells, 0, size_class))",
       [](view& v) {
         v.store(page_word, class_a);
         v.go(drain::begin);
       }},
      {drain::undo, "gives up: frees what it claimed", pages_file,
       "stamp.store(layout::stamp_free, std::memory_order_release)", [](view& v) { v.store(stamp, free_cell); }},
      {drain::abandon, "gives the page back to its class", pages_file,
       "store_word(memory, page, page_word::make(large ? page_state::large : page_state::cells, 0, word.size_class()))",
       [](view& v) {
         v.store(page_word, class_a);
         v.go(drain::begin);
       }},
      {drain::abandon_b, "gives the page back to class B", pages_file,
       "store_word(memory, page, page_word::make(large ? page_state::large : page_state::cells, 0, word.size_class()))",
       [](view& v) {
         v.reg(of_b) = 0;
         v.store(page_word, class_b);
         v.go(drain::use);
       }},
  };
}

system make(bug seeded) {
  system made;
  made.seeded = static_cast<int>(seeded);
  made.threads = {allocator(), reader(), drainer()};
  made.initial.memory[page_word] = class_a;
  made.initial.threads[0].registers[content] = 1;
  return made;
}

}  // namespace model::page
