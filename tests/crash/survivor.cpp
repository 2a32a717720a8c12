// The steps of a survivor, in the order in which it takes them.
#include "crash/survivor.hpp"

#include <exception>
#include <optional>

#include "crash/audit.hpp"
#include "support/temp_cache.hpp"

namespace crash {
namespace {

class survivor {
 public:
  survivor(stage& on, journal& notes, const losses& allowed) : stage_(on), notes_(notes), allowed_(allowed) {}

  [[nodiscard]] std::string go_on(first way) {
    try {
      look_at_everything([this](std::size_t key) {
        return allowed_.by_the_dead.empty() ? allowed_.evicts : static_cast<bool>(allowed_.by_the_dead[key]);
      });
      claim(stage_.hand.held_are_unchanged(), "what the survivor holds is unchanged");
      if (way == first::reaps) {
        listen();
        stage_.ear.reset();
        stage_.hand.release();
        find_nothing_of_the_dead();
      }
      use_everything();
      claim(stage_.hand.held_are_unchanged(), "what the survivor holds is unchanged after everything was used");
      listen();
      stage_.ear.reset();
      stage_.hand.release();
      look_at_everything([this](std::size_t) { return allowed_.evicts; });
      find_nothing_of_the_dead();
      clear_everything();
    } catch (const std::exception& e) {
      claim(false, e.what());
    }
    return complaints_;
  }

 private:
  [[nodiscard]] larder::cache& cache() { return *stage_.cache; }

  void claim(bool holds, const std::string& what) {
    if (!holds) complaints_ += "not true: " + what + "\n";
  }

  // Whoever died half way, its changes are told: a subscriber finds the dead by itself.
  void listen() {
    if (stage_.ear) complaints_ += stage_.ear->catch_up();
  }

  // Old or new, whole; gone only if that is what was asked for, or it may have been evicted.
  template <class MayBeGone>
  void look_at_everything(MayBeGone may_be_gone) {
    for (std::size_t key = 0; key < allowed_.keys; ++key) {
      const content old = notes_.now(key);
      const content in_flight = notes_.next(key);
      const std::optional<std::string> found = cache().get_copy(key_of(key));
      if (is(key, in_flight, found)) {
        notes_.settle(key, in_flight);
      } else if (old != in_flight && is(key, old, found)) {
        notes_.settle(key, old);
      } else {
        claim(may_be_gone(key) && !found, key_of(key) + " is old or new");
        notes_.settle(key, {content::kind::absent, 0, in_flight.sequence});
      }
    }
  }

  [[nodiscard]] static bool is(std::size_t key, content what, const std::optional<std::string>& found) {
    return what.what == content::kind::absent ? !found : found == bytes_of(key, what);
  }

  // Every key that was ever used, and with them every stripe: overwritten, and some of them erased.
  void use_everything() {
    for (std::size_t key = 0; key < allowed_.keys; ++key) {
      const content now = notes_.now(key);
      if (now == content{}) continue;
      const std::string name = key_of(key);
      larder::version before{};
      if (const larder::read_handle handle = cache().get(name)) before = handle.version();
      const bool stored = stage_.hand.put(key, now.size < 16 ? 16 : now.size);
      const larder::read_handle after = cache().get(name);
      claim(after.view() == bytes_of(key, notes_.now(key)), "what was just stored is there: " + name);
      claim(!after || !stored || after.version() > before, "its version has grown: " + name);
      if (key % 3 == 0 && after) stage_.hand.erase(key);  // where a full cache refuses, it may not be there
    }
  }

  void find_nothing_of_the_dead() {
    cache().reap();
    complaints_ += support::violations(cache()) + leftovers(stage_.name);
    claim(cache().check().cells_owned == 0, "no cell is owned");
    claim(cache().stats().pins == 0, "nothing is pinned");
    claim(cache().stats().attached_threads == 1, "the survivor alone is attached");
  }

  void clear_everything() {
    stage_.hand.clear();
    cache().reap();
    claim(cache().stats().items == 0, "no item is counted after clear");
    claim(cache().check().items == 0, "no item is there after clear");
    complaints_ += support::violations(cache()) + uncleared_cells(stage_.name);
  }

  stage& stage_;
  journal& notes_;
  const losses& allowed_;
  std::string complaints_;
};

}  // namespace

std::string go_on(stage& on, journal& notes, const losses& allowed, first way) {
  return survivor(on, notes, allowed).go_on(way);
}

std::string settle_what_was_in_flight(const std::string& segment, journal& notes) {
  std::string complaints;
  const larder::cache_view view = larder::cache_view::open(segment);
  for (std::size_t key = 0; key < most_keys; ++key) {
    const content old = notes.now(key);
    const content in_flight = notes.next(key);
    if (old == in_flight) continue;
    const std::optional<std::string> found = view.get_copy(key_of(key));
    const auto is = [&](content c) { return c.what == content::kind::absent ? !found : found == bytes_of(key, c); };
    if (!is(in_flight) && !is(old)) complaints += "not true: " + key_of(key) + " is old or new\n";
    notes.settle(key, is(in_flight) ? in_flight : old);
  }
  return complaints;
}

}  // namespace crash
