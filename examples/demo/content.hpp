// What the origin keeps under a key: bytes that follow from the key alone, so that every value that is read, wherever it
// comes from, can be checked to its last byte.
#ifndef LARDER_DEMO_CONTENT_HPP
#define LARDER_DEMO_CONTENT_HPP

#include <cstddef>
#include <span>
#include <string_view>

namespace demo {

void fill_content(std::string_view key, std::span<char> out) noexcept;

// Is `value` what the origin keeps under `key`, neither shorter nor longer than `size` nor different in any byte?
[[nodiscard]] bool has_content(std::string_view key, std::size_t size, std::string_view value) noexcept;

}  // namespace demo

#endif  // LARDER_DEMO_CONTENT_HPP
