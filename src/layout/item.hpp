// item: header, optional fields, key, value; in one cell; immutable from publication to reclaim but for the heat byte and
// the expiry (I6).
//
// Layout (offsets from the item, which is cell_shift bytes into its cell, so the item is at 4 modulo 8)
//
//      0         2       3         4               8            12
//     +---------+-------+---------+---------------+------------+- - - - - -+- - - - - - -+- - - -+-----+- - -+-------+
//     | stamp   | heat  | version | version       | shape      | expiry    | large size  | flags | key | pad | value |
//     | 16      | 8     | 32..39  | 0..31         | 32         | 64 (opt.) | 64 (opt.)   | 32 (o)|     | (to 8)      |
//     +---------+-------+---------+---------------+------------+- - - - - -+- - - - - - -+- - - -+-----+- - -+-------+
//
//     shape: key size - 1 (10) | has expiry | has flags | in keyspace | large | 0 (2) | value size (16)
//
// A value of 65536 bytes or more is large: its size is in the field `large size`. The value begins at a
// multiple of 8 bytes. 12 bytes for a plain item: 16 + 100 bytes of key and value fill a cell of 128.
//
// The version is the stripe's change count when the item was published, 40 bits of it: two items of one key have the
// same version only after 1.1 * 10^12 changes of one stripe.
//
// heat belongs to the eviction policy (table/eviction.hpp). Readers store it, so it is a byte of its own; a lost store is
// a lost hint.
#ifndef LARDER_LAYOUT_ITEM_HPP
#define LARDER_LAYOUT_ITEM_HPP

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "layout/stamp.hpp"
#include "platform/one_access.hpp"

namespace larder::layout {

// The 32-bit shape word with names for its fields.
class item_shape {
 public:
  constexpr item_shape() noexcept = default;
  constexpr explicit item_shape(std::uint32_t bits) noexcept : bits_(bits) {}
  constexpr item_shape(std::size_t key_size, bool expiry, bool flags, bool in_keyspace, std::size_t value_size) noexcept
      : bits_(static_cast<std::uint32_t>(key_size - 1) | (std::uint32_t{expiry} << 10) | (std::uint32_t{flags} << 11) |
              (std::uint32_t{in_keyspace} << 12) |
              (value_size > largest_small ? 1U << 13 : static_cast<std::uint32_t>(value_size) << 16)) {}

  [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr std::size_t key_size() const noexcept { return (bits_ & 0x3FFU) + 1; }
  [[nodiscard]] constexpr bool has_expiry() const noexcept { return (bits_ >> 10 & 1U) != 0; }
  [[nodiscard]] constexpr bool has_flags() const noexcept { return (bits_ >> 11 & 1U) != 0; }
  [[nodiscard]] constexpr bool in_keyspace() const noexcept { return (bits_ >> 12 & 1U) != 0; }
  [[nodiscard]] constexpr bool is_large() const noexcept { return (bits_ >> 13 & 1U) != 0; }
  [[nodiscard]] constexpr std::size_t small_value_size() const noexcept { return bits_ >> 16; }

  // Same key size and same kind of key: what a lookup compares before it compares the bytes.
  [[nodiscard]] constexpr bool same_key_form(item_shape other) const noexcept {
    return ((bits_ ^ other.bits_) & 0x13FFU) == 0;
  }

  // 0 if this is an item whose key is of that form, which is a key's alone, whatever optional fields it has.
  [[nodiscard]] constexpr std::uint64_t difference_of_key_form(item_shape form) const noexcept {
    return static_cast<std::uint16_t>((bits_ & ~0x2C00U) ^ form.bits_);
  }
  // What no item has in these 16 bits.
  static constexpr std::uint16_t of_no_item = 0xFFFF;

  // Offsets from the item.
  [[nodiscard]] constexpr std::size_t large_size_offset() const noexcept { return 12 + (has_expiry() ? 8U : 0U); }
  [[nodiscard]] constexpr std::size_t flags_offset() const noexcept {
    return large_size_offset() + (is_large() ? 8U : 0U);
  }
  [[nodiscard]] constexpr std::size_t key_offset() const noexcept { return flags_offset() + (has_flags() ? 4U : 0U); }
  [[nodiscard]] constexpr std::size_t value_offset() const noexcept { return value_behind(key_offset()); }
  [[nodiscard]] constexpr std::size_t value_behind(std::size_t key_offset) const noexcept {
    return value_behind(key_offset, key_size());
  }
  [[nodiscard]] static constexpr std::size_t value_behind(std::size_t key_offset, std::size_t key_size) noexcept {
    return ((key_offset + key_size + 4 + 7) & ~std::size_t{7}) - 4;
  }

 private:
  static constexpr std::size_t largest_small = 0xFFFF;
  std::uint32_t bits_ = 0;
};

inline constexpr std::size_t plain_key_offset = 12;

inline constexpr std::uint64_t version_mask = (std::uint64_t{1} << 40) - 1;

struct item {
  atomic_stamp stamp;              // whose the cell is
  std::atomic<std::uint8_t> heat;  // advisory: recency and frequency for the eviction hand
  std::uint8_t version_high;
  std::uint32_t version_low;
  std::uint32_t shape_bits;

