// Borrowed bytes: the parameter type of values. Made from text, strings, and contiguous ranges of one-byte elements.
#ifndef LARDER_BYTES_VIEW_HPP
#define LARDER_BYTES_VIEW_HPP

#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

namespace larder {

// Contiguous elements of one byte that are not text anyway.
template <class Range>
concept byte_range = std::ranges::contiguous_range<Range> && sizeof(std::ranges::range_value_t<Range>) == 1 &&
                     std::is_trivially_copyable_v<std::ranges::range_value_t<Range>> &&
                     !std::is_convertible_v<const Range&, std::string_view>;

// Borrows: the bytes must outlive the call that takes the view.
class bytes_view {
 public:
  constexpr bytes_view() noexcept = default;
  constexpr bytes_view(const void* data, std::size_t size) noexcept : data_(data), size_(size) {}
  constexpr bytes_view(std::string_view text) noexcept : data_(text.data()), size_(text.size()) {}
  bytes_view(const std::string& text) noexcept : data_(text.data()), size_(text.size()) {}
  constexpr bytes_view(const char* text) noexcept : bytes_view(std::string_view(text)) {}

  // std::span, std::vector, std::array, C arrays of char, unsigned char or std::byte.
  template <byte_range Range>
  bytes_view(const Range& range) noexcept : data_(std::ranges::data(range)), size_(std::ranges::size(range)) {}

  [[nodiscard]] constexpr const void* data() const noexcept { return data_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

 private:
  const void* data_ = nullptr;
  std::size_t size_ = 0;
};

// The bytes of an object, for values that are plain structs: read back with read_handle::as<T>().
template <class T>
[[nodiscard]] bytes_view object_bytes(const T& object) noexcept {
  static_assert(std::is_trivially_copyable_v<T>, "only trivially copyable objects may be shared between processes");
  return {std::addressof(object), sizeof(T)};
}

}  // namespace larder

#endif  // LARDER_BYTES_VIEW_HPP
