// The command line of the demonstration.
#ifndef LARDER_DEMO_OPTIONS_HPP
#define LARDER_DEMO_OPTIONS_HPP

#include <cstddef>
#include <filesystem>
#include <optional>

namespace demo {

struct options {
  std::filesystem::path trace_file = "examples/data/orm-busy-1m.csv.zst";
  std::size_t workers = 4;
  std::size_t memory = std::size_t{16} << 20;  // bytes, for each of the two runs
  std::size_t requests = 1'000'000;
  std::filesystem::path daemon = LARDER_DEMO_DAEMON;  // the larderd to start; empty: none
};

// nullopt after --help, which it prints. Throws std::invalid_argument.
[[nodiscard]] std::optional<options> parse_options(int argc, char** argv);

}  // namespace demo

#endif  // LARDER_DEMO_OPTIONS_HPP
