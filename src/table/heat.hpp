// heat: the byte of an item that readers mark and the eviction hands judge by (layout/item.hpp).
//
//     bit 0  mark     hit since a hand passed; the only bit that readers store, once per pass
//     bit 1  main     has proved itself; clear: on probation (S3-FIFO's small queue)
//     bit 2  chance   main, and hit in the pass before this one
//
// Thread safety: relaxed everywhere. A reader's store may undo a hand's store that it overlaps, or the other way round:
// the item is judged by older news.
#ifndef LARDER_TABLE_HEAT_HPP
#define LARDER_TABLE_HEAT_HPP

#include <cstdint>

#include "layout/layout.hpp"

namespace larder::table {

class heat {
 public:
  constexpr heat() noexcept = default;
  constexpr explicit heat(std::uint8_t bits) noexcept : bits_(bits) {}

  [[nodiscard]] constexpr std::uint8_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr bool marked() const noexcept { return (bits_ & mark_bit) != 0; }
  [[nodiscard]] constexpr bool in_main() const noexcept { return (bits_ & 2U) != 0; }
  [[nodiscard]] constexpr bool has_chance() const noexcept { return (bits_ & 4U) != 0; }
  [[nodiscard]] constexpr heat with_mark() const noexcept { return heat(static_cast<std::uint8_t>(bits_ | mark_bit)); }

  static constexpr heat probation() noexcept { return heat(0); }
  static constexpr heat main() noexcept { return heat(2); }
  static constexpr heat main_with_chance() noexcept { return heat(6); }
  static constexpr std::uint8_t mark_bit = 1;

 private:
  std::uint8_t bits_ = 0;
};

[[nodiscard]] inline heat heat_of(const layout::item& item) noexcept {
  return heat(item.heat.load(std::memory_order_relaxed));
}
inline void set_heat(layout::item& item, heat value) noexcept {
  item.heat.store(value.bits(), std::memory_order_relaxed);
}

// set_heat(item, heat_of(item).with_mark()), in one instruction.
inline void set_mark(layout::item& item) noexcept { platform::set_roughly(item.heat, heat::mark_bit); }

// heat_of(item).marked(), in one instruction.
[[nodiscard]] inline bool is_marked(const layout::item& item) noexcept {
  return platform::has_any(item.heat, heat::mark_bit);
}

}  // namespace larder::table

#endif  // LARDER_TABLE_HEAT_HPP
