// Keyspaces: namespaces of keys whose items carry, before the user's key, the entry's index and generation.
#include "cache/cache_impl.hpp"
#include "larder/cache.hpp"

namespace larder {

namespace detail {

std::uint32_t cache_impl::find_or_make_keyspace(std::string_view name) {
  const std::uint64_t hash = table::keyspace_name(memory_, name);
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
      1, std::memory_order_acq_rel);  // pairs with the loads in keyspace_prefix_of_now and keyspace::generation
  LARDER_KILL_POINT(invalidated);
  // A thread that cannot attach has no name to announce it under.
  if (owner == nullptr) return table::announce_something(memory_);
  table::announce_invalidation(owner->me, keyspace);
  LARDER_KILL_POINT(invalidate_announced);
  memory::clear_hint(owner->me.slot->invalidating);
}

}  // namespace detail

keyspace cache::keyspace(std::string_view name) {
  const std::uint32_t index = impl_->find_or_make_keyspace(name);
  return {impl_, index, impl_->memory().keyspace(index).generation};
}

std::optional<std::string> keyspace::get_copy(std::string_view key) {
  std::string out;
  return get_copy(key, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::size_t keyspace::multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept {
  return impl_->multi_get(keys, out, prefix());
}

bool keyspace::contains(std::string_view key) noexcept { return impl_->contains({key, prefix()}); }

read_handle keyspace::get_and_touch(std::string_view key, milliseconds ttl) noexcept {
  return touch(key, ttl) == status::ok ? get(key) : read_handle();
}

status keyspace::put(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({{key, prefix()}, detail::condition::none, {}, options}, value);
}

status keyspace::add(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({{key, prefix()}, detail::condition::absent, {}, options}, value);
}

status keyspace::replace(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_->store({{key, prefix()}, detail::condition::present, {}, options}, value);
}

status keyspace::cas(std::string_view key, larder::version expected, bytes_view value,
                     const put_options& options) noexcept {
  return impl_->store({{key, prefix()}, detail::condition::same_version, expected, options}, value);
}

status keyspace::append(std::string_view key, bytes_view tail) noexcept {
  return impl_->extend({key, prefix()}, {}, tail);
}

status keyspace::prepend(std::string_view key, bytes_view head) noexcept {
  return impl_->extend({key, prefix()}, head, {});
}

result<reservation> keyspace::reserve(std::string_view key, std::size_t size, const put_options& options) noexcept {
  return impl_->reserve({key, prefix()}, size, options);
}

result<std::int64_t> keyspace::incr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  return impl_->add_to({key, prefix()}, delta, options);
}

result<std::int64_t> keyspace::decr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  return impl_->add_to({key, prefix()}, detail::negated(delta), options);
}

status keyspace::touch(std::string_view key, milliseconds ttl) noexcept { return impl_->touch({key, prefix()}, ttl); }

status keyspace::erase(std::string_view key) noexcept { return impl_->erase({key, prefix()}); }

void keyspace::invalidate() noexcept { impl_->invalidate(index_); }

bool keyspace::is_current(std::string_view key, larder::version version) noexcept {
  return impl_->is_current({key, prefix()}, version);
}

}  // namespace larder