  [[nodiscard]] item_shape shape() const noexcept { return item_shape(shape_bits); }
  [[nodiscard]] std::byte* at(std::size_t offset) noexcept { return reinterpret_cast<std::byte*>(this) + offset; }
  [[nodiscard]] const std::byte* at(std::size_t offset) const noexcept {
    return reinterpret_cast<const std::byte*>(this) + offset;
  }

  // REQUIRES: shape().has_expiry(). Milliseconds of the host's monotonic clock.
  [[nodiscard]] std::atomic<std::uint64_t>& expiry() noexcept {
    return *reinterpret_cast<std::atomic<std::uint64_t>*>(at(12));
  }
  [[nodiscard]] const std::atomic<std::uint64_t>& expiry() const noexcept {
    return *reinterpret_cast<const std::atomic<std::uint64_t>*>(at(12));
  }
  [[nodiscard]] std::uint64_t& large_size() noexcept {
    return *reinterpret_cast<std::uint64_t*>(at(shape().large_size_offset()));
  }
  [[nodiscard]] std::uint32_t& flags_field() noexcept {
    return *reinterpret_cast<std::uint32_t*>(at(shape().flags_offset()));
  }

  // 0 if this is an item without optional fields whose key is of that form: the usual case, told by one comparison of 16 bits.
  [[nodiscard]] std::uint64_t difference_from_plain(item_shape form) const noexcept {
    return platform::lower_difference(shape_bits, form.bits());
  }
  // REQUIRES: that is 0. By itself, since the other half of the shape is not needed again.
  [[nodiscard]] std::size_t plain_value_size() const noexcept {
    std::uint16_t size;
    std::memcpy(&size, reinterpret_cast<const std::byte*>(&shape_bits) + 2, sizeof size);
    return size;
  }

  [[nodiscard]] std::size_t value_size() const noexcept {
    const item_shape s = shape();
    return s.is_large() ? *reinterpret_cast<const std::uint64_t*>(at(s.large_size_offset())) : s.small_value_size();
  }
  [[nodiscard]] std::uint32_t flags() const noexcept {
    const item_shape s = shape();
    return s.has_flags() ? *reinterpret_cast<const std::uint32_t*>(at(s.flags_offset())) : 0;
  }
  [[nodiscard]] std::string_view key() const noexcept {
    const item_shape s = shape();
    return {reinterpret_cast<const char*>(at(s.key_offset())), s.key_size()};
  }
  [[nodiscard]] std::byte* value() noexcept { return at(shape().value_offset()); }
  [[nodiscard]] const std::byte* value() const noexcept { return at(shape().value_offset()); }
  [[nodiscard]] std::uint64_t version() const noexcept { return version_low | std::uint64_t{version_high} << 32; }
  void set_version(std::uint64_t version) noexcept {
    version_low = static_cast<std::uint32_t>(version);
    version_high = static_cast<std::uint8_t>(version >> 32);
  }
};

static_assert(sizeof(item) == 12 && alignof(item) == 4 && std::is_standard_layout_v<item>);
static_assert(std::is_trivially_destructible_v<item> && std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::endian::native == std::endian::little, "the layout is little-endian");

// Bytes that an item takes in its cell, cell_shift not counted.
[[nodiscard]] constexpr std::size_t item_size(item_shape shape, std::size_t value_size) noexcept {
  return shape.value_offset() + value_size;
}

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_ITEM_HPP
