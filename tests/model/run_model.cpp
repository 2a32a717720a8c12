#include "model/run_model.hpp"

#include "model/cited_files.hpp"

namespace model::runs {

namespace {

// Words of memory. The page word is that of the second page; the data are what lies in its first frame.
enum word : std::size_t { page_word, head, tail, hint, borders, data };
enum cut : std::uint8_t { large, draining, owned, class_b };
enum owner : std::uint8_t { free_frame, of_run, of_drainer };
constexpr std::uint8_t the_run = 1;  // as the hint names it
constexpr std::uint8_t run_data = 1;
constexpr std::uint8_t class_b_data = 2;

constexpr std::size_t claimant_thread = 0;

enum class claim {
  find,
  say_borders,
  name,
  check_page,
  claim_head,
  claim_tail,
  take_back_borders,
  write,
  read,
  settle,
  retire,
  free_tail,
  free_head,
  forget,
  undo_head,
  give_up,
  clear_hint,
};

enum class drain {
  begin,
  claim_tail,
  fence,
  membarrier,
  look_at_hint,
  look_at_borders,
  own,
  clear_frame,
  open,
  write,
  use,
  own_again,
  open_as_large,
  undo,
  abandon,
};

void check_page(view& v) {
  const bool fits = v.load(page_word) == large || v.has(bug::second_page_not_looked_at);
  if (!fits) return v.go(claim::give_up);
  if (v.has(bug::borders_said_after_the_page_word)) v.go(claim::say_borders);
  if (v.has(bug::borders_taken_back_before_the_claims)) v.store(borders, 0);
}

}  // namespace

program claimant() {
  return {
      {claim::find, "finds both frames free", runs_file, "if (all_free || is_free_frame(memory, frame))",
       [](view& v) {
         v.wait_unless(v.load(head) == free_frame && v.load(tail) == free_frame);
         if (v.has(bug::borders_said_after_the_page_word)) v.go(claim::name);
       }},
      {claim::say_borders, "says that it may reach into the second page", runs_file,
       "run_borders.store(last_page - first_page, std::memory_order_release)",
       [](view& v) {
         v.store(borders, 1);
         if (v.has(bug::borders_said_after_the_page_word)) v.go(claim::claim_head);
       }},
      {claim::name, "names the run", runs_file, "hint(hint_word, cell_of_frame(memory, first))",
       [](view& v) { v.store(hint, the_run); }},
      {claim::check_page, "looks at the second page's word", runs_file, "if (are_large(memory, first_page, last_page))",
       check_page},
      {claim::claim_head, "claims the first frame", runs_file,
       ".compare_exchange_strong(expected, mark, std::memory_order_acq_rel, std::memory_order_relaxed)",
       [](view& v) {
         if (!v.compare_exchange(head, free_frame, of_run)) v.go(claim::give_up);
       }},
      {claim::claim_tail, "claims the second frame", runs_file,
       ".compare_exchange_strong(expected, mark, std::memory_order_acq_rel, std::memory_order_relaxed)",
       [](view& v) {
         if (!v.compare_exchange(tail, free_frame, of_run)) v.go(claim::undo_head);
       }},
      {claim::take_back_borders, "has claimed all", runs_file, "run_borders.store(0, std::memory_order_release)",
       [](view& v) { v.store(borders, 0); }},
      {claim::write, "writes a value", nullptr, nullptr, [](view& v) { v.store(data, run_data); }},
      {claim::read, "reads it", nullptr, nullptr,
       [](view& v) {
         v.require(v.load(data) == run_data, "somebody writes into a run");
         if (v.choose(2) == 0) v.go(claim::read);
       }},
      {claim::settle, "links it", table_file, ".store(layout::stamp_linked, std::memory_order_release)",
       [](view& v) { v.store(hint, 0); }},
      {claim::retire, "names what it takes out", nullptr, nullptr, [](view& v) { v.store(hint, the_run); }},
      {claim::free_tail, "frees the second frame", runs_file, ".store(layout::stamp_free, std::memory_order_release)",
       [](view& v) {
         v.require(v.load(data) == run_data, "somebody writes into a run");
         v.store(tail, free_frame);
       }},
      {claim::free_head, "frees the first frame", runs_file, ".store(layout::stamp_free, std::memory_order_release)",
       [](view& v) { v.store(head, free_frame); }},
      {claim::forget, "clears its hint", nullptr, nullptr,
       [](view& v) {
         v.store(hint, 0);
         v.go(claim::find);
       }},
      {claim::undo_head, "frees what it had claimed", runs_file, "release_frames(memory, first, claimed)",
       [](view& v) { v.store(head, free_frame); }},
      {claim::give_up, "takes back where it might have reached", runs_file,
       "run_borders.store(0, std::memory_order_release)", [](view& v) { v.store(borders, 0); }},
      {claim::clear_hint, "clears its hint", runs_file, "if (!done) clear_hint(hint_word)",
       [](view& v) {
         v.store(hint, 0);
         v.go(claim::find);
       }},
  };
}

program drainer() {
  return {
      {drain::begin, "begins to drain the second page", pages_file,
       "page_word::make(page_state::draining, me.slot_index",
       [](view& v) { v.compare_exchange(page_word, large, draining); }},
      {drain::claim_tail, "claims its frame", pages_file, "stamp.compare_exchange_strong(expected, me.stamp()",
       [](view& v) {
         if (!v.compare_exchange(tail, free_frame, of_drainer)) v.go(drain::abandon);
       }},
      {drain::fence, "owns all frames: fences itself", pages_file,
       "if (!everybody_fenced(memory) || is_named(me, page))",
       [](view& v) {
         v.fence();
         if (v.has(bug::no_heavy_fence)) v.go(drain::look_at_hint);
       }},
      {drain::membarrier, "fences another", "platform/fence.cpp", "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
       [](view& v) { v.drain(claimant_thread); }},
      {drain::look_at_hint, "looks at the hint", pins_file, "word.load(std::memory_order_acquire)",
       [](view& v) {
         if (v.load(hint) != the_run || v.has(bug::borders_not_looked_at)) v.go(drain::own);
       }},
      {drain::look_at_borders, "looks how far that may reach", pins_file,
       "<= other.run_borders.load(std::memory_order_acquire)",
       [](view& v) {
         if (v.load(borders) != 0) v.go(drain::undo);
       }},
      {drain::own, "owns the page", pages_file, "store_word(memory, page, page_word::make(page_state::owned",
       [](view& v) { v.store(page_word, owned); }},
      {drain::clear_frame, "clears its frame", runs_file, ".store(layout::stamp_free, std::memory_order_relaxed)",
       [](view& v) { v.store(tail, free_frame); }},
      {drain::open, "gives the page to class B", pages_file,
       "store_word(memory, page, page_word::make(page_state::cells, 0, size_class))",
       [](view& v) { v.store(page_word, class_b); }},
      {drain::write, "writes class B's data", nullptr, nullptr, [](view& v) { v.store(data, class_b_data); }},
      {drain::use, "reads class B's data", nullptr, nullptr,
       [](view& v) {
         const bool whole = v.load(data) == class_b_data && v.load(tail) == free_frame;
         v.require(whole, "somebody writes into a page that was cut anew");
         if (v.choose(2) == 0) v.go(drain::use);
       }},
      {drain::own_again, "owns the page of class B", pages_file,
       "store_word(memory, page, page_word::make(page_state::owned", [](view& v) { v.store(page_word, owned); }},
      {drain::open_as_large, "makes the page LARGE", pages_file,
       "store_word(memory, page, page_word::make(page_state::large, 0, layout::large_class))",
       [](view& v) {
         v.store(page_word, large);
         v.go(drain::begin);
       }},
      {drain::undo, "gives up: frees what it claimed", pages_file,
       "memory.frame(frame).store(layout::stamp_free, std::memory_order_release)",
       [](view& v) { v.store(tail, free_frame); }},
      {drain::abandon, "gives the page back", pages_file,
       "store_word(memory, page, page_word::make(large ? page_state::large : page_state::cells, 0, word.size_class()))",
       [](view& v) {
         v.store(page_word, large);
         v.go(drain::begin);
       }},
  };
}

system make(bug seeded) {
  system made;
  made.seeded = static_cast<int>(seeded);
  made.threads = {claimant(), drainer()};
  made.initial.memory[page_word] = large;
  return made;
}

}  // namespace model::runs
