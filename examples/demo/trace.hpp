// The requests to serve: a recorded access trace, read from its zstd-compressed CSV file.
#ifndef LARDER_DEMO_TRACE_HPP
#define LARDER_DEMO_TRACE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace demo {

struct trace {
  struct object {
    std::array<char, 16> name;  // the key: its number in hexadecimal
    std::uint32_t value_size;
  };
  std::vector<object> objects;          // by order of first appearance
  std::vector<std::uint32_t> requests;  // indices into objects

  [[nodiscard]] std::string_view key(std::uint32_t index) const noexcept {
    return {objects[index].name.data(), objects[index].name.size()};
  }

  // Bytes of all keys and values together: the memory of a cache that never evicts, were it without overhead.
  [[nodiscard]] std::size_t footprint() const noexcept;
};

// Reads at most `limit` requests. Throws std::runtime_error naming file and line if anything in it is not as expected.
[[nodiscard]] trace read_trace(const std::filesystem::path& file, std::size_t limit);

}  // namespace demo

#endif  // LARDER_DEMO_TRACE_HPP
