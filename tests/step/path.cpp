#include "step/path.hpp"

#include <unordered_map>

namespace step {

void path::add(std::uint64_t address, bool changed) {
  if (changed) states_.push_back(address_.size());
  address_.push_back(address);
}

// The best leaps from one place to those behind it, one after the other: that which costs least, in hits of the
// breakpoint and a share of the way that is left.
class path::leaps {
 public:
  // 1 / share: what a place of the way that is left costs.
  leaps(const path& on, std::size_t from, std::uint64_t share) : on_(on), from_(from), at_(from), share_(share) {}

  // The leap towards the next place.
  leap next() {
    ++at_;
    ++cost_;
    const std::uint64_t address = on_.address_[at_];
    // A breakpoint stops before an instruction with a REP prefix, and not between its repetitions. Whether one where the
    // victim stands counts depends on how it came there.
    if (address == on_.address_[at_ - 1] || address == on_.address_[from_]) return best_;
    const std::uint32_t times = ++times_[address];
    if (times * share_ < cost_) {
      cost_ = times * share_;
      best_ = {at_, times};
    }
    return best_;
  }

 private:
  const path& on_;
  std::size_t from_;
  std::size_t at_;
  std::uint64_t share_;
  std::uint64_t cost_ = 0;
  leap best_;
  std::unordered_map<std::uint64_t, std::uint32_t> times_;
};

path::leap path::first_leap(std::size_t place) const {
  if (first_leaps_.size() != address_.size()) {
    first_leaps_.assign(1, {});
    leaps from_the_mark(*this, 0, 256);
    while (first_leaps_.size() < address_.size()) first_leaps_.push_back(from_the_mark.next());
  }
  return first_leaps_[place];
}

bool path::lead(tracee& victim, std::size_t place) const {
  std::size_t at = 0;
  const auto jump = [&](const leap& over) {
    if (over.times == 0) return true;
    at = over.to;
    return victim.run_to(address_[at], over.times);
  };
  if (!jump(first_leap(place))) return false;
  for (const std::uint64_t share : {16U, 1U}) {
    leaps from_here(*this, at, share);
    leap best;
    for (std::size_t i = at; i < place; ++i) best = from_here.next();
    if (!jump(best)) return false;
  }
  while (at < place) {
    if (!victim.step()) return false;
    ++at;
  }
  return victim.at() == address_[place];
}

bool path::step_to(tracee& victim, std::size_t place) {
  for (std::size_t i = 0; i < place; ++i) {
    if (!victim.step()) return false;
  }
  return true;
}

}  // namespace step
