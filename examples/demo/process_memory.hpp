// How much memory processes use, told so that shared pages are counted once.
#ifndef LARDER_DEMO_PROCESS_MEMORY_HPP
#define LARDER_DEMO_PROCESS_MEMORY_HPP

#include <sys/types.h>

#include <cstdint>

namespace demo {

// The proportional set size in bytes: private pages, plus of each shared page the part that falls to this process. The
// sum over all processes that share pages is what they use together.
[[nodiscard]] std::uint64_t proportional_memory(pid_t process);

}  // namespace demo

#endif  // LARDER_DEMO_PROCESS_MEMORY_HPP
