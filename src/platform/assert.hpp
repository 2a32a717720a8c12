// Assertions for broken contracts and invariants. LARDER_CHECK_LEVEL: 0 none (release), 1 cheap ones, 2 all.
#ifndef LARDER_PLATFORM_ASSERT_HPP
#define LARDER_PLATFORM_ASSERT_HPP

#ifndef LARDER_CHECK_LEVEL
#define LARDER_CHECK_LEVEL 0
#endif

namespace larder::platform {

// Writes the text to the standard error and aborts. Only in builds with LARDER_CHECK_LEVEL > 0.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace larder::platform

#define LARDER_ASSERT_ALWAYS(condition) \
  ((condition) ? void() : ::larder::platform::assertion_failed(#condition, __FILE__, __LINE__))

#if LARDER_CHECK_LEVEL >= 1
#define LARDER_ASSERT(condition) LARDER_ASSERT_ALWAYS(condition)
#else
#define LARDER_ASSERT(condition) (static_cast<void>(sizeof(!(condition))))
#endif

#if LARDER_CHECK_LEVEL >= 2
#define LARDER_ASSERT_COSTLY(condition) LARDER_ASSERT_ALWAYS(condition)
#else
#define LARDER_ASSERT_COSTLY(condition) (static_cast<void>(sizeof(!(condition))))
#endif

#endif  // LARDER_PLATFORM_ASSERT_HPP
