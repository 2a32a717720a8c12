#include "platform/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/permissions.hpp>
#include <boost/interprocess/shared_memory_object.hpp>
#include <cerrno>
#include <utility>

#ifndef BOOST_INTERPROCESS_POSIX_SHARED_MEMORY_OBJECTS
#error "without POSIX shared memory Boost.Interprocess uses files in a temporary directory, which larder cannot use"
#endif

namespace larder::platform {
namespace {

namespace bip = boost::interprocess;

constexpr const char* directory = "/dev/shm";
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t longest_name = 200;

[[noreturn]] void throw_errno(const char* what) { throw std::system_error(errno, std::system_category(), what); }

std::error_code code_of(const bip::interprocess_exception& e) { return {e.get_native_error(), std::system_category()}; }

// What mapped_region asks of an object.
class mappable {
 public:
  mappable(const descriptor& object, access mode) noexcept : object_(object), mode_(mode) {}
  [[nodiscard]] bip::mapping_handle_t get_mapping_handle() const noexcept {
    bip::mapping_handle_t handle{};
    handle.handle = object_.get();
    handle.is_xsi = false;
    return handle;
  }
  [[nodiscard]] bip::mode_t get_mode() const noexcept {
    return mode_ == access::read_only ? bip::read_only : bip::read_write;
  }

 private:
  const descriptor& object_;
  access mode_;
};

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}
descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

// Zeroes that may be read and take no memory, from a multiple of 2 MiB on.
class mapping::zeroes {
 public:
  explicit zeroes(std::size_t size) : size_((size + huge_page - 1) & ~(huge_page - 1)) {
    void* room = ::mmap(nullptr, size_ + huge_page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) throw_errno("reserving addresses");
    auto* first = static_cast<std::byte*>(room);
    const std::size_t before = -reinterpret_cast<std::uintptr_t>(first) & (huge_page - 1);
    base_ = first + before;
    if (before != 0) ::munmap(first, before);
    ::munmap(base_ + size_, huge_page - before);
  }
  // Less what others have put in their place since, and take away themselves.
  ~zeroes() { ::munmap(base_ + replaced_, size_ - replaced_); }
  zeroes(const zeroes&) = delete;
  zeroes& operator=(const zeroes&) = delete;

  [[nodiscard]] std::byte* base() const noexcept { return base_; }
  void replaced_by(const bip::mapped_region& other) noexcept {
    const std::size_t page = bip::mapped_region::get_page_size();
    replaced_ = (other.get_size() + page - 1) / page * page;
  }

