#include "step/campaign.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

#include "step/path.hpp"
#include "step/world.hpp"
#include "support/watchdog.hpp"

namespace step {
namespace {

constexpr std::size_t longest_way = 50'000'000;
constexpr std::size_t most_texts = 20;
constexpr double bound = 10;  // seconds that a survivor may take for all that it does; usually some milliseconds

// A death: how the victim is led to its place.
struct leg {
  const path* way;
  std::size_t place;
};

std::string text_of(crash::first way) {
  return way == crash::first::writes ? "the survivor writes first" : "the survivor reaps first";
}

// What a death leaves behind: the bytes of the segment, and what the kernel knows of the dead thread. That changes by
// system calls, and by the list of mutexes that it is to mark.
class estate {
 public:
  explicit estate(std::span<const std::byte> segment) : segment_(segment) {}

  // True if it is not what it was the last time; of the first time there is nothing to say.
  bool changes(const tracee& of, bool called_the_kernel) {
    const tracee::robust_list mutexes = of.robust_mutexes();
    const bool same_bytes =
        seen_.size() == segment_.size() && std::memcmp(seen_.data(), segment_.data(), segment_.size()) == 0;
    const bool same = same_bytes && mutexes == mutexes_ && !called_the_kernel;
    const bool first = seen_.empty();
    if (!same_bytes) seen_.assign(segment_.begin(), segment_.end());
    mutexes_ = mutexes;
    return !same && !first;
  }

 private:
  std::span<const std::byte> segment_;
  std::vector<std::byte> seen_;
  tracee::robust_list mutexes_{};
};

class game {
 public:
  game(const chain& what, const sampling& chosen, tally& found, const std::function<void()>& note)
      : what_(what), chosen_(chosen), found_(found), note_(note), world_(what) {}

  // False: by luck of the hash there was no need to; a stripe that grew last has left room behind, say.
  [[nodiscard]] bool does_what_its_name_says() {
    const row& only = *what_.victims.front();
    if (only.counter == nullptr) return true;
    world_.reset();
    const std::uint64_t before = world_.stats().*only.counter;
    world_.start(only)->finish();
    return world_.stats().*only.counter != before;
  }

  void play() {
    live_to_the_end();
    if (!is_enough()) descend();
    found_.complete = !is_enough();
  }

 private:
  using victims = std::vector<std::unique_ptr<tracee>>;

  // Nobody dies but of having ended: everything must be right then, too.
  void live_to_the_end() {
    for (const crash::first way : {crash::first::writes, crash::first::reaps}) {
      world_.reset();
      world_.start(*what_.victims.front())->finish();
      if (what_.victims.size() == 1) world_.learn_losses();
      judge(way, {});
    }
  }

  // Those who are attached before anybody dies stand at their marks from the start.
  [[nodiscard]] victims assemble() {
    world_.reset();
    victims all(what_.victims.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || what_.victims[i]->by != entry::inherits) all[i] = world_.start(*what_.victims[i]);
    }
    return all;
  }

  tracee& victim_of(victims& all, std::size_t i) {
    if (!all[i]) all[i] = world_.start(*what_.victims[i]);
    return *all[i];
  }

  // Lets the first victims die, each at its place. False: one did not come there.
  [[nodiscard]] bool let_die(victims& all, const std::vector<leg>& legs, bool by_steps_alone) {
    for (std::size_t i = 0; i < legs.size(); ++i) {
      tracee& victim = victim_of(all, i);
      const bool there =
          by_steps_alone ? path::step_to(victim, legs[i].place) : legs[i].way->lead(victim, legs[i].place);
      if (!there) return false;
      const pid_t process = victim.process();
      victim.kill();
      world_.hide(process);
      ++found_.deaths;
    }
    return true;
  }

  // The same from the start. Where a victim goes another way than when it was recorded, it is led by steps alone.
  [[nodiscard]] bool let_all_die(const std::vector<leg>& legs) {
    for (const bool by_steps_alone : {false, true}) {
      victims all = assemble();
      if (let_die(all, legs, by_steps_alone)) return true;
    }
    return false;
  }

  // The way of the victim after those who die; empty if one of these did not come to its place.
  [[nodiscard]] path record(const std::vector<leg>& before) {
    path way;
    victims all = assemble();
    if (!let_die(all, before, false)) return way;
    tracee& victim = victim_of(all, before.size());
    const bool is_last = before.size() + 1 == what_.victims.size();
    estate left(world_.segment());
    std::uint64_t address = 0;
    do {
      const std::uint64_t before_it = std::exchange(address, victim.at());
      // A value is copied by an instruction with a REP prefix: of its repetitions, one stands for all.
      const bool asked = (!is_last || chosen_.distinct) && address != before_it;
      way.add(address, asked && left.changes(victim, before_it != 0 && tracee::is_system_call(before_it)));
      if (way.places() > longest_way) throw std::runtime_error(what_.name + " does not come to its end");
    } while (!tracee::is_end(address) && victim.step());
    return way;
  }

