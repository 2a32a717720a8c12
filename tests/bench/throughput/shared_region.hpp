// Shared memory of the benchmark's own, and the page size that a mapping really has.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_SHARED_REGION_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_SHARED_REGION_HPP

#include <cstddef>
#include <string>

namespace bench {

// An anonymous MAP_SHARED mapping that forked processes share: reserved, zeroed, and in 2 MiB pages if they are wanted
// and the kernel has them (collapsed as larder does it).
class shared_region {
 public:
  shared_region(std::size_t bytes, bool huge_pages);
  shared_region(const shared_region&) = delete;
  shared_region& operator=(const shared_region&) = delete;
  ~shared_region();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }

 private:
  std::size_t bytes_;
  std::byte* data_;
};

// Which part of the resident memory of the mapping around `address` is mapped in 2 MiB pages: 0 to 1, as the kernel
// tells it in /proc/self/smaps. 0 if there is no such mapping.
[[nodiscard]] double huge_share(const void* address);

// "2 MiB", "4 KiB", or how much of it is in 2 MiB pages.
[[nodiscard]] std::string page_size_name(double huge_share);

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_SHARED_REGION_HPP
