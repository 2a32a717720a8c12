// subscription: what other threads and processes change, key by key, so that every client can refresh a copy of its own.
//
// A notice means "what you have of this key may be old", never more: it may come twice, late, or for what is the same
// again. What is promised (guarantee F of larder/cache.hpp):
//   * Of each change that takes effect after subscribe() returned, a notice comes or is counted as missed; also when
//     whoever made it was killed half way.
//   * Notices of one key come in the order of its changes.
//   * Nobody waits for a subscriber. One that is too slow is overtaken, and told how many notices it missed.
//
// Not changes: touch (value and version stay), and the moment at which an item expires; a notice comes when it is removed.
#ifndef LARDER_CHANGES_HPP
#define LARDER_CHANGES_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "larder/export.hpp"
#include "larder/handle.hpp"
#include "larder/options.hpp"

namespace larder {

enum class change_kind : std::uint8_t {
  stored,       // put, add, replace, cas, append, prepend, incr, decr, commit
  erased,       // erase, clear
  expired,      // removed after its time to live
  evicted,      // removed by the cache, to make room
  invalidated,  // all items of a keyspace: keyspace::invalidate
  missed,       // changes of any keys: treat everything as changed
};

// A short English word. The text lives as long as the program.
[[nodiscard]] LARDER_EXPORT std::string_view to_string(change_kind kind) noexcept;

struct change {
  change_kind kind = change_kind::missed;
  std::string_view key;        // without the bytes that tell the keyspace. Valid until the subscription's next call
  std::uint64_t keyspace = 0;  // 0: none; else the id of the keyspace, see keyspace::id()
  larder::version version{};   // of the item that was stored or has gone
  std::uint64_t count = 1;     // missed: how many changes, of any key and kind
};

struct subscribe_options {
  // Only changes of keys that begin so.
  std::string_view prefix = {};

  // Which kinds. `invalidated` and `missed` always come.
  bool stored = true;
  bool erased = true;
  bool expired = true;
  bool evicted = true;
};

namespace detail {
class subscription_state;
}

// Obtained by cache::subscribe(). Subscribe first and read then: what is read after subscribe() returned is announced when
// it changes.
//
// Used by one thread at a time; may be moved to another one. In a forked child it is empty: the subscription is the
// parent's. One whose process dies ends by itself. REQUIRES: the cache outlives it.
class LARDER_EXPORT subscription {
 public:
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  ~subscription();

  // False: moved from, or inherited over fork(). Then there are no changes.
  [[nodiscard]] explicit operator bool() const noexcept;

  // The next change. nullopt if there is none at the moment. Never waits, allocates or throws. Now and then it looks for
  // processes that died half way, and announces what they changed.
  [[nodiscard]] std::optional<change> next() noexcept;

  // The same, but sleeps until there is one: nullopt after `timeout`, or at once if the subscription is empty.
  [[nodiscard]] std::optional<change> wait(milliseconds timeout) noexcept;

  // The sum of `count` over all notices of kind `missed` so far.
  [[nodiscard]] std::uint64_t missed() const noexcept;

 private:
  friend class cache;
  explicit subscription(std::unique_ptr<detail::subscription_state> state) noexcept;

  std::unique_ptr<detail::subscription_state> state_;
};

}  // namespace larder

#endif  // LARDER_CHANGES_HPP
