// attached: who uses a segment: the slots in use, and what the host's /proc tells about their processes.
#ifndef LARDER_TOOL_SOURCE_ATTACHED_HPP
#define LARDER_TOOL_SOURCE_ATTACHED_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tool/source/source.hpp"

namespace larder::tool {

enum class life : std::uint8_t { alive, dead, unknown };

struct attached_thread {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  layout::slot_state state = layout::slot_state::free;
  std::uint32_t pid = 0;
  bool pid_is_ours = false;  // counted in our PID namespace
  life process = life::unknown;
  std::uint64_t attached_for_ms = 0;
  std::uint32_t pins = 0;
  std::uint32_t reservations = 0;
  std::uint32_t subscriptions = 0;  // to changes
  std::uint32_t limbo = 0;
  std::optional<std::uint32_t> holds_stripe;
  std::optional<std::uint32_t> waits_for_stripe;
  std::uint32_t waits_for_pid = 0;  // who holds that one; 0: nobody now
};

[[nodiscard]] std::vector<attached_thread> attached_threads(const image& of);
[[nodiscard]] std::size_t count_processes(const std::vector<attached_thread>& threads);

// What /proc tells of a process; empty fields where it tells nothing.
struct process_facts {
  std::string command;
  std::string user;
  char state = '?';  // R, S, D, T, Z
};
[[nodiscard]] process_facts look_at_process(std::uint32_t pid);

// The user's name, or the number.
[[nodiscard]] std::string user_name(std::uint32_t uid);

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_ATTACHED_HPP
