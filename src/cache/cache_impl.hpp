// cache_impl: what a cache object is made of, and the operations, each a short line of steps over the layers below.
//
// Life: counted by the cache object, and by every record of a thread (attachment.hpp); the last one unmaps the segment. In
// a forked child the counts start anew.
#ifndef LARDER_CACHE_CACHE_IMPL_HPP
#define LARDER_CACHE_CACHE_IMPL_HPP

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "cache/attachment.hpp"
#include "larder/cache.hpp"
#include "memory/memory.hpp"
#include "table/table.hpp"

namespace larder::detail {

// What belongs to one process. In a page that the kernel wipes in a forked child, which then starts with a new one.
struct process_state {
  std::atomic<std::uint32_t> ready;  // 0: a child that has not entered yet; 1: being made; 2: ready
  std::atomic<std::uint32_t> references;
  platform::process_identity identity;
  std::mutex mutex;
  thread_record* abandoned;  // first of a list; guarded by mutex
};

// The memory of one.
class process_page {
 public:
  process_page();  // throws larder::error
  process_page(process_page&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  process_page& operator=(process_page&&) = delete;
  ~process_page() {
    if (state_ != nullptr) platform::free_wiped(state_, sizeof(process_state));
  }
  [[nodiscard]] process_state* get() const noexcept { return state_; }

 private:
  process_state* state_;
};

// What a store asks of the item that may be there.
enum class condition : std::uint8_t { none, absent, present, same_version };

struct store_request {
  table::lookup_key key;
  condition when = condition::none;
  larder::version expected{};
  put_options options;
};

class cache_impl {
 public:
  // The segment is made last: a failure before leaves no name behind. (The object's own memory comes before it is
  // initialised, [expr.new].)
  template <class MakeSegment>
  [[nodiscard]] static cache_impl* make(MakeSegment make_segment, const open_options& options) {
    process_page page;
    return new cache_impl(std::move(page), make_segment(), options);
  }

  // The calling thread's record; nullptr if it cannot be attached. Two loads if it was this cache that it used last.
  [[nodiscard]] thread_record* record() noexcept {
    if (this_thread->cache == this) [[likely]]
      return this_thread;
    return attach_thread(*this);
  }

  // operations: reading (read.cpp)
  [[nodiscard]] pinned_value get(const table::lookup_key& key, std::uint64_t hash) noexcept;
  [[nodiscard]] bool contains(const table::lookup_key& key) noexcept;
  // The prefix of the keyspace that the keys are in; or none.
  std::size_t multi_get(std::span<const std::string_view> keys, std::span<read_handle> out,
                        std::optional<std::uint64_t> prefix) noexcept;

  // operations: writing (store.cpp, update.cpp)
  [[nodiscard]] status store(const store_request& request, bytes_view value) noexcept;
  [[nodiscard]] result<reservation> reserve(const table::lookup_key& key, std::size_t size,
                                            const put_options& options) noexcept;
  [[nodiscard]] status commit(reservation& reserved, std::size_t used) noexcept;
  void abandon(reservation& reserved) noexcept;
  [[nodiscard]] status extend(const table::lookup_key& key, bytes_view head, bytes_view tail) noexcept;
  [[nodiscard]] result<std::int64_t> add_to(const table::lookup_key& key, std::int64_t delta,
                                            const incr_options& options) noexcept;
  [[nodiscard]] status touch(const table::lookup_key& key, milliseconds ttl) noexcept;
  [[nodiscard]] status erase(const table::lookup_key& key) noexcept;
  [[nodiscard]] status clear() noexcept;
  std::size_t sweep() noexcept;
  std::size_t reap() noexcept;

  // keyspaces (keyspace.cpp)
  [[nodiscard]] std::uint32_t find_or_make_keyspace(std::string_view name);
  void invalidate(std::uint32_t keyspace) noexcept;

  // changes (changes.cpp)
  [[nodiscard]] std::unique_ptr<subscription_state> subscribe(const subscribe_options& options);
  [[nodiscard]] bool is_current(const table::lookup_key& key, larder::version version) noexcept;

