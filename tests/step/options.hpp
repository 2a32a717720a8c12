// The command line of larder_step_tests.
#ifndef LARDER_TESTS_STEP_OPTIONS_HPP
#define LARDER_TESTS_STEP_OPTIONS_HPP

#include <optional>
#include <regex>
#include <string>

#include "step/campaign.hpp"

namespace step {

struct options {
  sampling chosen;
  std::optional<std::regex> rows;  // empty: all
  std::size_t chains = 1;          // of the rows of several victims, one in so many
  bool list = false;
  bool help = false;
  std::string resume;  // where the state is kept; empty: nowhere
  std::string json;
};

extern const char* const usage;

// Throws std::invalid_argument, whose text says what is wrong.
[[nodiscard]] options parse_options(int count, char** arguments);

}  // namespace step

#endif  // LARDER_TESTS_STEP_OPTIONS_HPP
