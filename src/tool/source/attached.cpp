#include "tool/source/attached.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

namespace larder::tool {
namespace {

// relaxed throughout: each number is right for some moment of the look
std::uint32_t in_use(const layout::atomic_ref32* first, std::size_t count) {
  return static_cast<std::uint32_t>(std::count_if(first, first + count, [](const layout::atomic_ref32& word) {
    return word.load(std::memory_order_relaxed) != layout::no_cell;
  }));
}

life life_of(const platform::process_identity& who) {
  if (platform::has_ended(who)) return life::dead;
  return who.pid_space == platform::this_process().pid_space ? life::alive : life::unknown;
}

void look_at_lock(const segment& memory, const layout::slot& slot, attached_thread& thread) {
  const std::uint32_t names = slot.waits_for.load(std::memory_order_acquire);
  if (names == 0 || names > memory.geometry().stripe_count()) return;
  const layout::lock_word lock{memory.stripe(names - 1).lock.load(std::memory_order_acquire)};
  if (!lock.unlocked() && lock.slot() == thread.slot) {
    thread.holds_stripe = names - 1;
    return;
  }
  thread.waits_for_stripe = names - 1;
  if (!lock.unlocked() && lock.slot() < memory.geometry().slot_count)
    thread.waits_for_pid = memory.slot(lock.slot()).pid.load(std::memory_order_relaxed);
}

attached_thread look_at(const segment& memory, std::uint32_t index, layout::slot_state state) {
  layout::slot& slot = memory.slot(index);
  attached_thread thread;
  thread.slot = index;
  thread.state = state;
  thread.generation = slot.generation.load(std::memory_order_relaxed);
  thread.pid = slot.pid.load(std::memory_order_relaxed);
  const platform::process_identity who{thread.pid, slot.started.load(std::memory_order_relaxed),
                                       slot.pid_space.load(std::memory_order_relaxed)};
  thread.pid_is_ours = who.pid_space != 0 && who.pid_space == platform::this_process().pid_space;
  thread.process = life_of(who);
  const std::uint64_t since = slot.attached_at.load(std::memory_order_relaxed);
  const std::uint64_t now = platform::exact_now();
  thread.attached_for_ms = now > since ? now - since : 0;
  thread.pins = in_use(slot.pins, layout::pins_per_slot);
  thread.reservations = in_use(slot.reserved, layout::reservations_per_slot);
  thread.subscriptions = slot.subscriptions.load(std::memory_order_relaxed);
  thread.limbo = in_use(slot.limbo(), memory.geometry().limbo_capacity);
  look_at_lock(memory, slot, thread);
  return thread;
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::vector<attached_thread> attached_threads(const image& of) {
  std::vector<attached_thread> all;
  const segment& memory = of.memory;
  const std::uint32_t used = memory::used_slots(memory);
  for (std::uint32_t i = 0; i < used; ++i) {
    const layout::slot_word word{memory.slot(i).state.load(std::memory_order_acquire)};
    if (word.state() != layout::slot_state::free) all.push_back(look_at(memory, i, word.state()));
  }
  return all;
}

std::size_t count_processes(const std::vector<attached_thread>& threads) {
  std::set<std::pair<bool, std::uint32_t>> pids;
  for (const attached_thread& thread : threads) {
    if (thread.process != life::dead) pids.emplace(thread.pid_is_ours, thread.pid);
  }
  return pids.size();
}

process_facts look_at_process(std::uint32_t pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  process_facts facts;
  facts.command = text_of_file(directory + "/cmdline");
  while (!facts.command.empty() && facts.command.back() == '\0') facts.command.pop_back();
  std::ranges::replace(facts.command, '\0', ' ');
  const std::string stat = text_of_file(directory + "/stat");
  if (const std::size_t at = stat.rfind(')'); at != std::string::npos && at + 2 < stat.size()) {
    facts.state = stat[at + 2];
    const std::size_t open = stat.find('(');
    if (facts.command.empty() && open < at) facts.command = stat.substr(open + 1, at - open - 1);
  }
  struct stat info {};
  if (::stat(directory.c_str(), &info) == 0) facts.user = user_name(info.st_uid);
  return facts;
}

std::string user_name(std::uint32_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

}  // namespace larder::tool
