// The eighth word of a bucket: 7 ghosts and the count of spilled items (layout/bucket.hpp). Written under the stripe
// lock; read racily by readers, who only ask whether anything has spilled.
//
// A ghost is an 8-bit fingerprint of an item that was evicted from probation: S3-FIFO's ghost queue (Yang et al., SOSP
// 2023), cut into one short queue for each bucket. It needs no memory of its own, no repair, and no cache miss: whoever
// inserts has the line. A false match (7 in 256) admits an item too easily.
#ifndef LARDER_TABLE_HINTS_HPP
#define LARDER_TABLE_HINTS_HPP

#include <cstdint>

namespace larder::table {

class bucket_hints {
 public:
  constexpr explicit bucket_hints(std::uint64_t bits) noexcept : bits_(bits) {}
  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }

  [[nodiscard]] constexpr std::uint32_t spilled() const noexcept { return static_cast<std::uint32_t>(bits_ & 0xFFU); }
  // Stays at its largest value once there: then it is a needless look for good, until the buckets are replaced.
  [[nodiscard]] constexpr bucket_hints spilled_more() const noexcept {
    return bucket_hints(spilled() < 0xFF ? bits_ + 1 : bits_);
  }
  [[nodiscard]] constexpr bucket_hints spilled_less() const noexcept {
    return bucket_hints(spilled() > 0 && spilled() < 0xFF ? bits_ - 1 : bits_);
  }

  // Never 0, which is an empty place.
  [[nodiscard]] static constexpr std::uint8_t fingerprint(std::uint32_t tag) noexcept {
    return static_cast<std::uint8_t>(tag % 255 + 1);
  }

  // Puts a ghost first; the oldest of seven goes.
  [[nodiscard]] constexpr bucket_hints with_ghost(std::uint32_t tag) const noexcept {
    return bucket_hints((ghosts() << 8 | fingerprint(tag)) << 8 | spilled());
  }
  [[nodiscard]] constexpr bool has_ghost(std::uint32_t tag) const noexcept {
    for (std::uint64_t left = ghosts(); left != 0; left >>= 8) {
      if ((left & 0xFFU) == fingerprint(tag)) return true;
    }
    return false;
  }
  [[nodiscard]] constexpr bucket_hints without_ghost(std::uint32_t tag) const noexcept {
    std::uint64_t kept = 0;
    bool gone = false;
    for (int i = 0, to = 0; i < 7; ++i) {
      const std::uint64_t ghost = ghosts() >> (8 * i) & 0xFFU;
      if (!gone && ghost == fingerprint(tag)) {
        gone = true;
      } else {
        kept |= ghost << (8 * to++);
      }
    }
    return bucket_hints(kept << 8 | spilled());
  }
  // The ghosts alone: what a bucket of a new array takes over.
  [[nodiscard]] constexpr bucket_hints only_ghosts() const noexcept { return bucket_hints(ghosts() << 8); }

 private:
  [[nodiscard]] constexpr std::uint64_t ghosts() const noexcept { return bits_ >> 8; }
  std::uint64_t bits_;
};

}  // namespace larder::table

#endif  // LARDER_TABLE_HINTS_HPP
