// Online growth: a stripe's bucket array is replaced by one of another size; readers never stop, nobody sizes a table.
//
// How large: what the items take on average tells how many there will be when the segment is full; so the array grows at
// once to what a stripe is going to need then (at most fourfold), and hardly ever again. Keys are spread evenly, so that is
// one number for all stripes: their arrays lie in cells of one size class, and leave no pages behind that are partly used.
// A stripe that has drawn more keys than others grows later, on its own. Arrays live in cells like items do, and fill them.
//
// Protocol
//
//     [no lock]  copy = block; allocate; fill with zeroes
//     [lock]     copy the words by their tags (no item is touched); retiring = old block; table word = new array  <- the
//                commit; stamp(block) = TABLE; copy = 0; stamp(old) = OWNED(me); limbo += old; retiring = 0
//
// Readers check the table word again before they trust what they found, so the old array needs no pins: a reader that
// still looks at it when its cell is used anew finds garbage and a changed table word, and starts again.
//
// If a process dies here: before the commit the block is unreachable and freed; after it, the block is found in use.
#ifndef LARDER_TABLE_RESIZE_HPP
#define LARDER_TABLE_RESIZE_HPP

#include <cstdint>

#include "memory/memory.hpp"
#include "table/stripe_lock.hpp"

namespace larder::table {

// The bucket count that suits the stripe's items now, or 0 if the one it has is fine.
[[nodiscard]] std::uint32_t wanted_buckets(memory::actor& me, std::uint32_t stripe) noexcept;

// A bucket count above `count` for a stripe that must grow.
[[nodiscard]] std::uint32_t larger_size(memory::actor& me, std::uint32_t stripe, std::uint32_t count) noexcept;

enum class resized : std::uint8_t { done, no_cell, crowded, busy };

// REQUIRES: the caller holds no lock. no_cell: make room for array_size(count) first. crowded: the words do not fit. busy:
// others hold the stripe's lock.
[[nodiscard]] resized resize(memory::actor& me, std::uint32_t stripe, std::uint32_t count,
                             patience how = patience::lock_timeout) noexcept;

// What to allocate for an array: layout::item header, alignment, buckets.
[[nodiscard]] std::size_t array_size(std::uint32_t count) noexcept;

// Resizes to what is wanted, if there is memory. For a writer that is about to store something.
void tend_stripe(memory::actor& me, std::uint32_t stripe) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_RESIZE_HPP
