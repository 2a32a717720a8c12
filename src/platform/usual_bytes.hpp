// usual_bytes: 16 to 48 bytes in three registers, the first, the middle and the last 16, which overlap. Most keys are of such
// a size. So a key is read once, to be hashed and to be compared, and no branch depends on how long it is: that is not to be
// foretold, and a wrong guess costs as much as all of this.
#ifndef LARDER_PLATFORM_USUAL_BYTES_HPP
#define LARDER_PLATFORM_USUAL_BYTES_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) && !defined(LARDER_SCALAR)
#define LARDER_BYTES16_SSE2 1
#include <emmintrin.h>
#endif

namespace larder::platform {

[[nodiscard]] constexpr bool is_usual_size(std::size_t size) noexcept { return size - 16 <= 32; }

// 16 bytes in a register, or in two.
class bytes16 {
 public:
#if LARDER_BYTES16_SSE2
  explicit bytes16(const void* from) noexcept : all_(_mm_loadu_si128(static_cast<const __m128i*>(from))) {}
  [[nodiscard]] std::uint64_t low() const noexcept { return static_cast<std::uint64_t>(_mm_cvtsi128_si64(all_)); }
  [[nodiscard]] std::uint64_t high() const noexcept {
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(all_, all_)));
  }
  [[nodiscard]] bytes16 operator^(bytes16 other) const noexcept { return bytes16(_mm_xor_si128(all_, other.all_)); }
  [[nodiscard]] bytes16 operator&(bytes16 other) const noexcept { return bytes16(_mm_and_si128(all_, other.all_)); }
  // All ones where they are the same.
  [[nodiscard]] bytes16 same(bytes16 other) const noexcept { return bytes16(_mm_cmpeq_epi8(all_, other.all_)); }
  // 0xFFFF if there are ones only, else less.
  [[nodiscard]] std::uint32_t ones() const noexcept { return static_cast<std::uint32_t>(_mm_movemask_epi8(all_)); }
  void store_to(void* to) const noexcept { _mm_storeu_si128(static_cast<__m128i*>(to), all_); }

 private:
  explicit bytes16(__m128i all) noexcept : all_(all) {}
  __m128i all_;
#else
  explicit bytes16(const void* from) noexcept { std::memcpy(all_.data(), from, sizeof all_); }
  [[nodiscard]] std::uint64_t low() const noexcept { return all_[0]; }
  [[nodiscard]] std::uint64_t high() const noexcept { return all_[1]; }
  [[nodiscard]] bytes16 operator^(bytes16 other) const noexcept {
    return {all_[0] ^ other.all_[0], all_[1] ^ other.all_[1]};
  }
  [[nodiscard]] bytes16 operator&(bytes16 other) const noexcept {
    return {all_[0] & other.all_[0], all_[1] & other.all_[1]};
  }
  [[nodiscard]] bytes16 same(bytes16 other) const noexcept {
    return {~(all_[0] ^ other.all_[0]), ~(all_[1] ^ other.all_[1])};
  }
  [[nodiscard]] std::uint32_t ones() const noexcept { return (all_[0] & all_[1]) == ~std::uint64_t{0} ? 0xFFFF : 0; }
  void store_to(void* to) const noexcept { std::memcpy(to, all_.data(), sizeof all_); }

 private:
  bytes16(std::uint64_t low, std::uint64_t high) noexcept : all_{low, high} {}
  std::array<std::uint64_t, 2> all_;
#endif
};

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
