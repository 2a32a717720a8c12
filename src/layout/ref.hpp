// cell_ref: where a cell is, our only "pointer": units from the segment's base. 0 is nothing.
//
// A unit is 8 bytes up to 32 GiB of capacity and grows with it (geometry::unit_shift), so 32 bits always do. That is
// what lets a bucket word hold a whole 32-bit tag beside it.
#ifndef LARDER_LAYOUT_REF_HPP
#define LARDER_LAYOUT_REF_HPP

#include <cstdint>

namespace larder::layout {

using cell_ref = std::uint32_t;

inline constexpr cell_ref no_cell = 0;
inline constexpr std::uint32_t smallest_unit_shift = 3;

// An item starts this many bytes into its cell. All cells of a page are shifted alike, so nothing is lost; and with the
// 12 bytes of its header a value behind a key of 8n bytes starts 8-byte aligned without padding.
inline constexpr std::uint32_t cell_shift = 4;

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_REF_HPP
