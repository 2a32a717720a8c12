#include "platform/hash.hpp"

#include <sys/random.h>

#include <random>

namespace larder::platform {
namespace {

#if LARDER_AES_INSTRUCTION
// False before it is initialised, if some other static object's constructor is as early as that: it waits a little longer.
const bool by_instruction = has_aes_instruction();
#endif

}  // namespace

hash_seed make_hash_seed() noexcept {
  hash_seed seed{};
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    std::random_device device;
    for (std::uint64_t* word : {&seed.a, &seed.b, &seed.c, &seed.d}) {
      *word = (std::uint64_t{device()} << 32) | device();
    }
  }
  seed.c |= 1;
  return seed;
}

std::uint64_t hash_bytes(const hash_seed& seed, std::uint64_t start, const void* data, std::size_t size) noexcept {
#if LARDER_AES_INSTRUCTION
  if (by_instruction) [[likely]]
    return hash_bytes_by<aes_by_instruction>(seed, start, data, size).low();
#endif
  return hash_bytes_by<aes_by_table>(seed, start, data, size).low();
}

}  // namespace larder::platform