 private:
  std::byte* base_ = nullptr;
  std::size_t size_;
  std::size_t replaced_ = 0;
};

struct mapping::region {
  explicit region(std::size_t span) : around(span) {}
  bip::mapped_region mapped;
  zeroes around;  // goes first: what `mapped` leaves may be anybody's at once
};

mapping::mapping() noexcept = default;
mapping::mapping(mapping&&) noexcept = default;
mapping& mapping::operator=(mapping&&) noexcept = default;
mapping::~mapping() = default;

mapping::mapping(const descriptor& object, access mode, std::size_t size, std::size_t span)
    : region_(std::make_unique<region>(span)) {
  const mappable source(object, mode);
  try {
    region_->mapped = bip::mapped_region(source, source.get_mode(), 0, size, region_->around.base(), MAP_FIXED);
  } catch (const bip::interprocess_exception& e) {
    throw std::system_error(code_of(e), "mapping the segment");
  }
  region_->around.replaced_by(region_->mapped);
}

std::byte* mapping::base() const noexcept {
  return region_ ? static_cast<std::byte*>(region_->mapped.get_address()) : nullptr;
}
std::size_t mapping::size() const noexcept { return region_ ? region_->mapped.get_size() : 0; }

std::string name_problem(std::string_view name) {
  if (name.empty()) return "a segment's name is empty; give it 1 to 200 characters";
  if (name.size() > longest_name) return "a segment's name is longer than 200 characters; shorten it";
  if (name == "." || name == "..") return "a segment's name cannot be '.' or '..'; choose another";
  for (const char c : name) {
    if (c == '/' || c == '\0') return "a segment's name holds a '/' or a NUL character; choose a plain file name";
  }
  return {};
}

descriptor make_unnamed(std::size_t size, unsigned permissions) {
  bip::permissions mode;
  mode.set_permissions(static_cast<int>(permissions));
  descriptor object(::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (object.get() < 0) throw_errno("making a segment in /dev/shm");
  if (::fchmod(object.get(), static_cast<mode_t>(mode.get_permissions())) != 0)
    throw_errno("setting the segment's permissions");
  if (::ftruncate(object.get(), static_cast<off_t>(size)) != 0) throw_errno("sizing the segment");
  return object;
}

bool reserve_memory(const descriptor& object, std::size_t size) {
  // In pieces, so that a signal handler of the application does not make one long call start over again and again.
  constexpr std::size_t piece = std::size_t{64} << 20;
  for (std::size_t done = 0; done < size;) {
    const std::size_t step = std::min(piece, size - done);
    const int failed = ::posix_fallocate(object.get(), static_cast<off_t>(done), static_cast<off_t>(step));
    if (failed == EINTR) continue;
    if (failed == ENOSPC || failed == ENOMEM) return false;
    if (failed != 0) throw std::system_error(failed, std::system_category(), "reserving the segment's memory");
    done += step;
  }
  return true;
}

std::uint64_t free_memory() noexcept {
  struct statvfs info {};
  return ::statvfs(directory, &info) == 0 ? std::uint64_t{info.f_bavail} * info.f_frsize : 0;
}

void use_huge_pages(const mapping& memory) noexcept {
#ifdef MADV_COLLAPSE
  constexpr int collapse = MADV_COLLAPSE;
#else
  constexpr int collapse = 25;  // Linux 6.1
#endif
  const int saved = errno;
  ::madvise(memory.base(), memory.size(), MADV_HUGEPAGE);
  // Piece by piece: one call for all would stop at the first piece that has none.
  for (std::size_t at = 0; at + huge_page <= memory.size(); at += huge_page) {
    if (::madvise(memory.base() + at, huge_page, collapse) != 0 && at == 0) break;
  }
  errno = saved;
}

std::error_code link_name(const descriptor& object, std::string_view name) {
  const std::string from = "/proc/self/fd/" + std::to_string(object.get());
  const std::string to = std::string(directory) + "/" + std::string(name);
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
  return {errno, std::system_category()};
}

descriptor open_named(std::string_view name, access mode, std::error_code& why) {
  try {
    const bip::shared_memory_object object(bip::open_only, std::string(name).c_str(),
                                           mode == access::read_only ? bip::read_only : bip::read_write);
    return duplicate(object.get_mapping_handle().handle, why);
  } catch (const bip::interprocess_exception& e) {
    why = code_of(e);
    return {};
  }
}

descriptor duplicate(int number, std::error_code& why) {
  descriptor copy(::fcntl(number, F_DUPFD_CLOEXEC, 0));
  why = copy.get() < 0 ? std::error_code(errno, std::system_category()) : std::error_code();
  return copy;
}

std::uint64_t size_of(const descriptor& object) noexcept {
  struct stat info {};
  if (::fstat(object.get(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  return static_cast<std::uint64_t>(info.st_size);
}

std::size_t read_at(const descriptor& object, void* out, std::size_t size, std::uint64_t offset) noexcept {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t step =
        ::pread(object.get(), static_cast<char*>(out) + done, size - done, static_cast<off_t>(offset + done));
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) break;
    done += static_cast<std::size_t>(step);
  }
  return done;
}

bool remove_name(std::string_view name) { return bip::shared_memory_object::remove(std::string(name).c_str()); }

}  // namespace larder::platform
