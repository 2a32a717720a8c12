// The whole interface on one page: `cache` (read and write), `keyspace` (a namespace of keys that can be invalidated at
// once) and `cache_view` (read-only mapping).
//
// Guarantees; the tests that check one carry its letter.
//   A  A get that starts after a successful put returned, in any process, sees that value or a newer one, or a miss;
//      never an older one.
//   B  Bytes behind a handle never change, and stay valid until it is released.
//   C  Values are never torn, even if their writer is killed.
//   D  Readers never wait. Writers wait for a dead process at most one repair; a stopped one delays only the writers of
//      the one stripe it holds, and those return timed_out after open_options::lock_timeout.
//   E  A put that returned ok is lost only to eviction, expiry, erase or a newer put; never to another process's death.
//   F  Notices of changes to one key reach a subscriber in the order of the changes, or are counted as missed; also those
//      of a process that was killed half way.
//   G  for_each visits every item that is present throughout the walk at least once, and never a freed one.
//   H  Hot calls (get, get_copy into a string with room, multi_get, put, erase, touch, incr) neither allocate nor throw.
//
// Threads: all functions are safe from any thread. A thread registers itself on first use and may end at any time.
// Fork: a cache opened before fork() works in the child without any call; handles and reservations stay the parent's.
// Exec needs nothing. Not async-signal-safe. A miss, a full cache or a lost race is a `status`; only functions that set
// a cache up throw (larder::error).
#ifndef LARDER_CACHE_HPP
#define LARDER_CACHE_HPP

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "larder/bytes_view.hpp"
#include "larder/changes.hpp"
#include "larder/export.hpp"
#include "larder/handle.hpp"
#include "larder/keyspace_prefix.hpp"
#include "larder/options.hpp"
#include "larder/stats.hpp"
#include "larder/status.hpp"

namespace larder {

// One item as for_each shows it. Valid during the visit only.
struct item_view {
  std::string_view key;  // without the bytes that tell the keyspace
  std::string_view value;
  std::uint64_t keyspace = 0;  // 0: none; else the id of the keyspace, see keyspace::id()
  larder::version version{};
  std::uint32_t flags = 0;
  milliseconds ttl_left = forever;  // forever: does not expire
  bool recently_used = false;       // hit since the eviction hand last passed
};

// What check() found: the number of an invariant (src/README.md lists them) and where it does not hold.
struct violation {
  int invariant = 0;
  std::string what;
};

struct check_report {
  std::vector<violation> violations;                                // empty: the segment is sound
  std::uint64_t items = 0;                                          // items reached through the table
  std::uint64_t cells_free = 0, cells_linked = 0, cells_owned = 0;  // all cells of all pages: I14
  std::uint64_t pages_free = 0, pages_used = 0;
  [[nodiscard]] bool sound() const noexcept { return violations.empty(); }
};

// What for_each calls: true to go on.
template <class F>
concept item_visitor = std::predicate<F&, const item_view&>;

namespace detail {

// A borrowed callable: lets the visiting functions be compiled in the library.
template <class Signature>
class function_ref;
template <class Result, class... Args>
class function_ref<Result(Args...)> {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cv_t<F>, function_ref>>>
  function_ref(F& callable) noexcept
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Args... args) -> Result { return (*static_cast<F*>(object))(args...); }) {}
  Result operator()(Args... args) const { return call_(object_, args...); }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

class view_impl;

// cache::get and keyspace::get. Calls that return in registers, so that the handle needs no memory.
[[nodiscard]] LARDER_EXPORT LARDER_DIRECT_CALL packed_value get(cache_impl* cache, std::string_view key) noexcept;
[[nodiscard]] LARDER_EXPORT LARDER_DIRECT_CALL packed_value get_in(cache_impl* cache, std::uint64_t prefix,
                                                                   std::string_view key) noexcept;

}  // namespace detail

class keyspace;

class LARDER_EXPORT cache {
 public:
  // Makes a segment that nobody has under this name yet, and attaches to it. Names are like file names: 1 to 200
  // characters, no '/'. Throws file_exists, no_memory (says how much is free and what to do), bad_argument, or what the
  // operating system says. A creator that dies half way leaves nothing behind.
  [[nodiscard]] static cache create(std::string_view name, const create_options& options = {},
                                    const open_options& open = {});

  // Attaches to a segment that exists. Throws no_such_file_or_directory, permission_denied, not_a_cache,
  // layout_mismatch (names both builds), damaged.
  [[nodiscard]] static cache open(std::string_view name, const open_options& options = {});

  // One of the two; of many concurrent callers exactly one creates. The options of the existing segment win.
  [[nodiscard]] static cache open_or_create(std::string_view name, const create_options& create = {},
                                            const open_options& open = {});

  // Attaches to a segment by an open descriptor of it (inherited, or received over a socket); it is not consumed.
  [[nodiscard]] static cache attach(int descriptor, const open_options& options = {});

