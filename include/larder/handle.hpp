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
struct thread_record;

// One of a thread's pins as a handle sees it. It lives in a page that the kernel wipes on fork(), so that the handles a
// child inherits find no word and no size here, and leave the parent's pin alone.
struct pin {
  std::atomic<std::uint32_t>* word = nullptr;  // in the segment: names the cell that is read; null in a forked child
  std::size_t size = 0;                        // of the value that is read
};

// The pin of an empty handle, so that nobody needs to ask whether there is one.
inline constexpr pin no_pin;

// What a get found: a value, and the pin that keeps it; or nothing.
struct pinned_value {
  const std::byte* bytes = nullptr;
  const pin* by = &no_pin;
};

// The same as one number, which is returned in two registers. (So is a struct; but GCC 12 does it by way of memory if it has
// inlined a function that returns one, and then jumps to no function either, but calls it.)
__extension__ using packed_value = unsigned __int128;
[[nodiscard]] inline packed_value pack(const pinned_value& value) noexcept {
  return reinterpret_cast<std::uintptr_t>(value.bytes) | packed_value{reinterpret_cast<std::uintptr_t>(value.by)} << 64;
}
[[nodiscard]] inline pinned_value unpack(packed_value both) noexcept {
  return {reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(both)),
          reinterpret_cast<const pin*>(static_cast<std::uintptr_t>(both >> 64))};
}

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
  read_handle(read_handle&& other) noexcept
      : value_(std::exchange(other.value_, nullptr)), pin_(std::exchange(other.pin_, &detail::no_pin)) {}
  read_handle& operator=(read_handle&& other) noexcept {
    if (this != &other) {
      release();
      value_ = std::exchange(other.value_, nullptr);
      pin_ = std::exchange(other.pin_, &detail::no_pin);
    }
    return *this;
  }
  ~read_handle() { release(); }

  // False after a miss, a release or a move.
  [[nodiscard]] explicit operator bool() const noexcept { return value_ != nullptr; }

  // The value. Empty for an empty handle. Its first byte is 8-byte aligned.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {value_, pin_->size}; }
  [[nodiscard]] std::string_view view() const noexcept { return {reinterpret_cast<const char*>(value_), pin_->size}; }

  // nullptr unless the value has exactly the size of T and T's alignment is met.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    static_assert(std::is_trivially_copyable_v<T>, "only trivially copyable objects may be shared between processes");
    if (value_ == nullptr || pin_->size != sizeof(T) || reinterpret_cast<std::uintptr_t>(value_) % alignof(T) != 0)
      return nullptr;
    return reinterpret_cast<const T*>(value_);
  }

  // REQUIRES: not empty.
  [[nodiscard]] LARDER_EXPORT std::string_view key() const noexcept;
  [[nodiscard]] LARDER_EXPORT larder::version version() const noexcept;
  [[nodiscard]] LARDER_EXPORT std::uint32_t flags() const noexcept;

  // Ends the pin; the handle is empty afterwards. Idempotent.
  void release() noexcept {
    // release: my reads are done; pairs with acquire in reclaim
    if (std::atomic<std::uint32_t>* word = pin_->word) word->store(0, std::memory_order_release);
    value_ = nullptr;
    pin_ = &detail::no_pin;
  }

 private:
  friend class cache;
  friend class keyspace;
  friend class detail::cache_impl;

  explicit read_handle(const detail::pinned_value& found) noexcept : value_(found.bytes), pin_(found.by) {}

  const std::byte* value_ = nullptr;
  const detail::pin* pin_ = &detail::no_pin;
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
