#include "cache/holders.hpp"

#include <algorithm>
#include <iterator>

#include "table/table.hpp"

namespace larder::detail {
namespace {

// Numbers of the words that are watched, in one slot.
constexpr std::uint32_t first_pin = 0;
constexpr std::uint32_t first_reservation = layout::pins_per_slot;
constexpr std::uint32_t lock = first_reservation + layout::reservations_per_slot;

}  // namespace

std::uint32_t stripe_locked_by(const segment& memory, std::uint32_t index) noexcept {
  const std::uint32_t waits_for = memory.slot(index).waits_for.load(std::memory_order_acquire);
  if (waits_for == 0 || waits_for > memory.geometry().stripe_count()) return 0;
  const layout::lock_word word{memory.stripe(waits_for - 1).lock.load(std::memory_order_acquire)};
  return !word.unlocked() && word.slot() == index ? waits_for : 0;
}

milliseconds holder_watch::seen_for(std::uint32_t slot, std::uint32_t word, std::uint64_t what) {
  sighting& last = seen_[std::uint64_t{slot} << 32 | word];
  if (last.what != what || last.look + 1 < look_) last = {what, now_, look_};
  last.look = look_;
  return milliseconds(static_cast<milliseconds::rep>(now_ - last.since));
}

holding holder_watch::look_at(const segment& memory, std::uint32_t index) {
  static const std::uint64_t our_space = platform::this_process().pid_space;
  layout::slot& slot = memory.slot(index);
  holding h;
  h.slot = index;
  h.generation = slot.generation.load(std::memory_order_relaxed);
  h.pid = slot.pid.load(std::memory_order_relaxed);
  h.pid_is_ours = slot.pid_space.load(std::memory_order_relaxed) == our_space && our_space != 0;
  const std::uint64_t attached = slot.attached_at.load(std::memory_order_relaxed);
  h.attached_for = milliseconds(static_cast<milliseconds::rep>(now_ > attached ? now_ - attached : 0));
  const auto note = [&](std::uint32_t word, std::uint64_t what, std::uint32_t& count, milliseconds& oldest) {
    if (what == 0) return;
    ++count;
    oldest = std::max(oldest, seen_for(index, word, std::uint64_t{h.generation} << 32 | what));
  };
  for (std::uint32_t p = 0; p < layout::pins_per_slot; ++p) {
    note(first_pin + p, slot.pins[p].load(std::memory_order_relaxed), h.pins, h.oldest_pin);
  }
  for (std::uint32_t r = 0; r < layout::reservations_per_slot; ++r) {
    const layout::cell_ref cell = slot.reserved[r].load(std::memory_order_relaxed);
    note(first_reservation + r, cell, h.reservations, h.oldest_reservation);
  }
  const layout::atomic_ref32* limbo = slot.limbo();
  h.limbo = static_cast<std::uint32_t>(
      std::count_if(limbo, limbo + memory.geometry().limbo_capacity, [](const layout::atomic_ref32& cell) noexcept {
        return cell.load(std::memory_order_relaxed) != layout::no_cell;
      }));
  h.locked_stripe = stripe_locked_by(memory, index);
  if (h.locked_stripe != 0) {
    // The stripe's change count is part of what is seen: a lock that is let go of and taken again is another one.
    const std::uint64_t changes = memory.stripe(h.locked_stripe - 1).changes.load(std::memory_order_relaxed);
    std::uint32_t one = 0;
    note(lock, (changes & 0xFFFFU) << 16 | (h.locked_stripe & 0xFFFFU), one, h.locked_for);
  }
  return h;
}

std::vector<holding> holder_watch::look(const segment& memory, std::uint32_t except) {
  std::vector<holding> all;
  ++look_;
  now_ = platform::exact_now();
  const std::uint32_t used = memory::used_slots(memory);
  for (std::uint32_t i = 0; i < used; ++i) {
    const layout::slot_word state{memory.slot(i).state.load(std::memory_order_acquire)};
    if (i != except && state.state() != layout::slot_state::free) all.push_back(look_at(memory, i));
  }
  std::erase_if(seen_, [this](const auto& entry) { return entry.second.look != look_; });
  return all;
}

}  // namespace larder::detail
