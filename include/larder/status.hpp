// The complete failure vocabulary: status (regular outcomes), error (set-up failures), result<T> (a value or a reason).
#ifndef LARDER_STATUS_HPP
#define LARDER_STATUS_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "larder/export.hpp"

namespace larder {

// What a call on a cache came to. A miss is not an error: it is `not_found`.
enum class status : std::uint8_t {
  ok,                // done
  not_found,         // no live item has this key
  exists,            // add: a live item has this key
  version_mismatch,  // cas: the item was changed since its version was read
  no_space,          // nothing could be evicted: everything in the way is pinned or in use; try again later. Or the
                     // cache is full and refuses (create_options::when_full)
  too_large,         // the item can never fit this segment, or its key is empty or longer than max_key_size
  not_numeric,       // incr, decr: the item's value is not 8 bytes
  timed_out,         // a stopped process holds the stripe of this key for longer than open_options::lock_timeout
  detached,     // the cache object was closed or moved from, or no attach slot is free (create_options::max_threads)
  not_a_cache,  // open: the object of this name is not a larder segment
  layout_mismatch,  // open: the segment was made by an incompatible build
  damaged,          // a header field or an invariant does not hold; run check
  no_memory,        // create: the host has not enough shared memory for the capacity
  bad_argument,     // a name or an option is out of its range
};

[[nodiscard]] constexpr bool ok(status s) noexcept { return s == status::ok; }

// A short English phrase. Needs no allocation; the text lives as long as the program.
[[nodiscard]] LARDER_EXPORT std::string_view to_string(status s) noexcept;

[[nodiscard]] LARDER_EXPORT const std::error_category& larder_category() noexcept;
[[nodiscard]] LARDER_EXPORT std::error_code make_error_code(status s) noexcept;

// Thrown by create, open and attach only. what() says what to do next. Codes of the operating system pass through
// unchanged, so `e.code() == std::errc::no_such_file_or_directory` works.
class LARDER_EXPORT error : public std::system_error {
 public:
  using std::system_error::system_error;
};

// A value or the status that explains its absence: the subset of std::expected<T, status> that is used here, with the
// same member names, so that moving to C++23 is a typedef.
template <class T>
class result {
 public:
  result(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
      : content_(std::in_place_index<0>, std::move(value)) {}
  result(status why) noexcept : content_(std::in_place_index<1>, why) {}

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

  // REQUIRES: has_value().
  [[nodiscard]] T& operator*() noexcept { return *std::get_if<0>(&content_); }
  [[nodiscard]] const T& operator*() const noexcept { return *std::get_if<0>(&content_); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&content_); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&content_); }

  // Throws larder::error when there is no value.
  [[nodiscard]] T& value() {
    if (!has_value()) throw larder::error(make_error_code(error()));
    return **this;
  }

  // status::ok when there is a value.
  [[nodiscard]] status error() const noexcept { return has_value() ? status::ok : *std::get_if<1>(&content_); }

  [[nodiscard]] T value_or(T fallback) const { return has_value() ? **this : std::move(fallback); }

 private:
  std::variant<T, status> content_;
};

}  // namespace larder

template <>
struct std::is_error_code_enum<larder::status> : std::true_type {};

#endif  // LARDER_STATUS_HPP
