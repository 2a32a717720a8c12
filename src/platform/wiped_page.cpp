#include "platform/wiped_page.hpp"

#include <sys/mman.h>

namespace larder::platform {

void* allocate_wiped_page() noexcept {
  void* page = ::mmap(nullptr, wiped_page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (::madvise(page, wiped_page_size, MADV_WIPEONFORK) == 0) return page;
  ::munmap(page, wiped_page_size);
  return nullptr;
}

void free_wiped_page(void* page) noexcept { ::munmap(page, wiped_page_size); }

}  // namespace larder::platform
