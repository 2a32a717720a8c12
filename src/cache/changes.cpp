// Subscriptions: a reader of the ring of changes, with what a caller wants of it.
#include "larder/changes.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "cache/cache_impl.hpp"
#include "cache/recovery.hpp"

namespace larder {
namespace detail {

// Used by one thread at a time. The slot of the thread that subscribed counts it, so that it ends with that process.
class subscription_state {
 public:
  subscription_state(cache_impl& cache, thread_record& owner, const subscribe_options& options, std::uint64_t from)
      : cache_(cache), owner_(owner), reader_(cache.memory(), from), prefix_(options.prefix), wanted_(options) {
    wanted_.prefix = {};  // prefix_ is the copy
  }
  subscription_state(const subscription_state&) = delete;
  subscription_state& operator=(const subscription_state&) = delete;
  ~subscription_state() {
    if (is_mine()) table::unlisten(cache_.memory(), *owner_.me.slot);
  }

  // False in a forked child: the kernel has wiped the owner's record there.
  [[nodiscard]] bool is_mine() const noexcept { return owner_.attached(); }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

  [[nodiscard]] std::optional<change> next() noexcept;
  [[nodiscard]] std::optional<change> wait(milliseconds timeout) noexcept;

 private:
  using outcome = table::change_reader::outcome;

  [[nodiscard]] bool is_wanted(const change& found) const noexcept;
  [[nodiscard]] std::optional<change> shown() noexcept;
  void look_for_the_dead() noexcept;

