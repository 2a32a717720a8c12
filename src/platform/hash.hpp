// Keyed 64-bit hash of bytes, after wyhash (Wang Yi, public domain): folded 64x64->128-bit multiplications.
//
// Costs: 2 or 3 multiplications for keys up to 48 bytes. The seed is random per segment, so that nobody who does not
// know it can make keys collide.
#ifndef LARDER_PLATFORM_HASH_HPP
#define LARDER_PLATFORM_HASH_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace larder::platform {

// Four random words; the last three are odd.
struct hash_seed {
  std::uint64_t start;
  std::uint64_t a;
  std::uint64_t b;
  std::uint64_t c;
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

struct sixteen_bytes {
  std::uint64_t low;
  std::uint64_t high;
};
inline sixteen_bytes read16(const unsigned char* p) noexcept { return {read8(p), read8(p + 8)}; }

// Of `size` bytes the first, the middle and the last 16.
inline std::uint64_t mix_three(const hash_seed& seed, std::uint64_t state, std::size_t size, sixteen_bytes first,
                               sixteen_bytes middle, sixteen_bytes last) noexcept {
  const std::uint64_t x = fold(first.low ^ seed.a, first.high ^ state);
  const std::uint64_t y = fold(middle.low ^ seed.c, middle.high ^ state);
  return fold(x ^ last.low ^ size, y ^ last.high ^ seed.b);
}

// 16 to 48 bytes: the first, the middle and the last 16, which overlap. No branch depends on how many they are: key sizes
// are not to be foretold, and a wrong guess costs as much as all of this.
inline std::uint64_t hash_three(const hash_seed& seed, std::uint64_t state, const unsigned char* p,
                                std::size_t left) noexcept {
  return mix_three(seed, state, left, read16(p), read16(p + (left - 16) / 2), read16(p + left - 16));
}

// The same of 8 bytes and 16 to 40 others behind them that lie elsewhere. Of what is read there, only the middle can begin
// in the 8 bytes.
inline std::uint64_t hash_three_behind(const hash_seed& seed, std::uint64_t state, std::uint64_t prefix,
                                       const unsigned char* p, std::size_t size) noexcept {
  const std::size_t middle = (size - 8) / 2;  // 4 to 16; counted from the prefix
  const std::uint64_t bits = 8 * middle;
  const std::uint64_t first = read8(p);
  const std::uint64_t over_the_border = prefix >> (bits & 63U) | first << (-bits & 63U);
  const std::uint64_t behind = read8(p + (middle < 8 ? 0 : middle - 8));
  return mix_three(seed, state, size + 8, {prefix, first}, {middle < 8 ? over_the_border : behind, read8(p + middle)},
                   read16(p + size - 16));
}

}  // namespace detail

// Keys of the usual sizes: 16 to 48 bytes.
[[nodiscard]] constexpr bool is_usual_size(std::size_t size) noexcept { return size - 16 <= 32; }

// hash_bytes for them. REQUIRES: is_usual_size(size).
[[nodiscard]] inline std::uint64_t hash_usual(const hash_seed& seed, const void* data, std::size_t size) noexcept {
  return detail::degraded(detail::hash_three(seed, seed.start, static_cast<const unsigned char*>(data), size));
}

// hash_bytes of the prefix and the key behind it, which need not lie side by side. REQUIRES: is_usual_size(size) and
// is_usual_size(size + 8).
[[nodiscard]] inline std::uint64_t hash_usual_behind(const hash_seed& seed, std::uint64_t prefix, const void* data,
                                                     std::size_t size) noexcept {
  const auto* p = static_cast<const unsigned char*>(data);
  return detail::degraded(detail::hash_three_behind(seed, seed.start, prefix, p, size));
}

[[nodiscard]] inline std::uint64_t hash_bytes(const hash_seed& seed, const void* data, std::size_t size) noexcept {
  using detail::fold;
  using detail::read4;
  using detail::read8;
  if (is_usual_size(size)) [[likely]]
    return hash_usual(seed, data, size);
  const auto* p = static_cast<const unsigned char*>(data);
  if (size > 48) {
    std::uint64_t state = seed.start ^ size;
    std::uint64_t second = state;
    std::uint64_t third = state;
    const unsigned char* end = p + size;
    do {
      state = fold(read8(p) ^ seed.a, read8(p + 8) ^ state);
      second = fold(read8(p + 16) ^ seed.b, read8(p + 24) ^ second);
      third = fold(read8(p + 32) ^ seed.c, read8(p + 40) ^ third);
      p += 48;
    } while (end - p > 48);
    if (end - p < 16) p = end - 16;
    return detail::degraded(detail::hash_three(seed, state ^ second ^ third, p, static_cast<std::size_t>(end - p)));
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
  return detail::degraded(fold(seed.b ^ size, fold(x ^ seed.a, y ^ seed.start)));
}

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_HASH_HPP
