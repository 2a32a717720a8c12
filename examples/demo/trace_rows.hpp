// The rows of a trace: a zstd-compressed CSV file with the columns time,key,value_size,op,ttl. tests/bench/replay reads its
// traces with it, too.
#ifndef LARDER_DEMO_TRACE_ROWS_HPP
#define LARDER_DEMO_TRACE_ROWS_HPP

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace demo {

// The times are left out: requests are served as fast as they can be.
struct trace_row {
  std::uint32_t key;
  std::uint32_t value_size;
  std::string_view op;
};

// Hands one row after the other to `use`, until that returns false. Throws std::runtime_error, with the name of the file and
// the number of the line, for what is no such file, and for any std::runtime_error of `use`.
void for_each_row(const std::string& path, const std::function<bool(const trace_row&)>& use);

}  // namespace demo

#endif  // LARDER_DEMO_TRACE_ROWS_HPP
