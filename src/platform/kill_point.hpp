// Named points between the shared stores of every operation, where tests stop or kill the process. They vanish from
// builds without LARDER_KILL_POINTS.
#ifndef LARDER_PLATFORM_KILL_POINT_HPP
#define LARDER_PLATFORM_KILL_POINT_HPP

#include <atomic>
#include <string_view>

namespace larder::platform {

enum class kill_point : unsigned char {
#define LARDER_KILL_POINT_NAME(name) name,
#include "platform/kill_points.def"
#undef LARDER_KILL_POINT_NAME
  count
};

[[nodiscard]] std::string_view to_string(kill_point point) noexcept;

// Called at every point when set. Relaxed: tests set it before they start what they test.
using kill_hook = void (*)(kill_point);
extern std::atomic<kill_hook> on_kill_point;

inline void reach(kill_point point) noexcept {
  if (const kill_hook hook = on_kill_point.load(std::memory_order_relaxed)) hook(point);
}

}  // namespace larder::platform

#if LARDER_KILL_POINTS
#define LARDER_KILL_POINT(name) ::larder::platform::reach(::larder::platform::kill_point::name)
#else
#define LARDER_KILL_POINT(name) static_cast<void>(0)
#endif

#endif  // LARDER_PLATFORM_KILL_POINT_HPP
