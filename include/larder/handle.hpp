// read_handle: a pinned, zero-copy view of one item. reservation: room for a value, written in place before anyone sees it.
#ifndef LARDER_HANDLE_HPP
#define LARDER_HANDLE_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "larder/export.hpp"
#include "larder/status.hpp"

namespace larder {

// Grows with every change of a key's item, over erase and re-insert too. For cas.
enum class version : std::uint64_t {};

namespace detail {

class cache_impl;
class thread_record;

// A thread's pin words as its handles see them. It lives in a page that the kernel wipes on fork(), so that the handles
// a child inherits find no words here and leave the parent's pins alone.
struct pin_set {
  std::atomic<std::uint32_t>* words = nullptr;  // in the segment; null in a forked child
};

}  // namespace detail

// A pin of ONE immutable version of an item: the bytes stay valid and unchanged until the handle is released, whatever
// happens to the key. Release is the destructor.
//
// Empty after a miss. May be moved to another thread; not shared without a lock. A handle inherited over fork() is the
// parent's: it may not be read in the child, and is harmless to destroy there. REQUIRES: released before its thread's
// process ends is not needed: pins of a dead process are taken back.
class read_handle {
 public:
  read_handle() noexcept = default;
  read_handle(read_handle&& other) noexcept { *this = std::move(other); }
  read_handle& operator=(read_handle&& other) noexcept {
    if (this != &other) {
      release();
      value_ = other.value_;
      size_ = other.size_;
      pin_ = other.pin_;
      pins_ = std::exchange(other.pins_, nullptr);
    }
    return *this;
  }
  ~read_handle() { release(); }

  // False after a miss, a release or a move.
  [[nodiscard]] explicit operator bool() const noexcept { return pins_ != nullptr; }

  // The value. Empty for an empty handle. Its first byte is 8-byte aligned.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return pins_ ? std::span(value_, size_) : std::span<const std::byte>();
  }
  [[nodiscard]] std::string_view view() const noexcept {
    return pins_ ? std::string_view(reinterpret_cast<const char*>(value_), size_) : std::string_view();
  }

  // nullptr unless the value has exactly the size of T and T's alignment is met.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    static_assert(std::is_trivially_copyable_v<T>, "only trivially copyable objects may be shared between processes");
    if (!pins_ || size_ != sizeof(T) || reinterpret_cast<std::uintptr_t>(value_) % alignof(T) != 0) return nullptr;
    return reinterpret_cast<const T*>(value_);
  }

  // REQUIRES: not empty.
  [[nodiscard]] LARDER_EXPORT std::string_view key() const noexcept;
  [[nodiscard]] LARDER_EXPORT larder::version version() const noexcept;
  [[nodiscard]] LARDER_EXPORT std::uint32_t flags() const noexcept;

  // Ends the pin; the handle is empty afterwards. Idempotent.
  void release() noexcept {
    if (const detail::pin_set* pins = std::exchange(pins_, nullptr)) {
      // release: my reads are done; pairs with acquire in reclaim
      if (pins->words != nullptr) pin_->store(0, std::memory_order_release);
    }
  }

 private:
  friend class detail::cache_impl;

  read_handle(const std::byte* value, std::size_t size, std::atomic<std::uint32_t>* pin, detail::pin_set* pins) noexcept
      : value_(value), size_(size), pin_(pin), pins_(pins) {}

  const std::byte* value_ = nullptr;
  std::size_t size_ = 0;
  std::atomic<std::uint32_t>* pin_ = nullptr;  // names the cell; dereferenced only while pins_->words says it is ours
  detail::pin_set* pins_ = nullptr;
};

// Room for a value of a key, to be written in place. Nobody sees it before commit(); the destructor abandons what was
// not committed. Reserving locks nothing: the last commit of a key wins.
//
// May be moved to another thread. REQUIRES: the cache outlives it. In a forked child it is empty.
class LARDER_EXPORT reservation {
 public:
  reservation(reservation&& other) noexcept;
  reservation& operator=(reservation&& other) noexcept;
  ~reservation();

  // Room of the reserved size, 8-byte aligned, contents unspecified. Empty once committed, abandoned or inherited over fork().
  [[nodiscard]] std::span<std::byte> bytes() noexcept;

  // Publishes the value under its key: the first `used` bytes, or all. detached: already done with. no_space, timed_out:
  // nothing was changed and the reservation is abandoned. REQUIRES: used <= bytes().size().
  status commit() noexcept;
  status commit(std::size_t used) noexcept;

  // Gives the room back. Idempotent.
  void abandon() noexcept;

 private:
  friend class detail::cache_impl;
  reservation() noexcept = default;

  detail::cache_impl* cache_ = nullptr;
  detail::thread_record* owner_ = nullptr;
  std::byte* value_ = nullptr;
  std::size_t size_ = 0;
  std::uint32_t cell_ = 0;
  std::uint32_t hint_ = 0;
};

}  // namespace larder

#endif  // LARDER_HANDLE_HPP