  void descend(std::vector<leg> before = {}) {
    const bool is_last = before.size() + 1 == what_.victims.size();
    if (is_last && found_.way > ways_++) return;
    const path way = record(before);
    if (way.places() == 0) {
      ++found_.missed;
    } else if (is_last) {
      sweep(way, before);
    } else {
      const std::vector<std::size_t> states = some_of(way.states(), before.size());
      if (before.empty()) branches_ = states.size();
      for (const std::size_t place : states) {
        if (is_enough()) return;
        before.push_back({&way, place});
        descend(before);
        before.pop_back();
      }
      return;
    }
    ++found_.way;
    found_.next = 0;
  }

  [[nodiscard]] bool is_enough() const { return chosen_.first && found_.violations != 0; }

  [[nodiscard]] std::vector<std::size_t> some_of(const std::vector<std::size_t>& states, std::size_t depth) const {
    const std::size_t wanted = std::max<std::size_t>(chosen_.states >> depth, 1);
    if (chosen_.states == 0 || wanted >= states.size()) return states;
    std::vector<std::size_t> some;
    for (std::size_t i = 0; i < wanted; ++i) {
      some.push_back(states[(i * states.size() / wanted + chosen_.offset) % states.size()]);
    }
    return some;
  }

  [[nodiscard]] std::size_t stride_on(const path& way) const {
    if (chosen_.stride != 0) return chosen_.stride;
    std::size_t ways = 1;
    for (std::size_t i = 1; i < what_.victims.size(); ++i) ways *= std::max<std::size_t>(branches_, 1);
    const std::size_t here = std::max<std::size_t>(chosen_.places / ways, 2);
    return std::max<std::size_t>(way.places() / here, 1);
  }

  // The places of a last victim's way that are tried.
  [[nodiscard]] std::vector<std::size_t> places_on(const path& way) const {
    if (chosen_.only) return {*chosen_.only};
    if (chosen_.distinct) return way.states();
    const std::size_t stride = stride_on(way);
    std::vector<std::size_t> places;
    for (std::size_t place = chosen_.offset % stride; place < way.places(); place += stride) places.push_back(place);
    return places;
  }

  void sweep(const path& way, const std::vector<leg>& before) {
    const std::vector<std::size_t> places = places_on(way);
    if (found_.next == 0) found_.instructions += way.places() - 1;
    for (std::size_t i = found_.next; i < places.size(); ++i) {
      std::vector<leg> legs = before;
      legs.push_back({&way, places[i]});
      kill_and_judge(legs, i % 2 == 0 ? crash::first::writes : crash::first::reaps);
      found_.next = i + 1;
      note_();
      if (is_enough()) return;
    }
  }

  void kill_and_judge(const std::vector<leg>& legs, crash::first turn) {
    ++found_.places;
    for (const crash::first way : {crash::first::writes, crash::first::reaps}) {
      if (!chosen_.both_ways && way != turn) continue;
      support::arm_watchdog(what_.name.c_str());
      try {
        if (!let_all_die(legs)) {
          ++found_.missed;
          return;
        }
        judge(way, legs);
      } catch (const std::exception& e) {
        complain(way, legs, std::string(e.what()) + "\n");
      }
    }
  }

  void judge(crash::first way, const std::vector<leg>& legs) {
    support::arm_watchdog((what_.name + ", " + text_of(way)).c_str());
    const auto start = std::chrono::steady_clock::now();
    std::string wrong = world_.judge(way);
    const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    found_.slowest = std::max(found_.slowest, taken);
    if (taken > bound) wrong += "not true: the survivor comes to its end in time\n";
    if (!wrong.empty()) complain(way, legs, wrong);
  }

  void complain(crash::first way, const std::vector<leg>& legs, const std::string& wrong) {
    ++found_.violations;
    if (found_.texts.size() == most_texts) return;
    std::string where = legs.empty() ? "nobody was killed" : "";
    for (const leg& l : legs) {
      char address[32];
      std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(l.way->at(l.place)));
      where += (where.empty() ? "dead at " : ", then at ") + std::to_string(l.place) + " (" + address + ")";
    }
    found_.texts.push_back(what_.name + ", " + where + ", " + text_of(way) + ":\n" + wrong);
  }

  const chain& what_;
  const sampling& chosen_;
  tally& found_;
  const std::function<void()>& note_;
  world world_;
  std::uint64_t ways_ = 0;
  std::size_t branches_ = 1;  // places of the first victim that are tried
};

}  // namespace

void play(const chain& what, const sampling& chosen, tally& found, const std::function<void()>& note) {
  constexpr int attempts = 5;  // each with a segment and a hash of its own
  for (int i = 0; i < attempts; ++i) {
    game one(what, chosen, found, note);
    if (!one.does_what_its_name_says()) continue;
    one.play();
    if (found.places != 0 || found.violations != 0) return;
    found = {};  // the first victim never came to its place again, as it had gone an unusual way when that was recorded
  }
  throw std::runtime_error(what.name + " does not do what its name says, or not in the same way twice");
}

}  // namespace step
