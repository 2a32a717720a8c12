// Keyed 64-bit hash of bytes, made of rounds of AES.
//
// The seed is random per segment, so that nobody who does not know it can make keys collide. A key of 16 to 48 bytes is
// three pieces; each has a round of its own, the first and the middle behind a secret, before they meet:
//
//     first ^ (a, b) --- round --- ^size --- round ---^--- round ---^--- round --- round --- the lower 64 bits
//     middle ^ (c, d) -- round --- ^size -------------'             |
//     last ------------- round --- ^size ---------------------------'
//
// So a difference in the first piece goes through five rounds, in the middle one through four, in the last through three; and
// differences in two of them cancel only if five S-boxes or more, whose inputs nobody knows, happen to suit: a chance of
// 2^-30 at most, since an S-box turns no difference into a given one with more than 2^-6. Rounds of AES in hashes that are
// to withstand floods are Go's idea (memhash in runtime/asm_amd64.s).
//
// Costs: seven rounds, five of them one behind the other; some 25 cycles, and no branch, for 16 to 48 bytes.
#ifndef LARDER_PLATFORM_HASH_HPP
#define LARDER_PLATFORM_HASH_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "platform/aes.hpp"
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

// What a hash starts with: 0; or this, of bytes that are to be told from the same ones elsewhere: of those that stand behind
// such a prefix, say. What follows mixes it.
[[nodiscard]] inline std::uint64_t start_behind(const hash_seed& seed, std::uint64_t prefix) noexcept {
  return seed.a ^ prefix * seed.c;
}

[[nodiscard]] std::uint64_t hash_bytes(const hash_seed& seed, std::uint64_t start, const void* data,
                                       std::size_t size) noexcept;

namespace detail {

[[nodiscard]] inline bytes16 degraded(bytes16 hash) noexcept {
#if LARDER_DEGENERATE_HASH
  return bytes16((hash.low() & 15) * 0x1111'1111'1111'1111U);  // test build: 16 different hashes in all
#else
  return hash;
#endif
}

}  // namespace detail

// The hash, in the lower half, of pieces that together with what is said of their size tell all the bytes.
template <class Aes>
[[nodiscard]] inline bytes16 hash_pieces(const hash_seed& seed, std::uint64_t size, bytes16 first, bytes16 middle,
                                         bytes16 last) noexcept {
  const bytes16 told(size);
  first = Aes::round(first ^ bytes16(&seed.a), told);    // and b
  middle = Aes::round(middle ^ bytes16(&seed.c), told);  // and d
  last = Aes::round(last, told);
  const bytes16 met = Aes::round(Aes::round(first, middle), last);
  return detail::degraded(Aes::round(Aes::round(met, told), told));
}

// What hash_bytes has of a usual number of bytes, for who has read them and knows how this processor makes a round.
template <class Aes>
[[nodiscard]] inline bytes16 hash_usual(const hash_seed& seed, std::uint64_t start, const usual_bytes& bytes) noexcept {
  return hash_pieces<Aes>(seed, bytes.size() ^ start, bytes.first(), bytes.middle(), bytes.last());
}

namespace detail {

template <class Word>
[[nodiscard]] inline std::uint64_t read(const unsigned char* p) noexcept {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Up to 15 bytes, as 16 that tell them all, if the size is told, too.
[[nodiscard]] inline bytes16 gather_few(const unsigned char* p, std::size_t size) noexcept {
  if (size >= 8) return {read<std::uint64_t>(p), read<std::uint64_t>(p + size - 8)};
  if (size >= 4) return {read<std::uint32_t>(p), read<std::uint32_t>(p + size - 4)};
  return bytes16(size == 0 ? 0 : std::uint64_t{p[0]} << 16 | std::uint64_t{p[size >> 1]} << 8 | p[size - 1]);
}

// Up to 15 bytes: four rounds of one piece.
template <class Aes>
[[nodiscard]] inline bytes16 hash_few(const hash_seed& seed, std::uint64_t start, const unsigned char* p,
                                      std::size_t size) noexcept {
  const bytes16 told(size ^ start);
  const bytes16 known = Aes::round(gather_few(p, size) ^ bytes16(&seed.a), told);  // and b
  return degraded(Aes::round(Aes::round(Aes::round(known, bytes16(&seed.c)), told), told));
}

// More than 48 bytes: 48 at a time but for the last 48 at most, a third beside the other. Each third goes through two
// rounds before the next one meets it, and what became of them meets the pieces of the rest.
template <class Aes>
[[nodiscard]] inline bytes16 hash_many(const hash_seed& seed, std::uint64_t start, const unsigned char* p,
                                       std::size_t size) noexcept {
  const unsigned char* end = p + size;
  const bytes16 a(&seed.a);
  const bytes16 c(&seed.c);
  bytes16 first = a;
  bytes16 middle = c;
  bytes16 last = a ^ c;
  do {
    first = Aes::round(Aes::round(first ^ bytes16(p), a), c);
    middle = Aes::round(Aes::round(middle ^ bytes16(p + 16), a), c);
    last = Aes::round(Aes::round(last ^ bytes16(p + 32), a), c);
    p += 48;
  } while (end - p > 48);
  if (end - p < 16) p = end - 16;
  const usual_bytes rest(p, static_cast<std::size_t>(end - p));
  return hash_pieces<Aes>(seed, size ^ start, first ^ rest.first(), middle ^ rest.middle(), last ^ rest.last());
}

}  // namespace detail

// The same of any number.
template <class Aes>
[[nodiscard]] inline bytes16 hash_bytes_by(const hash_seed& seed, std::uint64_t start, const void* data,
                                           std::size_t size) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(data);
  if (is_usual_size(size)) return hash_usual<Aes>(seed, start, usual_bytes(bytes, size));
  if (size > 48) return detail::hash_many<Aes>(seed, start, bytes, size);
  return detail::hash_few<Aes>(seed, start, bytes, size);
}

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_HASH_HPP
