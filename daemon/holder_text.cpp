#include "daemon/holder_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace larderd {
namespace {

std::string seconds(larder::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

// Name and state of a process, from /proc/PID/stat: "pid (name) state ...", where the name may hold anything.
std::string name_and_state(std::uint32_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t begin = text.find('(');
  const std::size_t end = text.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end + 2 >= text.size()) return "gone";
  const char state = text[end + 2];
  std::string said = text.substr(begin + 1, end - begin - 1);
  if (state == 'T' || state == 't') said += ", stopped";
  if (state == 'D') said += ", waits for a device";
  return said;
}

}  // namespace

std::string describe(const larder::detail::holding& h) {
  const std::string who = h.pid_is_ours ? name_and_state(h.pid) : "of another PID namespace";
  std::string text = fmt::format("process {} ({}), attached for {}", h.pid, who, seconds(h.attached_for));
  std::string what;
  const auto add = [&](const std::string& thing) { what += (what.empty() ? ", holds " : "; ") + thing; };
  if (h.pins != 0) add(fmt::format("{} handles, one for at least {}", h.pins, seconds(h.oldest_pin)));
  if (h.reservations != 0)
    add(fmt::format("{} reservations, one for at least {}", h.reservations, seconds(h.oldest_reservation)));
  if (h.locked_stripe != 0)
    add(fmt::format("the lock of stripe {} for at least {}", h.locked_stripe - 1, seconds(h.locked_for)));
  if (h.limbo != 0) add(fmt::format("{} cells that it will free", h.limbo));
  return text + (what.empty() ? ", holds nothing" : what);
}

}  // namespace larderd
