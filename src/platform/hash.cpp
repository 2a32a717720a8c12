#include "platform/hash.hpp"

#include <sys/random.h>

#include <random>

namespace larder::platform {

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

}  // namespace larder::platform
