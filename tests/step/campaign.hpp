// campaign: plays one chain: records the ways of its victims, kills them at the chosen places, and lets the survivor judge
// each time.
#ifndef LARDER_TESTS_STEP_CAMPAIGN_HPP
#define LARDER_TESTS_STEP_CAMPAIGN_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "step/row.hpp"

namespace step {

// Which places of the last victim's way are tried: every stride-th from the offset on, or those where a death leaves
// something else than at the place before. The victims before it die at some of the latter.
struct sampling {
  std::size_t stride = 0;  // 0: what makes about `places` of a chain
  std::size_t places = 20;
  bool distinct = false;            // every place that is not like the one before it; no stride
  std::size_t offset = 0;           // modulo the stride
  std::size_t states = 1;           // of the first victim of several, of the second half as many; 0: all
  bool both_ways = false;           // the survivor writes first, and again: it reaps first. Else one of the two in turn
  bool first = false;               // what is wrong first is enough
  std::optional<std::size_t> only;  // this place alone
};

// What was found of one chain.
struct tally {
  std::uint64_t instructions = 0;  // of the last victim's ways, all together
  std::uint64_t places = 0;        // places tried
  std::uint64_t deaths = 0;        // processes killed there and on the way there
  std::uint64_t missed = 0;        // places that a victim did not come to again
  std::uint64_t violations = 0;    // judgements that found something wrong
  std::vector<std::string> texts;  // the first ones
  double slowest = 0;              // of the survivor's judgements, in seconds

  // Where to go on: the way (they are counted as they come) and the place on it, by its number among those tried.
  std::uint64_t way = 0;
  std::uint64_t next = 0;
  bool complete = false;
};

// Goes on from where the tally stands, until it is complete. Calls note() now and then.
void play(const chain& what, const sampling& chosen, tally& found, const std::function<void()>& note);

}  // namespace step

#endif  // LARDER_TESTS_STEP_CAMPAIGN_HPP
