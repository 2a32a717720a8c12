// Numbers with units: as people read them (1.5 MiB, 250 ms, 97.3 %) and as they write them (64MiB, 5min).
#ifndef LARDER_TOOL_OUTPUT_UNITS_HPP
#define LARDER_TOOL_OUTPUT_UNITS_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace larder::tool {

[[nodiscard]] std::string human_bytes(std::uint64_t bytes);                     // 1.5 MiB
[[nodiscard]] std::string human_count(std::uint64_t count);                     // 1,234,567
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);  // 1 page, 2 pages, 2 processes
[[nodiscard]] std::string human_duration(std::uint64_t ms);                     // 250 ms, 1.5 s, 12 min, 3.1 h, 8.0 d
[[nodiscard]] std::string human_share(double share);                            // 97.3 %
[[nodiscard]] std::string human_rate(double per_second);                        // 12.3 k/s
[[nodiscard]] std::string decimal(double number, int places);                   // without the locale

// Throw failure(usage) that says what to write.
[[nodiscard]] std::uint64_t parse_bytes(std::string_view text);         // 1048576, 64MiB, 2g
[[nodiscard]] std::uint64_t parse_milliseconds(std::string_view text);  // 250ms, 2s, 30min, 1h, 7d
[[nodiscard]] std::uint64_t parse_seconds(std::string_view text);       // as milliseconds; 2 is 2s
[[nodiscard]] std::uint64_t parse_number(std::string_view text);
[[nodiscard]] unsigned parse_permissions(std::string_view text);  // octal

}  // namespace larder::tool

#endif  // LARDER_TOOL_OUTPUT_UNITS_HPP
