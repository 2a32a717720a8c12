// The scripted operations in whose midst a process dies.
#ifndef LARDER_TESTS_CRASH_SCRIPT_HPP
#define LARDER_TESTS_CRASH_SCRIPT_HPP

#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include "crash/stage.hpp"
#include "support/temp_cache.hpp"

namespace crash {

// Somebody who dies before the script begins: in which script, where, and at which reach of the point.
struct corpse {
  std::string_view script;
  larder::platform::kill_point point;
  std::uint32_t reach;
};

using act = void (*)(stage&);

struct script {
  std::string_view name = {};
  act prepare = nullptr;            // the survivor does this first
  act perform = nullptr;            // in the midst of this the victim dies
  bool from_start = false;          // the victim opens the cache after those have died, and may die while it does
  std::vector<corpse> before = {};  // who dies before it begins
  std::size_t capacity = 4 * support::mebibyte;  // in which nothing that the scripts store is evicted
  std::size_t max_threads = 0;
  bool evicts = false;   // acknowledged items may be evicted
  bool refuses = false;  // a full cache refuses: none may
};

[[nodiscard]] const std::vector<script>& scripts();
[[nodiscard]] const script& script_called(std::string_view name);

inline std::ostream& operator<<(std::ostream& out, const script& s) { return out << s.name; }

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_SCRIPT_HPP
