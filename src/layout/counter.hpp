// counter: the index of each statistic in the slots' counter words, from the one declaration (larder/counters.def).
#ifndef LARDER_LAYOUT_COUNTER_HPP
#define LARDER_LAYOUT_COUNTER_HPP

#include <cstdint>

#include "layout/slot.hpp"

namespace larder::layout {

enum class counter : std::uint8_t {
#define LARDER_COUNTER(name, kind, unit, line, paragraph) name,
#include "larder/counters.def"
#undef LARDER_COUNTER
};

// The first gauge: all before it are counters and have words in the slots.
inline constexpr auto counter_count = static_cast<std::uint32_t>(counter::items);
static_assert(counter_count <= counters_per_slot);

}  // namespace larder::layout

#endif  // LARDER_LAYOUT_COUNTER_HPP
