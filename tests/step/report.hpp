// The table of what was found, and its two files: the result as JSON, and the state from which a run can go on.
#ifndef LARDER_TESTS_STEP_REPORT_HPP
#define LARDER_TESTS_STEP_REPORT_HPP

#include <map>
#include <string>

#include "step/campaign.hpp"

namespace step {

using tallies = std::map<std::string, tally, std::less<>>;  // by the name of the row

void print_head();
void print_line(const std::string& name, const tally& found);
// The sums, and a sentence: true if it says that all is well.
bool print_end(const tallies& all);

void write_json(const std::string& file, const sampling& chosen, const tallies& all);

// The state of a run of this very program with this very sampling; nothing if the file does not exist. Throws if the
// file is of another program or sampling.
[[nodiscard]] tallies read_state(const std::string& file, const sampling& chosen);
void write_state(const std::string& file, const sampling& chosen, const tallies& all);

}  // namespace step

#endif  // LARDER_TESTS_STEP_REPORT_HPP
