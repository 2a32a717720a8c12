#ifndef LARDER_TESTS_SOAK_OPTIONS_HPP
#define LARDER_TESTS_SOAK_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace soak {

struct options {
  std::chrono::seconds time{60};
  std::size_t processes = 6;
  std::size_t capacity_mib = 16;
  std::string larderd;  // path; empty: none
};

// nullopt: the usage was asked for, and was printed. Throws boost::program_options::error. A seed that is given is put
// into the environment, where support::seed() and all children find it.
[[nodiscard]] std::optional<options> parse_options(int argc, char** argv);

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_OPTIONS_HPP
