#include "model/orphan_model.hpp"

#include "model/cited_files.hpp"

namespace model::orphan {

namespace {

// Threads.
constexpr std::size_t the_reader = 0, the_sweeper = 1, the_writer = 2;

// Words of memory.
constexpr std::size_t bucket = 0, its_pin = 1, stamp = 2, head = 3, tail = 4, mutex = 5;
constexpr std::uint8_t the_cell = 1;

// Stamps.
constexpr std::uint8_t is_free = 0, linked = 1;
constexpr std::uint8_t owned(std::size_t thread) { return static_cast<std::uint8_t>(2 + thread); }
constexpr std::uint8_t left_by(std::size_t thread) { return static_cast<std::uint8_t>(8 + thread); }

constexpr const char* lock_code = "word_.compare_exchange_strong(expected, mine_.bits, std::memory_order_acquire";
constexpr const char* unpublish_code = "old.bucket->words[old.word].store(0, std::memory_order_release)";
constexpr const char* leave_code = "stamp.store(layout::stamp_orphan(me.slot_index), std::memory_order_release)";
constexpr const char* fence_code = "std::atomic_thread_fence(std::memory_order_seq_cst)";
constexpr const char* membarrier_code = "membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)";

void take_lock(view& v) { v.wait_unless(v.compare_exchange(mutex, 0, 1 + v.self())); }

// --- the reader -------------------------------------------------------------------------------------------------------
enum class read { bucket_word, pin, check, first, second, let_go };
enum reader_register : std::size_t { seen_first };

// --- the sweeper ------------------------------------------------------------------------------------------------------
enum class sweep { lock, look, unpublish, leave, unlock, fence, fence_reader, fence_writer, scan, claim, free };

// --- the writer -------------------------------------------------------------------------------------------------------
enum class write {
  take,
  fence,
  fence_reader,
  fence_sweeper,
  scan,
  fill_first,
  fill_second,
  lock,
  publish,
  link,
  unlock,
  lock_again,
  look,
  unpublish,
  leave,
  unlock_again,
};
enum writer_register : std::size_t { content };

void take(view& v) {
  if (v.choose(2) == 0) {
    v.wait_unless(v.compare_exchange(stamp, is_free, owned(the_writer)));
    return v.go(write::fill_first);
  }
  const std::uint8_t seen = v.load(stamp);
  v.wait_unless(seen >= left_by(0) && v.compare_exchange(stamp, seen, owned(the_writer)));
}

}  // namespace

program reader() {
  return {
      {read::bucket_word, "reads the bucket word", find_file, "const layout::bucket_word seen = load_word(word)",
       [](view& v) { v.wait_unless(v.load(bucket) == the_cell); }},
      {read::pin, "pins the cell", find_file, "word.store(cell, std::memory_order_release)",
       [](view& v) { v.store(its_pin, the_cell); }},
      {read::check, "reads the bucket word again", find_file, "load_word(word).bits != seen.bits",
       [](view& v) {
         if (v.load(bucket) != the_cell) v.go(read::let_go);
       }},
      {read::first, "reads the item", find_file, "if (has_key(*item, key))",
       [](view& v) { v.reg(seen_first) = v.load(head); }},
      {read::second, "reads the item's end", nullptr, nullptr,
       [](view& v) {
         v.require(v.load(tail) == v.reg(seen_first), "a pinned item changes");
         v.reg(seen_first) = 0;
       }},
      {read::let_go, "lets go", find_file, "word.store(layout::no_cell, std::memory_order_release)",
       [](view& v) {
         v.store(its_pin, 0);
         v.go(read::bucket_word);
       }},
  };
}

program sweeper() {
  return {
      {sweep::lock, "takes the lock", lock_file, lock_code, take_lock},
      {sweep::look, "finds the item", nullptr, nullptr,
       [](view& v) {
         if (v.load(bucket) != the_cell) v.go(sweep::unlock);
       }},
      {sweep::unpublish, "unpublishes it", table_file, unpublish_code, [](view& v) { v.store(bucket, 0); }},
      {sweep::leave, "leaves an ORPHAN", limbo_file, leave_code, [](view& v) { v.store(stamp, left_by(the_sweeper)); }},
      {sweep::unlock, "lets go of the lock", nullptr, nullptr, [](view& v) { v.store(mutex, 0); }},
      {sweep::fence, "fences itself", fence_file, fence_code,
       [](view& v) {
         v.fence();
         if (v.has(bug::no_heavy_fence)) v.go(sweep::scan);
       }},
      {sweep::fence_reader, "fences the reader", "platform/fence.cpp", membarrier_code,
       [](view& v) { v.drain(the_reader); }},
      {sweep::fence_writer, "fences the writer", "platform/fence.cpp", membarrier_code,
       [](view& v) { v.drain(the_writer); }},
      {sweep::scan, "looks at the pin", limbo_file, "if (at != cells.end() && *at == cell) pinned.set(",
       [](view& v) {
         if (v.load(its_pin) == the_cell && !v.has(bug::no_scan)) v.go(sweep::lock);
       }},
      {sweep::claim, "takes its ORPHAN", limbo_file, "claim_orphan(me, cells[i], layout::stamp_orphan(me.slot_index))",
       [](view& v) {
         const bool alike =
             v.has(bug::orphans_are_alike) && v.compare_exchange(stamp, left_by(the_writer), owned(the_sweeper));
         if (!alike && !v.compare_exchange(stamp, left_by(the_sweeper), owned(the_sweeper))) v.go(sweep::lock);
       }},
      {sweep::free, "frees the cell", limbo_file, "free_cell(me, cells[i])",
       [](view& v) {
         v.store(stamp, is_free);
         v.go(sweep::lock);
       }},
  };
}

program writer() {
  return {
      {write::take, "takes the cell", limbo_file, "layout::is_orphan(seen) && claim_orphan(me, cell, seen)", take},
      {write::fence, "fences itself", fence_file, fence_code, [](view& v) { v.fence(); }},
      {write::fence_reader, "fences the reader", "platform/fence.cpp", membarrier_code,
       [](view& v) { v.drain(the_reader); }},
      {write::fence_sweeper, "fences the sweeper", "platform/fence.cpp", membarrier_code,
       [](view& v) { v.drain(the_sweeper); }},
      {write::scan, "looks at the pin", limbo_file,
       "for_each_pin(*me.memory, [&](cell_ref cell) noexcept { candidates.note_pin(cell); })",
       [](view& v) {
         if (v.load(its_pin) == the_cell) v.go(write::fence);
       }},
      {write::fill_first, "writes the item", nullptr, nullptr,
       [](view& v) {
         v.reg(content) ^= 1U;
         v.store(head, v.reg(content));
       }},
      {write::fill_second, "writes the item's end", nullptr, nullptr, [](view& v) { v.store(tail, v.reg(content)); }},
      {write::lock, "takes the lock", lock_file, lock_code, take_lock},
      {write::publish, "publishes the item", nullptr, nullptr, [](view& v) { v.store(bucket, the_cell); }},
      {write::link, "stamps it", nullptr, nullptr, [](view& v) { v.store(stamp, linked); }},
      {write::unlock, "lets go of the lock", nullptr, nullptr,
       [](view& v) {
         v.store(mutex, 0);
         if (v.choose(2) == 0) v.go(write::take);
       }},
      {write::lock_again, "takes the lock again", lock_file, lock_code, take_lock},
      {write::look, "finds the item", nullptr, nullptr,
       [](view& v) {
         if (v.load(bucket) != the_cell) v.go(write::unlock_again);
       }},
      {write::unpublish, "unpublishes it", table_file, unpublish_code, [](view& v) { v.store(bucket, 0); }},
      {write::leave, "leaves an ORPHAN", limbo_file, leave_code, [](view& v) { v.store(stamp, left_by(the_writer)); }},
      {write::unlock_again, "lets go of the lock", nullptr, nullptr,
       [](view& v) {
         v.store(mutex, 0);
         v.go(write::take);
       }},
  };
}

system make(bug seeded) {
  system made;
  made.seeded = static_cast<int>(seeded);
  made.threads = {reader(), sweeper(), writer()};
  made.initial.memory[bucket] = the_cell;
  made.initial.memory[stamp] = linked;
  return made;
}

}  // namespace model::orphan
