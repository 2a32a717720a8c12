// A snapshot of the statistics of a segment. What each number means is told in counters.def, the only place it is declared.
#ifndef LARDER_STATS_HPP
#define LARDER_STATS_HPP

#include <cstdint>
#include <span>
#include <string_view>

#include "larder/export.hpp"

namespace larder {

// Each counter is exact for what has returned; the set of them is not one instant.
struct stats {
#define LARDER_COUNTER(name, kind, unit, line, paragraph) std::uint64_t name = 0;
#include "larder/counters.def"
#undef LARDER_COUNTER
};

enum class counter_kind : std::uint8_t { counter, gauge };

struct counter_info {
  std::string_view name;
  counter_kind kind;
  std::string_view unit;
  std::string_view line;       // one line
  std::string_view paragraph;  // what it means and what to do about it
  std::uint64_t stats::*value;
};

// All counters, in the order of their declaration. The texts live as long as the program.
[[nodiscard]] LARDER_EXPORT std::span<const counter_info> counters() noexcept;

}  // namespace larder

#endif  // LARDER_STATS_HPP
