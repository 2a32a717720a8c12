#include "platform/aes.hpp"

#include <bit>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace larder::platform {
namespace {

// Multiplication by x in GF(2^8), modulo x^8 + x^4 + x^3 + x + 1.
constexpr std::uint8_t twice(std::uint8_t a) noexcept {
  return static_cast<std::uint8_t>((a << 1) ^ ((a & 0x80) != 0 ? 0x1B : 0));
}

constexpr std::array<std::uint8_t, 256> make_substitution() noexcept {
  std::array<std::uint8_t, 256> s{};
  s[0] = 0x63;
  // p runs through all that is not zero, as the powers of 3; q is 1 / p.
  std::uint8_t p = 1;
  std::uint8_t q = 1;
  do {
    p = static_cast<std::uint8_t>(p ^ twice(p));
    q = static_cast<std::uint8_t>(q ^ q << 1);
    q = static_cast<std::uint8_t>(q ^ q << 2);
    q = static_cast<std::uint8_t>(q ^ q << 4);
    if ((q & 0x80) != 0) q ^= 0x09;
    s[p] = static_cast<std::uint8_t>(q ^ std::rotl(q, 1) ^ std::rotl(q, 2) ^ std::rotl(q, 3) ^ std::rotl(q, 4) ^ 0x63);
  } while (p != 1);
  return s;
}

// What a byte becomes, as a column: 2, 1, 1 and 3 times what is substituted for it.
constexpr std::array<std::uint32_t, 256> make_columns() noexcept {
  constexpr std::array<std::uint8_t, 256> substitution = make_substitution();
  std::array<std::uint32_t, 256> columns{};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::uint32_t once = substitution[i];
    const std::uint32_t two = twice(substitution[i]);
    columns[i] = two | once << 8 | once << 16 | (two ^ once) << 24;
  }
  return columns;
}
constexpr std::array<std::uint32_t, 256> columns = make_columns();

}  // namespace

bytes16 aes_by_table::round(bytes16 state, bytes16 key) noexcept {
  std::array<std::uint8_t, 16> s{};
  state.store_to(s.data());
  std::array<std::uint32_t, 4> mixed{};
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t row = 0; row < 4; ++row) {
      mixed[c] ^= std::rotl(columns[s[(4 * c + 5 * row) % 16]], static_cast<int>(8 * row));
    }
  }
  return bytes16(mixed.data()) ^ key;
}

#if LARDER_BYTES16_SSE2
bool has_aes_instruction() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("aes") != 0;
}
#elif LARDER_AES_INSTRUCTION
bool has_aes_instruction() noexcept { return (::getauxval(AT_HWCAP) & HWCAP_AES) != 0; }
#endif

}  // namespace larder::platform
