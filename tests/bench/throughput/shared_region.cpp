#include "shared_region.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <system_error>

namespace bench {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
#ifndef MADV_COLLAPSE
constexpr int MADV_COLLAPSE = 25;  // Linux 6.1
#endif

[[noreturn]] void fail(int code, const char* what) { throw std::system_error(code, std::system_category(), what); }

std::byte* map_aligned(int file, std::size_t bytes) {
  void* hole = ::mmap(nullptr, bytes + huge_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (hole == MAP_FAILED) fail(errno, "finding room for the benchmark's memory");
  const auto start = reinterpret_cast<std::uintptr_t>(hole);
  const std::uintptr_t aligned = (start + huge_page - 1) & ~(huge_page - 1);
  ::munmap(hole, bytes + huge_page);
  void* memory = ::mmap(reinterpret_cast<void*>(aligned), bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
  if (memory == MAP_FAILED) fail(errno, "mapping the benchmark's memory");
  return static_cast<std::byte*>(memory);
}

}  // namespace

shared_region::shared_region(std::size_t bytes, bool huge_pages) : bytes_((bytes + huge_page - 1) & ~(huge_page - 1)) {
  const int file = ::memfd_create("larder-bench", MFD_CLOEXEC);
  if (file < 0) fail(errno, "making the benchmark's memory");
  if (const int failed = ::posix_fallocate(file, 0, static_cast<off_t>(bytes_)); failed != 0) {
    ::close(file);
    fail(failed, "reserving the benchmark's memory");
  }
  data_ = map_aligned(file, bytes_);
  ::close(file);
  if (huge_pages) {
    for (std::size_t at = 0; at < bytes_; at += huge_page) ::madvise(data_ + at, huge_page, MADV_COLLAPSE);
  }
}

shared_region::~shared_region() { ::munmap(data_, bytes_); }

double huge_share(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  double resident = 0;
  double huge = 0;
  while (std::getline(smaps, line)) {
    std::uintptr_t first = 0;
    std::uintptr_t last = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2) {
      if (inside) break;
      inside = first <= wanted && wanted < last;
    } else if (inside) {
      char field[32];
      double size = 0;
      if (std::sscanf(line.c_str(), "%31[^:]: %lf kB", field, &size) != 2) continue;
      const std::string name = field;
      if (name == "Rss") resident = size;
      if (name == "AnonHugePages" || name == "ShmemPmdMapped" || name == "FilePmdMapped") huge += size;
    }
  }
  return resident > 0 ? huge / resident : 0;
}

std::string page_size_name(double huge_share) {
  if (huge_share >= 0.95) return "2 MiB";
  if (huge_share <= 0.05) return "4 KiB";
  return "4 KiB, " + std::to_string(std::lround(100 * huge_share)) + " % of it 2 MiB";
}

}  // namespace bench
