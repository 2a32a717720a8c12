// One round of AES, which hashes are made of: one instruction of four cycles mixes 16 bytes, better than a multiplication
// does, and they stay in their register.
//
//     round(state, key) = MixColumns(ShiftRows(SubBytes(state))) ^ key        (FIPS 197; what x86's AESENC does)
//
// Three ways to the same result: by the processor's instruction, by the same in the encoding of vectors of 32 bytes, and by
// tables where there is neither.
#ifndef LARDER_PLATFORM_AES_HPP
#define LARDER_PLATFORM_AES_HPP

#include "platform/bytes16.hpp"
#include "platform/wide_vectors.hpp"

#if LARDER_BYTES16_SSE2
#define LARDER_AES_INSTRUCTION 1
#elif defined(__aarch64__) && !defined(LARDER_SCALAR)
#define LARDER_AES_INSTRUCTION 1
#include <arm_neon.h>
#endif

namespace larder::platform {

struct aes_by_table {
  [[nodiscard]] static bytes16 round(bytes16 state, bytes16 key) noexcept;
};

#if LARDER_AES_INSTRUCTION
[[nodiscard]] bool has_aes_instruction() noexcept;

// REQUIRES: has_aes_instruction(). In assembler, since the compiler may use the instruction in functions only that are
// compiled for processors that all have it.
struct aes_by_instruction {
  [[nodiscard]] static bytes16 round(bytes16 state, bytes16 key) noexcept {
#if LARDER_BYTES16_SSE2
    bytes16::vector mixed = state.all();
    __asm__("aesenc %[key], %[mixed]" : [mixed] "+x"(mixed) : [key] "x"(key.all()));
    return bytes16(mixed);
#else
    uint8x16_t mixed = vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(state.low()), vcreate_u64(state.high())));
    __asm__(
        ".arch_extension aes\n\t"
        "aese %[mixed].16b, %[zero].16b\n\t"
        "aesmc %[mixed].16b, %[mixed].16b"
        : [mixed] "+w"(mixed)
        : [zero] "w"(vdupq_n_u8(0)));
    const uint64x2_t words = vreinterpretq_u64_u8(mixed);
    return bytes16(vgetq_lane_u64(words, 0), vgetq_lane_u64(words, 1)) ^ key;
#endif
  }
};
#endif

#if LARDER_WIDE_VECTORS
// REQUIRES: has_wide_vectors().
struct aes_by_wide_instruction {
  [[nodiscard]] static bytes16 round(bytes16 state, bytes16 key) noexcept {
    bytes16::vector mixed;
    __asm__("vaesenc %[key], %[state], %[mixed]"
            : [mixed] "=x"(mixed)
            : [state] "x"(state.all()), [key] "x"(key.all()));
    return bytes16(mixed);
  }
};
#endif

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_AES_HPP
