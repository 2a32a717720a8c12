// Named shared memory: made without a name, filled, and only then linked into /dev/shm, so that a half-made segment is
// never seen; sized and backed for good at creation, so that no access raises SIGBUS later.
//
// Uses of Boost.Interprocess: shared_memory_object (open, remove), mapped_region, permissions. Its open_or_create, its
// mutexes and managed_shared_memory stay out: they trust what they find and cannot be repaired after a death.
#ifndef LARDER_PLATFORM_SHARED_MEMORY_HPP
#define LARDER_PLATFORM_SHARED_MEMORY_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace larder::platform {

// An open descriptor; closes it.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_ = -1;
};

enum class access : std::uint8_t { read_only, read_write };

// A mapping at an address that is a multiple of 2 MiB, where the kernel can use huge pages; and behind it zeroes, which take
// no memory, for whoever follows a damaged word.
class mapping {
 public:
  mapping() noexcept;
  mapping(mapping&&) noexcept;
  mapping& operator=(mapping&&) noexcept;
  ~mapping();

  // `span` bytes from the base on may be read: the object, and zeroes. Throws std::system_error. REQUIRES: the object has
  // `size` bytes; size <= span.
  mapping(const descriptor& object, access mode, std::size_t size, std::size_t span);

  [[nodiscard]] std::byte* base() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  class zeroes;
  struct region;
  std::unique_ptr<region> region_;
};

// What stands in the way of a name; empty if it is fit to be one.
[[nodiscard]] std::string name_problem(std::string_view name);

// A segment without a name. Throws std::system_error.
[[nodiscard]] descriptor make_unnamed(std::size_t size, unsigned permissions);

// Takes the memory from the host. False: there is not enough, and nothing is taken.
[[nodiscard]] bool reserve_memory(const descriptor& object, std::size_t size);

// Bytes that shared memory has left on this host.
[[nodiscard]] std::uint64_t free_memory() noexcept;

// Asks for 2 MiB pages; silently without where the kernel has none.
void use_huge_pages(const mapping& memory) noexcept;

// Gives the segment its name. The first of several wins; the others get errc::file_exists.
[[nodiscard]] std::error_code link_name(const descriptor& object, std::string_view name);

// Opens by name, or duplicates a descriptor. errc::no_such_file_or_directory, permission_denied, ...
[[nodiscard]] descriptor open_named(std::string_view name, access mode, std::error_code& why);
[[nodiscard]] descriptor duplicate(int number, std::error_code& why);

// Size in bytes; 0 if it is no regular object. read_at: bytes read.
[[nodiscard]] std::uint64_t size_of(const descriptor& object) noexcept;
[[nodiscard]] std::size_t read_at(const descriptor& object, void* out, std::size_t size, std::uint64_t offset) noexcept;

// False if there was none.
[[nodiscard]] bool remove_name(std::string_view name);

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_SHARED_MEMORY_HPP
