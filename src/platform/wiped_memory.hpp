// Private memory that reads as zeroes in a forked child (MADV_WIPEONFORK), even after a raw clone().
//
// That is how a process notices, with one load and no system call, that what it inherited is its parent's.
#ifndef LARDER_PLATFORM_WIPED_MEMORY_HPP
#define LARDER_PLATFORM_WIPED_MEMORY_HPP

#include <cstddef>

namespace larder::platform {

inline constexpr std::size_t wiped_alignment = 4096;

// Zeroed and aligned so; nullptr, and errno says why, if the host has no memory or its kernel no such pages (Linux < 4.14).
[[nodiscard]] void* allocate_wiped(std::size_t size) noexcept;
// REQUIRES: `memory` is from allocate_wiped(size).
void free_wiped(void* memory, std::size_t size) noexcept;

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_WIPED_MEMORY_HPP
