// bytes16: 16 bytes in a register, or in two.
#ifndef LARDER_PLATFORM_BYTES16_HPP
#define LARDER_PLATFORM_BYTES16_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) && !defined(LARDER_SCALAR)
#define LARDER_BYTES16_SSE2 1
#include <emmintrin.h>
#endif

namespace larder::platform {

class bytes16 {
 public:
#if LARDER_BYTES16_SSE2
  using vector = __m128i;
  explicit bytes16(vector all) noexcept : all_(all) {}
  explicit bytes16(const void* from) noexcept : all_(_mm_loadu_si128(static_cast<const __m128i*>(from))) {}
  explicit bytes16(std::uint64_t low) noexcept : all_(_mm_cvtsi64_si128(static_cast<long long>(low))) {}
  bytes16(std::uint64_t low, std::uint64_t high) noexcept
      : all_(_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low))) {}

  [[nodiscard]] vector all() const noexcept { return all_; }
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
  vector all_;
#else
  explicit bytes16(const void* from) noexcept { std::memcpy(all_.data(), from, sizeof all_); }
  explicit bytes16(std::uint64_t low) noexcept : all_{low, 0} {}
  bytes16(std::uint64_t low, std::uint64_t high) noexcept : all_{low, high} {}

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
  std::array<std::uint64_t, 2> all_;
#endif
};

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_BYTES16_HPP
