#include "platform/kill_point.hpp"

namespace larder::platform {

std::atomic<kill_hook> on_kill_point{nullptr};

std::string_view to_string(kill_point point) noexcept {
  switch (point) {
#define LARDER_KILL_POINT_NAME(name) \
  case kill_point::name:             \
    return #name;
#include "platform/kill_points.def"
#undef LARDER_KILL_POINT_NAME
    case kill_point::count:
      break;
  }
  return "?";
}

}  // namespace larder::platform
