// The public methods; each forwards to what does the work.
#include <algorithm>
#include <utility>

#include "cache/cache_impl.hpp"
#include "larder/larder.hpp"

namespace larder {

using detail::cache_impl;
using detail::condition;

cache cache::create(std::string_view name, const create_options& options, const open_options& open) {
  return cache(cache_impl::make([&] { return segment::create(name, options); }, open));
}

cache cache::open(std::string_view name, const open_options& options) {
  return cache(cache_impl::make([&] { return segment::open(name, platform::access::read_write); }, options));
}

cache cache::open_or_create(std::string_view name, const create_options& create, const open_options& open) {
  return cache(cache_impl::make([&] { return segment::open_or_create(name, create); }, open));
}

cache cache::attach(int descriptor, const open_options& options) {
  return cache(cache_impl::make([&] { return segment::attach(descriptor, platform::access::read_write); }, options));
}

std::optional<cache> cache::try_open(std::string_view name, std::error_code& why,
                                     const open_options& options) noexcept {
  try {
    why.clear();
    return open(name, options);
  } catch (const std::system_error& e) {
    why = e.code();
  } catch (const std::bad_alloc&) {
    why = std::make_error_code(std::errc::not_enough_memory);
  }
  return std::nullopt;
}

bool cache::remove(std::string_view name) {
  return platform::name_problem(name).empty() && platform::remove_name(name);
}

cache::cache(cache&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}

cache& cache::operator=(cache&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

cache::~cache() {
  if (impl_ != nullptr) impl_->close();
}

std::optional<std::string> cache::get_copy(std::string_view key) {
  std::string out;
  return get_copy(key, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::size_t cache::multi_get(std::span<const std::string_view> keys, std::span<read_handle> out) noexcept {
  return impl_ != nullptr ? impl_->multi_get(keys, out, std::nullopt) : 0;
}

bool cache::contains(std::string_view key) noexcept { return impl_ != nullptr && impl_->contains({key}); }

read_handle cache::get_and_touch(std::string_view key, milliseconds ttl) noexcept {
  return touch(key, ttl) == status::ok ? get(key) : read_handle();
}

status cache::put(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_ != nullptr ? impl_->store({{key}, condition::none, {}, options}, value) : status::detached;
}

status cache::add(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_ != nullptr ? impl_->store({{key}, condition::absent, {}, options}, value) : status::detached;
}

status cache::replace(std::string_view key, bytes_view value, const put_options& options) noexcept {
  return impl_ != nullptr ? impl_->store({{key}, condition::present, {}, options}, value) : status::detached;
}

status cache::cas(std::string_view key, larder::version expected, bytes_view value,
                  const put_options& options) noexcept {
  return impl_ != nullptr ? impl_->store({{key}, condition::same_version, expected, options}, value) : status::detached;
}

status cache::append(std::string_view key, bytes_view tail) noexcept {
  return impl_ != nullptr ? impl_->extend({key}, {}, tail) : status::detached;
}

status cache::prepend(std::string_view key, bytes_view head) noexcept {
  return impl_ != nullptr ? impl_->extend({key}, head, {}) : status::detached;
}

result<reservation> cache::reserve(std::string_view key, std::size_t size, const put_options& options) noexcept {
  if (impl_ == nullptr) return status::detached;
  return impl_->reserve({key}, size, options);
}

result<std::int64_t> cache::incr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  if (impl_ == nullptr) return status::detached;
  return impl_->add_to({key}, delta, options);
}

result<std::int64_t> cache::decr(std::string_view key, std::int64_t delta, const incr_options& options) noexcept {
  if (impl_ == nullptr) return status::detached;
  return impl_->add_to({key}, detail::negated(delta), options);
}

status cache::touch(std::string_view key, milliseconds ttl) noexcept {
  return impl_ != nullptr ? impl_->touch({key}, ttl) : status::detached;
}

status cache::erase(std::string_view key) noexcept { return impl_ != nullptr ? impl_->erase({key}) : status::detached; }

status cache::clear() noexcept { return impl_ != nullptr ? impl_->clear() : status::detached; }

larder::stats cache::stats() const noexcept {
  return impl_ != nullptr ? detail::collect_stats(impl_->memory()) : larder::stats();
}

check_report cache::check() const {
  detail::thread_record* owner = impl_ != nullptr ? impl_->record() : nullptr;
  if (owner == nullptr) return {};
  table::linked_pin pinned(owner->me);
  auto guard = [&](layout::cell_ref cell) { return detail::guard_in_place(impl_->memory(), pinned.linked_item(cell)); };
  return detail::check_segment(impl_->memory(), impl_->classes(), guard);
}

std::size_t cache::reap() noexcept { return impl_ != nullptr ? impl_->reap() : 0; }

std::size_t cache::sweep() noexcept { return impl_ != nullptr ? impl_->sweep() : 0; }

void cache::visit_items(detail::function_ref<bool(const item_view&)> visit) {
  if (impl_ != nullptr) impl_->visit_items(visit);
}

std::string_view read_handle::key() const noexcept { return detail::view_of(*detail::item_of(*pin_)).key; }

larder::version read_handle::version() const noexcept {
  return static_cast<larder::version>(detail::item_of(*pin_)->version());
}

std::uint32_t read_handle::flags() const noexcept { return detail::item_of(*pin_)->flags(); }

reservation::reservation(reservation&& other) noexcept { *this = std::move(other); }

reservation& reservation::operator=(reservation&& other) noexcept {
  if (this != &other) {
    abandon();
    cache_ = other.cache_;
    owner_ = std::exchange(other.owner_, nullptr);
    value_ = other.value_;
    size_ = other.size_;
    cell_ = other.cell_;
    hint_ = other.hint_;
  }
  return *this;
}

reservation::~reservation() { abandon(); }

std::span<std::byte> reservation::bytes() noexcept {
  return owner_ != nullptr && owner_->attached() ? std::span(value_, size_) : std::span<std::byte>();
}

status reservation::commit() noexcept { return commit(size_); }

status reservation::commit(std::size_t used) noexcept {
  return owner_ != nullptr ? cache_->commit(*this, used) : status::detached;
}

void reservation::abandon() noexcept {
  if (owner_ != nullptr) cache_->abandon(*this);
}

}  // namespace larder
