#include "platform/wiped_memory.hpp"

#include <sys/mman.h>

namespace larder::platform {

void* allocate_wiped(std::size_t size) noexcept {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (::madvise(memory, size, MADV_WIPEONFORK) == 0) return memory;
  ::munmap(memory, size);
  return nullptr;
}

void free_wiped(void* memory, std::size_t size) noexcept { ::munmap(memory, size); }

}  // namespace larder::platform
