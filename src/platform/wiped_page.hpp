// wiped_page: private memory that reads as zeroes in a forked child (MADV_WIPEONFORK), even after a raw clone().
//
// That is how a process notices, with one load and no system call, that what it inherited is its parent's.
#ifndef LARDER_PLATFORM_WIPED_PAGE_HPP
#define LARDER_PLATFORM_WIPED_PAGE_HPP

#include <cstddef>

namespace larder::platform {

inline constexpr std::size_t wiped_page_size = 4096;

// Zeroed; nullptr, and errno says why, if the host has no memory or its kernel no such pages (Linux < 4.14).
[[nodiscard]] void* allocate_wiped_page() noexcept;
void free_wiped_page(void* page) noexcept;

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_WIPED_PAGE_HPP