  // open() that does not throw: nullopt, and `why` says the reason.
  [[nodiscard]] static std::optional<cache> try_open(std::string_view name, std::error_code& why,
                                                     const open_options& options = {}) noexcept;

  // False if there was none. Like unlink(2): attached processes keep working on what they have.
  static bool remove(std::string_view name);

  cache(cache&&) noexcept;
  cache& operator=(cache&&) noexcept;
  // Detaches this process; the segment lives on. Handles that are still out stay valid (their mapping is kept).
  ~cache();

  // --- reading -------------------------------------------------------------------------------------------------------

  // Empty on a miss. Pins the item: zero-copy. Never waits, allocates or throws. (G. Michael's hazard pointers, 2004,
  // with the fence on the reclaimer's side.)
  [[nodiscard]] read_handle get(std::string_view key) noexcept {
    return read_handle(detail::unpack(detail::get(impl_, key)));
  }

  // nullopt / false on a miss; the second form reuses out's capacity and leaves `out` as it is on a miss.
  [[nodiscard]] std::optional<std::string> get_copy(std::string_view key);
  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) {
    const read_handle hit = get(key);
    if (hit) out.assign(hit.view());
    return static_cast<bool>(hit);
  }

  // Looks many keys up at once, overlapping their cache misses. out[i] belongs to keys[i] and is empty on a miss. Returns
  // the number of hits. REQUIRES: out.size() >= keys.size(). A thread has 64 pins; keys past that are misses.
  std::size_t multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept;

  // Does not count as a use of the item.
  [[nodiscard]] bool contains(std::string_view key) noexcept;

  // False on a miss, or if the item has another version by now: then a copy that was made of that version is old. Does not
  // count as a use of the item, and holds nothing. For clients who keep copies and do not subscribe.
  [[nodiscard]] bool is_current(std::string_view key, larder::version version) noexcept;

  // Empty on a miss; else pins the item and gives it a new time to live from now.
  [[nodiscard]] read_handle get_and_touch(std::string_view key, milliseconds ttl) noexcept;

  // --- writing -------------------------------------------------------------------------------------------------------
  // Common to all: too_large (can never fit), no_space (everything in the way is pinned, or full and told to refuse),
  // timed_out (see D); then nothing was changed. A time to live of zero or less stores an item that has expired already.

  // Inserts or overwrites.
  status put(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;

  // exists if there is a live item.
  [[nodiscard]] status add(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;

  // not_found if there is no live item.
  [[nodiscard]] status replace(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;

  // not_found, or version_mismatch if the item was changed since `expected` was read.
  [[nodiscard]] status cas(std::string_view key, larder::version expected, bytes_view value,
                           const put_options& options = {}) noexcept;

  // not_found if there is no live item. Its flags and expiry stay.
  [[nodiscard]] status append(std::string_view key, bytes_view tail) noexcept;
  [[nodiscard]] status prepend(std::string_view key, bytes_view head) noexcept;

  // Room for a value of `size` bytes, to be written in place and then committed; a thread has at most 8 open at once
  // (then no_space).
  [[nodiscard]] result<reservation> reserve(std::string_view key, std::size_t size,
                                            const put_options& options = {}) noexcept;

  // Counters: items whose value is a std::int64_t in host order. Creates an absent one. Returns the new value (two's
  // complement wrap-around), or not_numeric if the item is no counter.
  result<std::int64_t> incr(std::string_view key, std::int64_t delta = 1, const incr_options& options = {}) noexcept;
  result<std::int64_t> decr(std::string_view key, std::int64_t delta = 1, const incr_options& options = {}) noexcept;

  // not_found if there is no live item; else its time to live is `ttl` from now. Does not change its version.
  status touch(std::string_view key, milliseconds ttl) noexcept;

  // not_found if there was no live item.
  status erase(std::string_view key) noexcept;

  // Erases all items that are there when the call starts; O(items). Items stored meanwhile may stay.
  status clear() noexcept;

  // A namespace of keys whose items can be invalidated all at once in O(1). Throws no_space when the segment's table of
  // keyspaces (at least 64) is full.
  [[nodiscard]] larder::keyspace keyspace(std::string_view name);

  // --- changes -------------------------------------------------------------------------------------------------------

  // Notices of what any thread of any process changes from now on (changes.hpp, guarantee F). Throws detached if no attach
  // slot is free, or what the operating system says. Costs a writer nothing while nobody is subscribed, and about as much
  // as a get for each change while somebody is.
  [[nodiscard]] subscription subscribe(const subscribe_options& options = {});

  // --- looking ---------------------------------------------------------------------------------------------------------

  // Calls visit(const item_view&) for every item (guarantee G), in no particular order; stops when it returns false.
  // Items are pinned while they are visited. The visitor may call the cache.
  template <item_visitor F>
  void for_each(F&& visit) {
    visit_items(detail::function_ref<bool(const item_view&)>(visit));
  }

  // Cheap: sums per-thread counters.
  [[nodiscard]] larder::stats stats() const noexcept;

  // Checks every invariant of the segment. Exact when nobody writes meanwhile; otherwise it looks twice before it
  // reports. O(memory).
  [[nodiscard]] check_report check() const;

  // Takes back what dead processes held: pins, cells, locks. Others do it on the way (a writer that meets their lock or
  // looks at the pins, a thread that attaches); this is for who cannot wait. Returns how many threads' slots were recovered.
  std::size_t reap() noexcept;

  // Removes expired items now, wherever they are. Returns how many.
  std::size_t sweep() noexcept;

 private:
  friend class larder::keyspace;
  explicit cache(detail::cache_impl* impl) noexcept : impl_(impl) {}
  void visit_items(detail::function_ref<bool(const item_view&)> visit);

  detail::cache_impl* impl_;
};

// A namespace of keys: the calls of `cache` for keys of its own. Cheap to copy. invalidate() makes all its items
// unreachable in O(1), for every process at once; their memory is used again like that of any cold item.
//
// Keys are at most max_key_size - 8 bytes. REQUIRES: the cache object outlives it.
class LARDER_EXPORT keyspace {
 public:
  [[nodiscard]] read_handle get(std::string_view key) noexcept {
    return read_handle(detail::unpack(detail::get_in(impl_, prefix(), key)));
  }
  [[nodiscard]] std::optional<std::string> get_copy(std::string_view key);
  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) {
    const read_handle hit = get(key);
    if (hit) out.assign(hit.view());
    return static_cast<bool>(hit);
  }
  std::size_t multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept;
  [[nodiscard]] bool contains(std::string_view key) noexcept;
  [[nodiscard]] bool is_current(std::string_view key, larder::version version) noexcept;
  [[nodiscard]] read_handle get_and_touch(std::string_view key, milliseconds ttl) noexcept;
  status put(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;
  [[nodiscard]] status add(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;
  [[nodiscard]] status replace(std::string_view key, bytes_view value, const put_options& options = {}) noexcept;
  [[nodiscard]] status cas(std::string_view key, larder::version expected, bytes_view value,
                           const put_options& options = {}) noexcept;
  [[nodiscard]] status append(std::string_view key, bytes_view tail) noexcept;
  [[nodiscard]] status prepend(std::string_view key, bytes_view head) noexcept;
  [[nodiscard]] result<reservation> reserve(std::string_view key, std::size_t size,
                                            const put_options& options = {}) noexcept;
  result<std::int64_t> incr(std::string_view key, std::int64_t delta = 1, const incr_options& options = {}) noexcept;
  result<std::int64_t> decr(std::string_view key, std::int64_t delta = 1, const incr_options& options = {}) noexcept;
  status touch(std::string_view key, milliseconds ttl) noexcept;
  status erase(std::string_view key) noexcept;

  // All items stored in this keyspace before this call are gone for every get that starts after it.
  void invalidate() noexcept;

  // How often it was invalidated.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_->load(std::memory_order_acquire); }

  // The id that item_view::keyspace shows.
  [[nodiscard]] std::uint64_t id() const noexcept { return index_ + 1; }

 private:
  friend class cache;
  keyspace(detail::cache_impl* impl, std::uint32_t index, const std::atomic<std::uint64_t>& generation) noexcept
      : impl_(impl), generation_(&generation), index_(index) {}
  // Of now: after an invalidate that returned before this call began.
  [[nodiscard]] std::uint64_t prefix() const noexcept { return detail::keyspace_prefix(index_, generation()); }

  detail::cache_impl* impl_;
  const std::atomic<std::uint64_t>* generation_;  // in the segment
  std::uint32_t index_;
};

// A read-only mapping: it cannot disturb anyone, holds no slot and no pin, and needs only read permission. Reads copy and
// then validate; under a storm of writes to the same stripe a read may give up and report a miss.
class LARDER_EXPORT cache_view {
 public:
  // Throws like cache::open.
  [[nodiscard]] static cache_view open(std::string_view name);
  [[nodiscard]] static cache_view attach(int descriptor);

  cache_view(cache_view&&) noexcept;
  cache_view& operator=(cache_view&&) noexcept;
  ~cache_view();

  [[nodiscard]] std::optional<std::string> get_copy(std::string_view key) const;
  [[nodiscard]] bool get_copy(std::string_view key, std::string& out) const;
  [[nodiscard]] bool contains(std::string_view key) const;
  [[nodiscard]] larder::stats stats() const noexcept;
  [[nodiscard]] check_report check() const;

  // As cache::for_each; the visitor sees private copies.
  template <item_visitor F>
  void for_each(F&& visit) const {
    visit_items(detail::function_ref<bool(const item_view&)>(visit));
  }

 private:
  explicit cache_view(std::unique_ptr<detail::view_impl> impl) noexcept;
  void visit_items(detail::function_ref<bool(const item_view&)> visit) const;

  std::unique_ptr<detail::view_impl> impl_;
};

}  // namespace larder

#endif  // LARDER_CACHE_HPP
