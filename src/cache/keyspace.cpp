// Keyspaces: namespaces of keys whose items carry, before the user's key, the entry's index and generation.
#include <cstring>

#include "cache/cache_impl.hpp"
#include "larder/cache.hpp"
#include "table/keyspace_key.hpp"

namespace larder {

namespace detail {

std::uint32_t cache_impl::find_or_make_keyspace(std::string_view name) {
  // A keyed 64-bit hash stands for the name; that two names of one segment share it is as likely as any hash collision
  // of 64 bits, and would only make them one keyspace.
  const std::uint64_t hash = table::hash_of(memory_, name) | 1;
  const std::uint32_t count = memory_.geometry().keyspace_count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint32_t>((hash + i) % count);
    std::atomic<std::uint64_t>& entry = memory_.keyspace(index).name;
    std::uint64_t seen = entry.load(std::memory_order_acquire);
    // acq_rel: one of several makers wins; the entry's generation is 0 already
    if (seen == 0 && entry.compare_exchange_strong(seen, hash, std::memory_order_acq_rel)) return index;
    if (seen == hash) return index;
  }
  throw error(make_error_code(status::no_space),
              "the segment has room for " + std::to_string(count) +
                  " keyspaces and all are taken; use fewer names, or a larger segment");
}

void cache_impl::invalidate(std::uint32_t keyspace) noexcept {
  thread_record* owner = record();
  if (owner != nullptr && !platform::has(platform::bug::invalidated_without_hint))
    memory::hint(owner->me.slot->invalidating, keyspace + 1);
  LARDER_KILL_POINT(invalidate_hinted);
  memory_.keyspace(keyspace).generation.fetch_add(
      1, std::memory_order_acq_rel);  // pairs with the load in keyspace_prefix_of_now
  LARDER_KILL_POINT(invalidated);
  // A thread that cannot attach has no name to announce it under.
  if (owner == nullptr) return table::announce_something(memory_);
  table::announce_invalidation(owner->me, keyspace);
  LARDER_KILL_POINT(invalidate_announced);
  memory::clear_hint(owner->me.slot->invalidating);
}

}  // namespace detail

namespace {

// A user's key with its prefix, on the stack. Longer keys give an empty view, which no operation accepts.
class prefixed_key {
 public:
  prefixed_key(const detail::cache_impl& cache, std::uint32_t index, std::string_view key) noexcept {
    if (key.empty() || key.size() > max_key_size - layout::keyspace_prefix_size) return;
    const std::uint64_t prefix = table::keyspace_prefix_of_now(cache.memory(), index);
    std::memcpy(bytes_, &prefix, sizeof prefix);
    std::memcpy(bytes_ + sizeof prefix, key.data(), key.size());
    size_ = sizeof prefix + key.size();
  }
  [[nodiscard]] table::lookup_key key() const noexcept { return {{bytes_, size_}, true}; }

 private:
  char bytes_[max_key_size];
  std::size_t size_ = 0;
};

}  // namespace

keyspace cache::keyspace(std::string_view name) { return {impl_, impl_->find_or_make_keyspace(name)}; }

read_handle keyspace::get(std::string_view key) noexcept { return impl_->get(prefixed_key(*impl_, index_, key).key()); }

std::optional<std::string> keyspace::get_copy(std::string_view key) {
  std::string out;
  return get_copy(key, out) ? std::optional(std::move(out)) : std::nullopt;
}

bool keyspace::get_copy(std::string_view key, std::string& out) {
  const read_handle hit = get(key);
  if (hit) out.assign(hit.view());
  return static_cast<bool>(hit);
}

bool keyspace::contains(std::string_view key) noexcept {
  return impl_->contains(prefixed_key(*impl_, index_, key).key());
}

status keyspace::put(std::string_view key, bytes_view value, const put_options& options) noexcept {
  const prefixed_key full(*impl_, index_, key);
  return impl_->store({full.key(), detail::condition::none, {}, options}, value);
}

status keyspace::add(std::string_view key, bytes_view value, const put_options& options) noexcept {
  const prefixed_key full(*impl_, index_, key);
  return impl_->store({full.key(), detail::condition::absent, {}, options}, value);
}

status keyspace::replace(std::string_view key, bytes_view value, const put_options& options) noexcept {
  const prefixed_key full(*impl_, index_, key);
  return impl_->store({full.key(), detail::condition::present, {}, options}, value);
}

status keyspace::cas(std::string_view key, larder::version expected, bytes_view value,
                     const put_options& options) noexcept {
  const prefixed_key full(*impl_, index_, key);
  return impl_->store({full.key(), detail::condition::same_version, expected, options}, value);
}

result<reservation> keyspace::reserve(std::string_view key, std::size_t size, const put_options& options) noexcept {
  return impl_->reserve(prefixed_key(*impl_, index_, key).key(), size, options);
}

result<std::int64_t> keyspace::incr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  return impl_->add_to(prefixed_key(*impl_, index_, key).key(), delta, options);
}

status keyspace::touch(std::string_view key, milliseconds ttl) noexcept {
  return impl_->touch(prefixed_key(*impl_, index_, key).key(), ttl);
}

status keyspace::erase(std::string_view key) noexcept { return impl_->erase(prefixed_key(*impl_, index_, key).key()); }

void keyspace::invalidate() noexcept { impl_->invalidate(index_); }

bool keyspace::is_current(std::string_view key, larder::version version) noexcept {
  return impl_->is_current(prefixed_key(*impl_, index_, key).key(), version);
}

std::uint64_t keyspace::generation() const noexcept {
  return impl_->memory().keyspace(index_).generation.load(std::memory_order_acquire);
}

}  // namespace larder
