#include "soak/board.hpp"

#include <algorithm>
#include <cstring>

namespace soak {

std::string name_of(std::size_t key) { return "key/" + std::to_string(key); }
std::string name_of_counter(std::size_t counter) { return "counter/" + std::to_string(counter); }

std::uint64_t record::oldest() const noexcept {
  return std::max(change::from(acknowledged.load()).number, seen.load());
}

std::string record::read(std::uint64_t number, std::uint64_t oldest) noexcept {
  const std::uint64_t newest = change::from(begun.load()).number;
  std::uint64_t before = seen.load();
  while (before < number && !seen.compare_exchange_weak(before, number)) {
  }
  const std::string value = "value " + std::to_string(number);
  if (number < oldest) return value + " is read, older than " + std::to_string(oldest);
  if (number > newest) return value + " is read, which nobody has stored: the newest is " + std::to_string(newest);
  if (number == refused.load()) return value + " is read, whose store changed nothing by its answer";
  return {};
}

std::optional<std::uint64_t> record::certain() const noexcept {
  const std::uint64_t last = acknowledged.load();
  if (begun.load() != last || !change::from(last).stores || mortal.load() != 0) return std::nullopt;
  return change::from(last).number;
}

void board::complain(const std::string& what) noexcept {
  const std::uint32_t at = complained.fetch_add(1);
  if (at >= complaints.size()) return;
  std::strncpy(complaints[at].text, what.c_str(), sizeof complaints[at].text - 1);
  complaints[at].ready.store(1);
}

bool board::enter(pid_t process) noexcept {
  for (const std::atomic<std::int32_t>& known : processes) {
    if (known.load() == process) return true;
  }
  for (std::atomic<std::int32_t>& known : processes) {
    std::int32_t nobody = 0;
    if (known.compare_exchange_strong(nobody, process)) return true;
  }
  return false;
}

std::size_t board::leave(pid_t process) noexcept {
  const std::size_t in_call = free_lanes(process);
  for (std::atomic<std::int32_t>& known : processes) {
    std::int32_t same = process;
    known.compare_exchange_strong(same, 0);  // twice there, if it entered itself at the moment that it was entered
  }
  return in_call;
}

std::size_t board::free_lanes(pid_t process) noexcept {
  std::size_t in_call = 0;
  for (lane& each : lanes) {
    if (each.owner.load() != process) continue;
    in_call += each.in_call.exchange(0);
    each.owner.store(0);
  }
  return in_call;
}

std::size_t board::take_lane(pid_t process) noexcept {
  const std::size_t first = births.fetch_add(1);
  for (std::size_t i = 0; i < lane_count; ++i) {
    const std::size_t at = (first + i) % lane_count;
    std::int32_t nobody = 0;
    if (lanes[at].owner.compare_exchange_strong(nobody, process)) return at;
  }
  return lane_count;
}

std::uint64_t board::operations() const noexcept {
  std::uint64_t sum = 0;
  for (const lane& each : lanes) sum += each.operations.load();
  return sum;
}

}  // namespace soak
