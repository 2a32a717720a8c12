// usual_bytes: 16 to 48 bytes in three registers, the first, the middle and the last 16, which overlap. Most keys are of such
// a size. So a key is read once, to be hashed and to be compared, and no branch depends on how long it is: that is not to be
// foretold, and a wrong guess costs as much as all of this.
#ifndef LARDER_PLATFORM_USUAL_BYTES_HPP
#define LARDER_PLATFORM_USUAL_BYTES_HPP

#include <cstddef>
#include <cstdint>

#include "platform/bytes16.hpp"

namespace larder::platform {

[[nodiscard]] constexpr bool is_usual_size(std::size_t size) noexcept { return size - 16 <= 32; }

class usual_bytes {
 public:
  // REQUIRES: is_usual_size(size).
  usual_bytes(const void* data, std::size_t size) noexcept
      : first_(data), middle_(at(data, middle_of(size))), last_(at(data, last_of(size))), size_(size) {}

  [[nodiscard]] bytes16 first() const noexcept { return first_; }
  [[nodiscard]] bytes16 middle() const noexcept { return middle_; }
  [[nodiscard]] bytes16 last() const noexcept { return last_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // 0 if as many bytes there are the same.
  [[nodiscard]] std::uint32_t difference(const void* there) const noexcept {
    const usual_bytes other(there, size_);
    return (first_.same(other.first_) & middle_.same(other.middle_) & last_.same(other.last_)).ones() ^ 0xFFFFU;
  }

  void copy_to(std::byte* there) const noexcept {
    first_.store_to(there);
    middle_.store_to(there + middle_of(size_));
    last_.store_to(there + last_of(size_));
  }

 private:
  static constexpr std::size_t last_of(std::size_t size) noexcept { return size - 16; }
  static constexpr std::size_t middle_of(std::size_t size) noexcept { return last_of(size) / 2; }
  static bytes16 at(const void* data, std::size_t offset) noexcept {
    return bytes16(static_cast<const char*>(data) + offset);
  }

  bytes16 first_;
  bytes16 middle_;
  bytes16 last_;
  std::size_t size_;
};

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_USUAL_BYTES_HPP
