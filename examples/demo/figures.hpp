// Numbers as people read them.
#ifndef LARDER_DEMO_FIGURES_HPP
#define LARDER_DEMO_FIGURES_HPP

#include <cstdint>
#include <string>

namespace demo {

// "1,234,567"
[[nodiscard]] std::string with_commas(std::uint64_t number);

// "16.0 MiB"
[[nodiscard]] std::string in_mebibytes(std::uint64_t bytes);

// "12.3": a number with so many decimals.
[[nodiscard]] std::string with_decimals(double number, int decimals);

}  // namespace demo

#endif  // LARDER_DEMO_FIGURES_HPP
