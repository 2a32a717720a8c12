// Keyspaces: namespaces of keys whose items carry, before the user's key, the entry's index and generation.

#include <cstring>

#include "cache/cache_impl.hpp"
#include "larder/cache.hpp"

namespace larder {

namespace detail {

std::uint32_t cache_impl::find_or_make_keyspace(std::string_view name) {
  // A keyed 64-bit hash stands for the name; that two names of one segment share it is as likely as any hash collision
  // of 64 bits, and would only make them one keyspace.
  const std::uint64_t hash = table::hash_of(memory_, {name}) | 1;
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

table::lookup_key key_in(const detail::cache_impl& cache, std::uint32_t index, std::string_view key) noexcept {
  return {key, table::keyspace_prefix_of_now(cache.memory(), index)};
}

}  // namespace

keyspace cache::keyspace(std::string_view name) { return {impl_, impl_->find_or_make_keyspace(name)}; }

std::optional<std::string> keyspace::get_copy(std::string_view key) {
  std::string out;
  return get_copy(key, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::size_t keyspace::multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept {
  return impl_->multi_get(keys, out, table::keyspace_prefix_of_now(impl_->memory(), index_));
}

bool keyspace::contains(std::string_view key) noexcept { return impl_->contains(key_in(*impl_, index_, key)); }

read_handle keyspace::get_and_touch(std::string_view key, milliseconds ttl) noexcept {
  return touch(key, ttl) == status::ok ? get(key) : read_handle();
}

status keyspace::put(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({key_in(*impl_, index_, key), detail::condition::none, {}, options}, value);
}

status keyspace::add(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({key_in(*impl_, index_, key), detail::condition::absent, {}, options}, value);
}

status keyspace::replace(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({key_in(*impl_, index_, key), detail::condition::present, {}, options}, value);
}

status keyspace::cas(std::string_view key, larder::version expected, bytes_view value,
                     const put_options& options) noexcept {
  return impl_->store({key_in(*impl_, index_, key), detail::condition::same_version, expected, options}, value);
}

status keyspace::append(std::string_view key, bytes_view tail) noexcept {
  return impl_->extend(key_in(*impl_, index_, key), {}, tail);
}

status keyspace::prepend(std::string_view key, bytes_view head) noexcept {
  return impl_->extend(key_in(*impl_, index_, key), head, {});
}

result<reservation> keyspace::reserve(std::string_view key, std::size_t size, const put_options& options) noexcept {
  return impl_->reserve(key_in(*impl_, index_, key), size, options);
}

result<std::int64_t> keyspace::incr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  return impl_->add_to(key_in(*impl_, index_, key), delta, options);
}

result<std::int64_t> keyspace::decr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  return impl_->add_to(key_in(*impl_, index_, key), detail::negated(delta), options);
}

status keyspace::touch(std::string_view key, milliseconds ttl) noexcept {
  return impl_->touch(key_in(*impl_, index_, key), ttl);
}

status keyspace::erase(std::string_view key) noexcept { return impl_->erase(key_in(*impl_, index_, key)); }

void keyspace::invalidate() noexcept { impl_->invalidate(index_); }

bool keyspace::is_current(std::string_view key, larder::version version) noexcept {
  return impl_->is_current(key_in(*impl_, index_, key), version);
}

std::uint64_t keyspace::generation() const noexcept {
  return impl_->memory().keyspace(index_).generation.load(std::memory_order_acquire);
}

}  // namespace larder
