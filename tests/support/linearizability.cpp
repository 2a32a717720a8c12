// A state of the search is how far each process has come and what the key holds then.
#include "support/linearizability.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace support {
namespace {

using value = std::optional<std::int64_t>;

struct search_state {
  std::vector<std::uint32_t> finished;  // calls by process
  value held;

  [[nodiscard]] std::string fingerprint() const {
    const std::int64_t number = held.value_or(0);
    std::string bytes(reinterpret_cast<const char*>(finished.data()), finished.size() * sizeof(std::uint32_t));
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    bytes.push_back(held ? 'y' : 'n');
    return bytes;
  }
};

// Lets a call do what it is for; false if it cannot, with the key holding `held`.
bool take_effect(const operation& o, value& held) {
  switch (o.what) {
    case call::get:
      return held.has_value();
    case call::put:
      held = o.argument;
      return true;
    case call::add:
      if (held) return false;
      held = o.argument;
      return true;
    case call::erase:
      if (!held) return false;
      held.reset();
      return true;
    case call::cas:
      if (held != o.seen) return false;
      held = o.argument;
      return true;
    case call::incr:
      held = held.value_or(o.argument) + 1;
      return true;
  }
  return false;
}

// Whether the call may have come to what it did, with the key holding `held`; if so, `held` is brought up to date.
bool explains(const operation& o, value& held) {
  switch (o.came_to) {
    case outcome::absent:
      return !held;
    case outcome::exists:
      return held.has_value();
    case outcome::mismatch:
      return held && held != o.seen;
    case outcome::unknown:
    case outcome::done:
      break;
  }
  if (!take_effect(o, held)) return false;
  const bool told = o.what == call::get || o.what == call::incr;
  return !told || held == o.seen;
}

class search {
 public:
  explicit search(std::span<const call_sequence> processes) : processes_(processes) {}

  bool succeeds() {
    reach({std::vector<std::uint32_t>(processes_.size(), 0), value()});
    while (!open_.empty()) {
      const search_state state = std::move(open_.back());
      open_.pop_back();
      if (complete(state)) return true;
      for (std::size_t p = 0; p < processes_.size(); ++p) {
        if (next(state, p) && may_be_first(state, p)) finish(state, p);
      }
    }
    return false;
  }

 private:
  [[nodiscard]] const operation* next(const search_state& state, std::size_t p) const {
    return state.finished[p] < processes_[p].size() ? &processes_[p][state.finished[p]] : nullptr;
  }

  // Only calls whose effect nobody can know are left.
  [[nodiscard]] bool complete(const search_state& state) const {
    for (std::size_t p = 0; p < processes_.size(); ++p) {
      const operation* o = next(state, p);
      if (o && o->came_to != outcome::unknown) return false;
    }
    return true;
  }

  // No other unfinished call had ended before this one began.
  [[nodiscard]] bool may_be_first(const search_state& state, std::size_t p) const {
    const std::int64_t invoked = next(state, p)->invoked;
    for (std::size_t q = 0; q < processes_.size(); ++q) {
      const operation* o = next(state, q);
      if (o && o->came_to != outcome::unknown && o->responded < invoked) return false;
    }
    return true;
  }

  void finish(const search_state& state, std::size_t p) {
    const operation& o = *next(state, p);
    search_state after = state;
    ++after.finished[p];
    if (o.came_to == outcome::unknown) {
      reach(after);
      if (take_effect(o, after.held)) reach(std::move(after));
    } else if (explains(o, after.held)) {
      reach(std::move(after));
    }
  }

  void reach(search_state state) {
    if (reached_.insert(state.fingerprint()).second) open_.push_back(std::move(state));
  }

  std::span<const call_sequence> processes_;
  std::vector<search_state> open_;
  std::unordered_set<std::string> reached_;
};

}  // namespace

bool is_linearizable(std::span<const call_sequence> processes) { return search(processes).succeeds(); }

}  // namespace support
