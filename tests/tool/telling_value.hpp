// Values that name their key over and over: a torn or a foreign one shows.
#ifndef LARDER_TESTS_TOOL_TELLING_VALUE_HPP
#define LARDER_TESTS_TOOL_TELLING_VALUE_HPP

#include <cstddef>
#include <string>

namespace tool_tests {

// Of at least so many bytes.
[[nodiscard]] inline std::string value_of(const std::string& key, std::size_t size) {
  std::string value;
  while (value.size() < size) value += key + ";";
  return value;
}

[[nodiscard]] inline bool is_value_of(const std::string& key, const std::string& value) {
  return value == value_of(key, value.size());
}

}  // namespace tool_tests

#endif  // LARDER_TESTS_TOOL_TELLING_VALUE_HPP
