// Every call: note what it will leave, call, note that it has returned.
#include "crash/scribe.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <stdexcept>

#include "support/child.hpp"

namespace crash {

using larder::status;

content scribe::sealed_next(std::size_t key, std::size_t size) const noexcept {
  return {content::kind::sealed, static_cast<std::uint32_t>(size), notes_.next(key).sequence + 1};
}

content scribe::gone(std::size_t key) const noexcept { return {content::kind::absent, 0, notes_.next(key).sequence}; }

void scribe::settle(std::size_t key, status outcome, content what, const char* call) {
  if (!ok(outcome))
    throw std::runtime_error(std::string(call) + " of " + key_of(key) + ": " + std::string(to_string(outcome)));
  notes_.settle(key, what);
}

bool scribe::put(std::size_t key, std::size_t size, const larder::put_options& options) {
  const content what = sealed_next(key, size);
  const std::string value = bytes_of(key, what);
  const content before = notes_.now(key);
  notes_.begin(key, what);
  const std::string name = key_of(key);
  const status outcome = during([&] { return cache_.put(name, value, options); });
  const bool refused = may_be_refused && outcome == status::no_space;
  settle(key, refused ? status::ok : outcome, refused ? before : what, "put");
  return !refused;
}

void scribe::add(std::size_t key, std::size_t size) {
  const content what = sealed_next(key, size);
  const std::string value = bytes_of(key, what);
  const std::string name = key_of(key);
  notes_.begin(key, what);
  settle(key, during([&] { return cache_.add(name, value); }), what, "add");
}

void scribe::replace(std::size_t key, std::size_t size) {
  const content what = sealed_next(key, size);
  const std::string value = bytes_of(key, what);
  const std::string name = key_of(key);
  notes_.begin(key, what);
  settle(key, during([&] { return cache_.replace(name, value); }), what, "replace");
}

void scribe::put_range(std::size_t first, std::size_t last, std::size_t size) {
  for (std::size_t key = first; key < last; ++key) put(key, size);
}

void scribe::put_expired(std::size_t key, std::size_t size) {
  const std::string value = bytes_of(key, sealed_next(key, size));
  notes_.begin(key, gone(key));
  const std::string name = key_of(key);
  settle(key, during([&] { return cache_.put(name, value, {.ttl = larder::milliseconds(0)}); }), gone(key), "put");
}

void scribe::cas(std::size_t key, std::size_t size) {
  const content what = sealed_next(key, size);
  const std::string value = bytes_of(key, what);
  const larder::read_handle old = cache_.get(key_of(key));
  support::require(static_cast<bool>(old), "a key for cas is there");
  notes_.begin(key, what);
  const std::string name = key_of(key);
  settle(key, during([&] { return cache_.cas(name, old.version(), value); }), what, "cas");
}

void scribe::reserve_and_commit(std::size_t key, std::size_t size, std::size_t used) {
  const content what = sealed_next(key, used);
  const std::string value = bytes_of(key, what);
  auto room = cache_.reserve(key_of(key), size);
  support::require(room.has_value(), "there is room for a reservation");
  std::ranges::copy(std::as_bytes(std::span(value)), room->bytes().begin());
  notes_.begin(key, what);
  settle(key, during([&] { return room->commit(used); }), what, "commit");
}

void scribe::append(std::size_t key, std::size_t bytes) {
  const content old = notes_.now(key);
  const content what{content::kind::stream, old.size + static_cast<std::uint32_t>(bytes), 0};
  const std::string tail = bytes_of(key, what).substr(old.size);
  notes_.begin(key, what);
  const bool first = old.what == content::kind::absent;
  const std::string name = key_of(key);
  settle(key, during([&] { return first ? cache_.put(name, tail) : cache_.append(name, tail); }), what, "append");
}

void scribe::prepend_nothing(std::size_t key) {
  const std::string name = key_of(key);
  settle(key, during([&] { return cache_.prepend(name, ""); }), notes_.now(key), "prepend");
}

void scribe::increment(std::size_t key) {
  const content what{content::kind::number, 8, notes_.now(key).sequence + 1};
  notes_.begin(key, what);
  const std::string name = key_of(key);
  const larder::result<std::int64_t> sum = during([&] { return cache_.incr(name); });
  settle(key, sum.error(), what, "incr");
  support::require(*sum == what.sequence, "a counter counts");
}

void scribe::touch(std::size_t key) {
  const std::string name = key_of(key);
  settle(key, during([&] { return cache_.touch(name, std::chrono::hours(1)); }), notes_.now(key), "touch");
}

void scribe::erase(std::size_t key) {
  notes_.begin(key, gone(key));
  const std::string name = key_of(key);
  settle(key, during([&] { return cache_.erase(name); }), gone(key), "erase");
}

void scribe::clear() {
  for (std::size_t key = 0; key < most_keys; ++key) notes_.begin(key, gone(key));
  support::require(ok(during([&] { return cache_.clear(); })), "clear succeeds");
  for (std::size_t key = 0; key < most_keys; ++key) notes_.settle(key, gone(key));
}

void scribe::hold(std::size_t key) {
  const std::string name = key_of(key);
  larder::read_handle handle = during([&] { return cache_.get(name); });
  support::require(static_cast<bool>(handle), "a key to be held is there");
  std::string bytes(handle.view());
  held_.push_back({std::move(handle), std::move(bytes)});
}

void scribe::reserve(std::size_t key, std::size_t size) {
  const std::string name = key_of(key);
  auto room = during([&] { return cache_.reserve(name, size); });
  support::require(room.has_value(), "there is room for a reservation");
  reserved_.push_back(std::move(*room));
}

void scribe::release() noexcept {
  if (held_.empty() && reserved_.empty()) return;
  during([&] {
    held_.clear();
    reserved_.clear();
    return true;
  });
}

bool scribe::held_are_unchanged() const {
  return std::ranges::all_of(held_, [](const holding& h) { return h.handle.view() == h.bytes; });
}

}  // namespace crash
