// The command line.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_OPTIONS_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_OPTIONS_HPP

#include <cstddef>
#include <regex>
#include <string>

namespace bench {

struct options {
  bool help = false;
  bool quick = false;
  bool huge_pages = true;
  std::size_t rounds = 0;  // 0: 9, or 3 with --quick
  std::size_t memory_limit = std::size_t{6} << 30;
  std::string json;  // file to write; empty: none
  std::regex filter{""};

  // Whether a series of this name is wanted.
  [[nodiscard]] bool wants(const std::string& name) const { return std::regex_search(name, filter); }
};

// Throws std::invalid_argument.
[[nodiscard]] options parse_options(int count, char** arguments);

extern const char* const usage;

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_OPTIONS_HPP