  cache_impl& cache_;
  thread_record& owner_;
  table::change_reader reader_;
  std::string prefix_;
  subscribe_options wanted_;
  std::uint64_t missed_ = 0;
  std::uint64_t looked_at_ = 0;  // ms: for the dead
  outcome last_ = outcome::nothing;
};

namespace {

constexpr std::uint64_t look_every_ms = 1000;        // for the dead, while nothing happens
constexpr std::uint64_t look_while_pending_ms = 20;  // while a change is announced and not written
constexpr std::chrono::milliseconds longest_sleep{1000};
constexpr std::chrono::milliseconds pending_sleep{10};

}  // namespace

bool subscription_state::is_wanted(const change& found) const noexcept {
  switch (found.kind) {
    case change_kind::stored:
      return wanted_.stored && found.key.starts_with(prefix_);
    case change_kind::erased:
      return wanted_.erased && found.key.starts_with(prefix_);
    case change_kind::expired:
      return wanted_.expired && found.key.starts_with(prefix_);
    case change_kind::evicted:
      return wanted_.evicted && found.key.starts_with(prefix_);
    case change_kind::invalidated:
    case change_kind::missed:
      break;
  }
  return true;
}

// What the reader has found, as callers see it; nullopt if they do not.
std::optional<change> subscription_state::shown() noexcept {
  change found;
  found.kind = reader_.what().kind();
  const table::lookup_key key = table::parts_of(reader_.key(), reader_.what().in_keyspace());
  found.key = key.bytes;
  found.version = static_cast<larder::version>(reader_.what().version());
  found.keyspace = key.keyspace_id();
  if (key.prefix) {
    // Nobody can read items of a generation that has passed, so nothing is said of them.
    const bool of_all = found.kind == change_kind::invalidated;
    const segment& memory = cache_.memory();
    if (of_all ? !table::keyspace_exists(memory, *key.prefix) : !table::is_of_now(memory, *key.prefix))
      return std::nullopt;
  }
  return is_wanted(found) ? std::optional(found) : std::nullopt;
}

// A process that died between a change and its notice: who recovers it announces the change.
void subscription_state::look_for_the_dead() noexcept {
  const std::uint64_t now = platform::coarse_now();
  if (now - looked_at_ < (last_ == outcome::pending ? look_while_pending_ms : look_every_ms)) return;
  looked_at_ = now;
  thread_record* mine = cache_.record();
  if (mine == nullptr) return;
  // Without waiting for a stripe that a stopped process holds: there is a next time.
  const std::uint32_t patience = std::exchange(mine->me.lock_timeout_ms, 0);
  recover_all(mine->me);
  mine->me.lock_timeout_ms = patience;
}

std::optional<change> subscription_state::next() noexcept {
  // No more than a round at a time, or one who wants few of many changes would never come back.
  for (std::uint32_t i = 0; i < cache_.memory().geometry().change_count; ++i) {
    last_ = reader_.read();
    if (last_ == outcome::missed) {
      missed_ += reader_.missed();
      change lost;
      lost.count = reader_.missed();
      return lost;
    }
    if (last_ != outcome::found) break;
    if (std::optional<change> found = shown()) return found;
  }
  look_for_the_dead();
  return std::nullopt;
}

std::optional<change> subscription_state::wait(milliseconds timeout) noexcept {
  const std::uint64_t start = platform::exact_now();
  for (;;) {
    if (std::optional<change> found = next()) return found;
    if (last_ == outcome::found) continue;
    const milliseconds waited(static_cast<milliseconds::rep>(platform::exact_now() - start));
    if (waited >= timeout) return std::nullopt;
    const std::uint32_t bell = reader_.before_sleep();
    if (std::optional<change> found = next()) return found;
    if (last_ == outcome::found) continue;
    reader_.sleep(bell, std::min({timeout - waited, last_ == outcome::pending ? pending_sleep : longest_sleep}));
  }
}

std::unique_ptr<subscription_state> cache_impl::subscribe(const subscribe_options& options) {
  thread_record* owner = record();
  if (owner == nullptr) throw error(make_error_code(status::detached), "subscribing: no attach slot is free");
  std::uint64_t from = 0;
  if (!table::listen(memory_, *owner->me.slot, from)) {
    throw error(std::make_error_code(std::errc::operation_not_permitted),
                "subscribing: this process may not call membarrier(2) any more");
  }
  try {
    return std::make_unique<subscription_state>(*this, *owner, options, from);
  } catch (...) {
    table::unlisten(memory_, *owner->me.slot);
    throw;
  }
}

bool cache_impl::is_current(const table::lookup_key& key, larder::version version) noexcept {
  thread_record* owner = record();
  if (owner == nullptr || !key.is_valid()) return false;
  const table::place at = table::place_of(memory_, key);
  const read_handle now(pin_item(*owner, at, key, use::is_internal));
  return now && now.version() == version;
}

}  // namespace detail

std::string_view to_string(change_kind kind) noexcept {
  switch (kind) {
    case change_kind::stored:
      return "stored";
    case change_kind::erased:
      return "erased";
    case change_kind::expired:
      return "expired";
    case change_kind::evicted:
      return "evicted";
    case change_kind::invalidated:
      return "invalidated";
    case change_kind::missed:
      return "missed";
  }
  return "?";
}

subscription cache::subscribe(const subscribe_options& options) {
  if (impl_ == nullptr) throw error(make_error_code(status::detached), "subscribing: the cache object was moved from");
  return subscription(impl_->subscribe(options));
}

bool cache::is_current(std::string_view key, larder::version version) noexcept {
  return impl_ != nullptr && impl_->is_current({key}, version);
}

subscription::subscription(std::unique_ptr<detail::subscription_state> state) noexcept : state_(std::move(state)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&&) noexcept = default;
subscription::~subscription() = default;

subscription::operator bool() const noexcept { return state_ != nullptr && state_->is_mine(); }

std::optional<change> subscription::next() noexcept { return *this ? state_->next() : std::nullopt; }

std::optional<change> subscription::wait(milliseconds timeout) noexcept {
  return *this ? state_->wait(timeout) : std::nullopt;
}

std::uint64_t subscription::missed() const noexcept { return state_ != nullptr ? state_->missed() : 0; }

}  // namespace larder
