// view: what `larder top` knows about a segment between two refreshes, and drawing it with ncurses.
#ifndef LARDER_TOOL_TOP_VIEW_HPP
#define LARDER_TOOL_TOP_VIEW_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tool/source/attached.hpp"
#include "tool/source/hot_keys.hpp"
#include "tool/source/memory_map.hpp"
#include "tool/source/rates.hpp"

namespace larder::tool {

struct view {
  std::string name;
  rates now;
  std::optional<double> probe_ns;  // a look-up of a key that is there, by the read-only mapping
  memory_map memory;
  std::vector<hot_key> hottest;
  std::vector<attached_thread> threads;
};

// Looks at the segment; keeps what it needs from one look to the next.
class watcher {
 public:
  watcher(std::string name, const image& in);
  // `sampling`: how long to look at the pins.
  [[nodiscard]] view look(std::chrono::milliseconds sampling);

 private:
  [[nodiscard]] std::optional<double> probe();

  std::string name_;
  const image& in_;
  rate_meter meter_;
  hot_keys hot_;
  std::uint32_t next_stripe_ = 0;
};

// On the standard screen of ncurses, whatever its size.
void draw(const view& v);

}  // namespace larder::tool

#endif  // LARDER_TOOL_TOP_VIEW_HPP
