// Reads of memory that may have become something else by now, by design: a bucket array that was replaced, the free bits of
// a page that was cut anew, an item that nothing holds. Whoever reads so asks another word afterwards whether it still was
// what it was taken for, and lets go of what it read if not.
//
// ThreadSanitizer knows no such readers: each is a race to it. So it does not look at what their thread reads while a
// speculation lives; what the thread acquires meanwhile it does see.
#ifndef LARDER_PLATFORM_SPECULATION_HPP
#define LARDER_PLATFORM_SPECULATION_HPP

#if LARDER_TSAN
extern "C" {  // of ThreadSanitizer's run-time library
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace larder::platform {

class speculation {
 public:
#if LARDER_TSAN
  speculation() noexcept { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~speculation() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
#else
  // Not defaulted: nobody is to call it unused. NOLINTNEXTLINE(modernize-use-equals-default)
  speculation() noexcept {}
  ~speculation() {}  // NOLINT(modernize-use-equals-default)
#endif
  speculation(const speculation&) = delete;
  speculation& operator=(const speculation&) = delete;
};

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_SPECULATION_HPP
