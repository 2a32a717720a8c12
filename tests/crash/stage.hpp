// What those act on who may be killed, and the survivor alike; each has its own.
#ifndef LARDER_TESTS_CRASH_STAGE_HPP
#define LARDER_TESTS_CRASH_STAGE_HPP

#include <optional>
#include <string>
#include <utility>

#include "crash/scribe.hpp"
#include "support/private_copy.hpp"

namespace crash {

struct stage {
  stage(std::string segment, larder::cache opened, journal& notes)
      : name(std::move(segment)), cache(std::move(opened)), hand(*cache, notes) {}

  std::string name;
  std::optional<larder::cache> cache;
  scribe hand;
  std::optional<support::private_copy> ear;  // what it hears of changes, if it listens
};

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_STAGE_HPP
