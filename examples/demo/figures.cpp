// std::format is not in GCC 12, so this is done by hand.
#include "figures.hpp"

#include <cstdio>

namespace demo {

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t left = text.size(); left > 3; left -= 3) text.insert(left - 3, 1, ',');
  return text;
}

std::string in_mebibytes(std::uint64_t bytes) {
  return with_decimals(static_cast<double>(bytes) / (1 << 20), 1) + " MiB";
}

std::string with_decimals(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

}  // namespace demo
