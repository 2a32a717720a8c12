// An access trace: its requests in order, read from a zstd-compressed CSV file with the columns
// time,key,value_size,op,ttl. Times and times to live are not used; rows that delete are left out.
#ifndef LARDER_TESTS_BENCH_REPLAY_TRACE_HPP
#define LARDER_TESTS_BENCH_REPLAY_TRACE_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace replay {

// A cache key is the key's number as 16 hexadecimal digits.
inline constexpr std::size_t key_size = 16;

// "Look it up; on a miss, store it."
struct request {
  std::uint32_t key;
  std::uint32_t value_size;
};

struct trace {
  std::string name;  // the file's, without folders
  std::vector<request> requests;
  std::uint32_t largest_key = 0;
  std::uint64_t keys = 0;
  std::uint64_t footprint = 0;  // bytes of all keys and values together
};

// Throws std::runtime_error, naming the file and the line, if anything in it is not as expected.
[[nodiscard]] trace read_trace(const std::string& path);

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_TRACE_HPP
