// Atomic accesses that are one instruction. GCC never makes an atomic load part of the instruction that uses its value;
// on the way of a get that costs a register and an instruction each time.
//
// Everywhere else than on x86-64, and under ThreadSanitizer, which must see the accesses, they are plain std::atomic ones.
#ifndef LARDER_PLATFORM_ONE_ACCESS_HPP
#define LARDER_PLATFORM_ONE_ACCESS_HPP

#include <atomic>
#include <cstdint>

#if defined(__x86_64__) && !LARDER_TSAN
#define LARDER_ONE_ACCESS_X86 1
#endif

namespace larder::platform {

// Loads, acquire. 0 if the word has this value.
[[nodiscard]] inline std::uint64_t difference(const std::atomic<std::uint64_t>& word, std::uint64_t value) noexcept {
#if LARDER_ONE_ACCESS_X86
  __asm__ __volatile__("xorq %[word], %[value]" : [value] "+r"(value) : [word] "m"(word) : "memory", "cc");
  return value;
#else
  return word.load(std::memory_order_acquire) ^ value;
#endif
}

// The same of the lower half. REQUIRES: the value has no more.
[[nodiscard]] inline std::uint64_t lower_difference(const std::atomic<std::uint64_t>& word,
                                                    std::uint64_t value) noexcept {
#if LARDER_ONE_ACCESS_X86
  __asm__ __volatile__("xorl %[word], %k[value]" : [value] "+r"(value) : [word] "m"(word) : "memory", "cc");
  return value;
#else
  return static_cast<std::uint32_t>(word.load(std::memory_order_acquire)) ^ value;
#endif
}

// The same of a word that does not change, and 16 bits. REQUIRES: the value has no more.
[[nodiscard]] inline std::uint64_t lower_difference(const std::uint32_t& word, std::uint64_t value) noexcept {
#if LARDER_ONE_ACCESS_X86
  __asm__("xorw %[word], %w[value]" : [value] "+r"(value) : [word] "m"(word) : "cc");
  return value;
#else
  return static_cast<std::uint16_t>(word) ^ value;
#endif
}

// Loads, relaxed, and compares with zero.
[[nodiscard]] inline bool is_zero(const std::atomic<std::uint32_t>& word) noexcept {
#if LARDER_ONE_ACCESS_X86
  bool zero;
  __asm__ __volatile__("cmpl $0, %[word]" : "=@cce"(zero) : [word] "m"(word));
  return zero;
#else
  return word.load(std::memory_order_relaxed) == 0;
#endif
}

// Loads, relaxed, and tests some bits.
[[nodiscard]] inline bool has_any(const std::atomic<std::uint8_t>& byte, std::uint8_t bits) noexcept {
#if LARDER_ONE_ACCESS_X86
  bool any;
  __asm__ __volatile__("testb %[bits], %[byte]" : "=@ccnz"(any) : [byte] "m"(byte), [bits] "iq"(bits));
  return any;
#else
  return (byte.load(std::memory_order_relaxed) & bits) != 0;
#endif
}

// Sets some bits, not in one step: what another thread stores meanwhile may be lost.
inline void set_roughly(std::atomic<std::uint8_t>& byte, std::uint8_t bits) noexcept {
#if LARDER_ONE_ACCESS_X86
  __asm__ __volatile__("orb %[bits], %[byte]" : [byte] "+m"(byte) : [bits] "iq"(bits) : "cc");
#else
  byte.store(static_cast<std::uint8_t>(byte.load(std::memory_order_relaxed) | bits), std::memory_order_relaxed);
#endif
}

// Adds, relaxed, to a word that nobody else writes; others may read it.
inline void add_alone(std::atomic<std::uint64_t>& word, std::uint64_t by) noexcept {
#if LARDER_ONE_ACCESS_X86
  __asm__ __volatile__("addq %[by], %[word]" : [word] "+m"(word) : [by] "er"(by) : "cc");
#else
  word.store(word.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
#endif
}

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_ONE_ACCESS_HPP
