// The command line.
#ifndef LARDER_TESTS_BENCH_REPLAY_OPTIONS_HPP
#define LARDER_TESTS_BENCH_REPLAY_OPTIONS_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace replay {

struct options {
  bool help = false;
  bool prove = false;
  bool check = false;
  std::size_t capacity = 0;  // 0: shares of the footprint instead
  std::vector<double> percents{1, 10, 20};
  std::vector<std::string> traces;
};

// Throws std::invalid_argument.
[[nodiscard]] options parse_options(int count, char** arguments);

extern const char* const usage;

}  // namespace replay

#endif  // LARDER_TESTS_BENCH_REPLAY_OPTIONS_HPP
