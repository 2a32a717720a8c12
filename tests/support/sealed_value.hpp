// Values that show by themselves whether they are whole: a seal over key, sequence number and filling.
#ifndef LARDER_TESTS_SUPPORT_SEALED_VALUE_HPP
#define LARDER_TESTS_SUPPORT_SEALED_VALUE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace support {

inline constexpr std::size_t smallest_sealed_value = 16;

// A value of `size` bytes for `key`. REQUIRES: size >= smallest_sealed_value.
[[nodiscard]] std::string sealed_value(std::string_view key, std::uint64_t sequence, std::size_t size);

// The sequence number, or nullopt if the value is torn or belongs to another key.
[[nodiscard]] std::optional<std::uint64_t> unsealed(std::string_view key, std::string_view value);

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_SEALED_VALUE_HPP