  // looking (scan.cpp)
  void visit_items(function_ref<bool(const item_view&)> visit);

  [[nodiscard]] const segment& memory() const noexcept { return memory_; }
  [[nodiscard]] const memory::size_classes& classes() const noexcept { return classes_; }
  [[nodiscard]] std::uint32_t lock_timeout_ms() const noexcept { return lock_timeout_ms_; }

  // The process state. REQUIRES: enter_process() was called in this process.
  [[nodiscard]] process_state& process() const noexcept { return *process_; }
  void enter_process() noexcept;

  void retain() noexcept { process_->references.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;

  // Ends the cache object: detaches the calling thread and lets go.
  void close() noexcept;

 private:
  cache_impl(process_page page, segment memory, const open_options& options);
  ~cache_impl();

  // A cell with header, options and key in place and room for the value; too_large, no_space. `hint` names it.
  [[nodiscard]] result<layout::cell_ref> make_item(thread_record& record, const table::lookup_key& key,
                                                   std::size_t value_size, const put_options& options,
                                                   layout::atomic_ref32& hint) noexcept;
  // Publishes a made item under its key, if the condition holds; else the cell is freed.
  [[nodiscard]] status link(thread_record& record, table::place at, const store_request& request,
                            const table::foresight& foreseen, layout::cell_ref cell,
                            layout::atomic_ref32& hint) noexcept;
  // Replaces the item by one made of it: see update.cpp.
  template <class Size, class Fill>
  [[nodiscard]] status rewrite(thread_record& record, const table::lookup_key& key, bool keep_version, Size size,
                               Fill fill) noexcept;
  // Empty unless the key has a live item.
  enum class use : std::uint8_t { counts, is_internal };
  [[nodiscard]] pinned_value pin_item(thread_record& record, table::place at, const table::lookup_key& key,
                                      use how) noexcept;

  segment memory_;
  memory::size_classes classes_;
  std::uint32_t lock_timeout_ms_;
  process_page page_;
  process_state* process_;  // in page_
  cache_impl* next_kept_ = nullptr;
};

// The item that a pin names. REQUIRES: it is held, by this process.
[[nodiscard]] inline layout::item* item_of(const pin& pin) noexcept {
  // relaxed: stored by the owner of the handle
  return record_of(pin).me.memory->item_at(pin.word->load(std::memory_order_relaxed));
}

// What decr adds. Unsigned, so that the smallest number has a negative: itself.
[[nodiscard]] constexpr std::int64_t negated(std::int64_t delta) noexcept {
  return static_cast<std::int64_t>(-static_cast<std::uint64_t>(delta));
}

// Statistics and the check need no attachment, so a read-only view has them too.
[[nodiscard]] larder::stats collect_stats(const segment& memory) noexcept;

// Hands out the item in a linked cell, safe to read until the next call: in place, or a copy of its header and key. Nothing
// if it is linked no more, or its sizes lead out of the segment.
struct guarded_item {
  const layout::item* item;
  table::lookup_key key;
};
using item_guard = function_ref<std::optional<guarded_item>(layout::cell_ref)>;
[[nodiscard]] inline std::optional<guarded_item> guard_in_place(const segment& memory,
                                                                const layout::item* item) noexcept {
  const auto key = item != nullptr ? table::sane_key(memory, *item) : std::nullopt;
  return key ? std::optional(guarded_item{item, *key}) : std::nullopt;
}
[[nodiscard]] check_report check_segment(const segment& memory, const memory::size_classes& classes, item_guard guard);

// What for_each shows of an item that stays as it is during the call; and whether it shows it at all: not what has expired
// or belongs to a generation of its keyspace that was invalidated.
[[nodiscard]] item_view view_of(const layout::item& item) noexcept;
[[nodiscard]] bool is_visible(const segment& memory, const layout::item& item) noexcept;

}  // namespace larder::detail

#endif  // LARDER_CACHE_CACHE_IMPL_HPP
