// Eviction: which item of a size class leaves. S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need
// for cache eviction", SOSP 2023) without queues: in place, by two hands that walk the cells of the class.
//
// Items
//     are stored on probation, or in main if a ghost of theirs is in the bucket. A hit marks an item, once per pass.
//
// The hands of a class
//     While more than a tenth of the class is on probation, the small hand goes on: a marked item moves to main where it
//     stands; an unmarked one leaves, and its ghost is kept. Otherwise the main hand goes on: a marked item gets a second
//     chance; one that has a chance loses it; one without leaves, and no ghost is kept.
//
// Why no queue is needed: an evicted item's cell is the next one to be filled, so what is stored on probation lies behind
// the small hand in the order of its age. The hands are plain numbers: if one is lost or goes back, some items are judged
// again.
//
// Figures that decided it (miss ratio at 10 % / 20 % of the footprint as total memory, by simulation of this structure):
//     orm-busy 5.5 / 3.6 %, arc-p3 67 / 48 %, synth-metakv 25.7 / 24.5 %; 2-bit CLOCK with the same page mover 5.7 / 3.8,
//     81.6 / 48.7, 25.9 / 24.6; LRU in static slabs 11.1 / 7.3, 84.3 / 50.6, 30.2 / 26.7. Without ghosts arc-p3 has 75 / 53.
//     A second bit of mark gains nothing; what this program itself reaches is measured by tests/bench/replay.
//
// Where a full cache refuses (full_policy::refuse) nothing in this file takes out what somebody could still find: only what
// has expired, or belongs to an invalidated keyspace. Nobody else takes items out for the sake of room, so this is where
// that promise is kept, whoever asks.
//
// Where it is weak: loops over items that come back after more than a tenth of the cache was stored.
#ifndef LARDER_TABLE_EVICTION_HPP
#define LARDER_TABLE_EVICTION_HPP

#include <cstdint>

#include "memory/memory.hpp"
#include "table/bucket_index.hpp"
#include "table/stripe_lock.hpp"

namespace larder::table {

// Takes up to `wanted` items of the class out of the table; their cells are in the caller's limbo then. Returns how many.
// Where a full cache refuses it looks at some hundred cells, others each time, for what nobody can find any more.
// What lies in a stripe that somebody holds stays. REQUIRES: the caller holds no lock. The page of the last victim, if asked for, is stored in `page`.
std::uint32_t evict(memory::actor& me, std::uint32_t size_class, std::uint32_t wanted,
                    std::uint32_t* page = nullptr) noexcept;

// How many to take at once: few of a small class, and no more than make one heavy fence worth while.
[[nodiscard]] std::uint32_t eviction_batch(const memory::actor& me, std::uint32_t size_class) noexcept;

// True if items of the class have had to leave for others, and no page is free.
[[nodiscard]] bool is_full(const memory::actor& me, std::uint32_t size_class) noexcept;

// Takes this very item out, if it is linked, whatever its heat. False: it was not, or its stripe is held by others, or a full
// cache refuses.
bool evict_cell(memory::actor& me, layout::cell_ref cell, patience how = patience::a_moment) noexcept;

// Takes one item out of the two buckets of a key: the one that has been used least. False: none could be taken.
bool evict_beside(memory::actor& me, place at) noexcept;

}  // namespace larder::table

#endif  // LARDER_TABLE_EVICTION_HPP
