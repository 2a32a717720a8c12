// LARDER_WIDE_VECTORS: what is called most exists twice, once for processors with AVX2, BMI2 and AES (Haswell and Excavator of
// 2013 to 2015, and later ones), and the dynamic linker chooses.
//
// Not in builds with AddressSanitizer or ThreadSanitizer, whose run-time libraries are not ready yet when it does; so they
// test the other form.
#ifndef LARDER_PLATFORM_WIDE_VECTORS_HPP
#define LARDER_PLATFORM_WIDE_VECTORS_HPP

#include <features.h>

#ifdef __has_feature
#define LARDER_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define LARDER_ASAN 1
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && !LARDER_TSAN && !LARDER_ASAN && !defined(LARDER_SCALAR)
#define LARDER_WIDE_VECTORS 1
#define LARDER_WIDE_TARGET "avx2,bmi,bmi2"

namespace larder::platform {

[[nodiscard]] inline bool has_wide_vectors() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("aes") != 0 &&
         __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

}  // namespace larder::platform

#endif

#endif  // LARDER_PLATFORM_WIDE_VECTORS_HPP
