// Keyed 64-bit hash of bytes, after wyhash (Wang Yi, public domain): folded 64x64->128-bit multiplications.
//
// Costs: 2 or 3 multiplications for keys up to 48 bytes. The seed is random per segment, so that nobody who does not
// know it can make keys collide.
#ifndef LARDER_PLATFORM_HASH_HPP
#define LARDER_PLATFORM_HASH_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "platform/usual_bytes.hpp"

namespace larder::platform {

// Four random words; c is odd.
struct hash_seed {
  std::uint64_t a;
  std::uint64_t b;
  std::uint64_t c;
  std::uint64_t d;
};

// A seed from the kernel's random numbers.
[[nodiscard]] hash_seed make_hash_seed() noexcept;

namespace detail {

inline std::uint64_t read8(const unsigned char* p) noexcept {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline std::uint64_t read4(const unsigned char* p) noexcept {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline std::uint64_t fold(std::uint64_t x, std::uint64_t y) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = static_cast<wide>(x) * y;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t degraded(std::uint64_t hash) noexcept {
#if LARDER_DEGENERATE_HASH
  return (hash & 15) * 0x1111'1111'1111'1111U;  // test build: 16 different hashes in all
#else
  return hash;
#endif
}

}  // namespace detail

// What a hash starts with: 0; or this, of bytes that are to be told from the same ones elsewhere: of those that stand behind
// such a prefix, say. What follows mixes it.
[[nodiscard]] inline std::uint64_t start_behind(const hash_seed& seed, std::uint64_t prefix) noexcept {
  return seed.a ^ prefix * seed.c;
}

// hash_bytes of a usual number of them: two multiplications side by side, and one behind them.
[[nodiscard]] inline std::uint64_t hash_usual(const hash_seed& seed, std::uint64_t start,
                                              const usual_bytes& bytes) noexcept {
  using detail::fold;
  const bytes16 first = bytes.first() ^ bytes16(&seed.a);    // and b
  const bytes16 middle = bytes.middle() ^ bytes16(&seed.c);  // and d
  const std::uint64_t x = fold(first.low(), first.high());
  const std::uint64_t y = fold(middle.low(), middle.high());
  return detail::degraded(fold(x ^ bytes.last().low() ^ bytes.size() ^ start, y ^ bytes.last().high()));
}

[[nodiscard]] inline std::uint64_t hash_bytes(const hash_seed& seed, std::uint64_t start, const void* data,
                                              std::size_t size) noexcept {
  using detail::fold;
  using detail::read4;
  using detail::read8;
  if (is_usual_size(size)) return hash_usual(seed, start, usual_bytes(data, size));
  const auto* p = static_cast<const unsigned char*>(data);
  if (size > 48) {
    std::uint64_t state = seed.b ^ start ^ size;
    std::uint64_t second = state;
    std::uint64_t third = state;
    const unsigned char* end = p + size;
    do {
      state = fold(read8(p) ^ seed.a, read8(p + 8) ^ state);
      second = fold(read8(p + 16) ^ seed.d, read8(p + 24) ^ second);
      third = fold(read8(p + 32) ^ seed.c, read8(p + 40) ^ third);
      p += 48;
    } while (end - p > 48);
    if (end - p < 16) p = end - 16;
    return hash_usual(seed, state ^ second ^ third, usual_bytes(p, static_cast<std::size_t>(end - p)));
  }
  std::uint64_t x = 0;
  std::uint64_t y = 0;
  if (size >= 8) {
    x = read8(p);
    y = read8(p + size - 8);
  } else if (size >= 4) {
    x = read4(p);
    y = read4(p + size - 4);
  } else if (size > 0) {
    x = (std::uint64_t{p[0]} << 16) | (std::uint64_t{p[size >> 1]} << 8) | p[size - 1];
  }
  return detail::degraded(fold(seed.d ^ size, fold(x ^ seed.a, y ^ seed.b ^ start)));
}

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_HASH_HPP
