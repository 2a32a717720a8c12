// Memory that a test shares with its children, apart from the segment under test: an object in an anonymous file whose
// descriptor children inherit. Zero bytes must be a valid object; no constructor runs in children.
#ifndef LARDER_TESTS_SUPPORT_SHARED_OBJECT_HPP
#define LARDER_TESTS_SUPPORT_SHARED_OBJECT_HPP

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>

namespace support {

template <class T>
class shared_object {
  static_assert(std::is_standard_layout_v<T> && std::is_trivially_destructible_v<T>);

 public:
  shared_object() : descriptor_(::memfd_create("larder-test", 0)) {
    if (descriptor_ < 0 || ::ftruncate(descriptor_, sizeof(T)) != 0)
      throw std::system_error(errno, std::generic_category(), "memfd");
    map();
  }
  // In a child: the number it got from argument().
  explicit shared_object(long long descriptor) : descriptor_(static_cast<int>(descriptor)) { map(); }
  ~shared_object() {
    ::munmap(object_, sizeof(T));
    ::close(descriptor_);
  }
  shared_object(const shared_object&) = delete;
  shared_object& operator=(const shared_object&) = delete;

  [[nodiscard]] std::string argument() const { return std::to_string(descriptor_); }
  [[nodiscard]] T& operator*() const noexcept { return *object_; }
  [[nodiscard]] T* operator->() const noexcept { return object_; }

 private:
  void map() {
    void* address = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (address == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    object_ = static_cast<T*>(address);
  }

  int descriptor_;
  T* object_ = nullptr;
};

// Where processes wait for each other, so that what they do next happens at the same time.
struct start_gate {
  std::atomic<std::uint32_t> arrived;
  std::atomic<std::uint32_t> opened;

  void arrive() noexcept { arrived.fetch_add(1); }
  void open() noexcept { opened.store(1); }
  void pass() const noexcept {
    while (opened.load() == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  void arrive_and_pass() noexcept {
    arrive();
    pass();
  }
  // Everybody goes on as soon as `everybody` are here. Spins, so that they start within microseconds.
  void meet(std::uint32_t everybody) noexcept {
    arrive();
    while (arrived.load() < everybody) std::this_thread::yield();
  }
};

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_SHARED_OBJECT_HPP
