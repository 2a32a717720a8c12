// Guarantee D for the living: a process is stopped (SIGSTOP) at each point that a script comes to, at the first reach and
// at the middle one. While it stands still, gets of every key answer without a wait, stores succeed in every stripe but
// at most one, where they time out, check() finds nothing, and nobody takes from the stopped one what is its own. After
// SIGCONT it performs the rest of its script, and everything is as if it had never stopped.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crash/survivor.hpp"
#include "crash/victim.hpp"
#include "segment/segment.hpp"
#include "support/test.hpp"
#include "table/table.hpp"

namespace {

using crash::content;
using crash::script;
using crash::stage;
using larder::status;
using larder::platform::kill_point;
namespace layout = larder::layout;

constexpr larder::milliseconds patience{10};
constexpr larder::milliseconds clock_step{1};  // deadlines are counted in whole ones

// How many threads' slots those leave who die before a script begins.
std::size_t dead_before(const script& what) {
  std::size_t count = 0;
  for (const crash::corpse& c : what.before) count += 1 + dead_before(crash::script_called(c.script));
  return count;
}

// The first reach, and the middle one.
std::vector<std::uint32_t> reaches_to_stop_at(std::uint32_t count) {
  std::vector<std::uint32_t> chosen;
  if (count > 0) chosen.push_back(1);
  if (count > 2) chosen.push_back(count / 2 + 1);
  return chosen;
}

class bystander {
 public:
  explicit bystander(const script& what) : what_(what), options_(support::small(what.capacity)) {
    options_.max_threads = what.max_threads;
    if (what.refuses) options_.when_full = larder::full_policy::refuse;
    stage_.emplace(name_.str(), larder::cache::create(name_.str(), options_, {.lock_timeout = patience}), *notes_);
    what_.prepare(*stage_);
    raw_.emplace(larder::segment::open(name_.str(), larder::platform::access::read_only));
    for (std::uint32_t stripe = 0; stripe < raw_->geometry().stripe_count(); ++stripe) keys_.push_back(key_in(stripe));
  }

  [[nodiscard]] std::vector<std::uint32_t> count_reaches() {
    crash::live(what_, name_.str(), notes_);
    return {notes_->reached.begin(), notes_->reached.end()};
  }

  // False: the victim did not come to the point so often.
  [[nodiscard]] bool watch_one_stop(kill_point point, std::uint32_t reach) {
    std::optional<support::child> victim = crash::stop(what_, point, reach, name_.str(), notes_);
    if (victim) {
      look_on(static_cast<std::uint32_t>(victim->pid()));
      victim->resume();
      claim(victim->wait() == 0, "the stopped one performs the rest of its script");
    }
    complaints_ += crash::go_on(*stage_, *notes_, {.evicts = what_.evicts}, crash::first::writes);
    return victim.has_value();
  }

  [[nodiscard]] const std::string& complaints() const noexcept { return complaints_; }
  [[nodiscard]] bool was_kept_waiting() const noexcept { return kept_waiting_; }

 private:
  [[nodiscard]] larder::cache& cache() { return *stage_->cache; }

  void claim(bool holds, const std::string& what) {
    if (!holds) complaints_ += "not true: " + what + "\n";
  }

  [[nodiscard]] std::string key_in(std::uint32_t stripe) const {
    for (int i = 0;; ++i) {
      std::string key = "bystander/" + std::to_string(i);
      if (raw_->stripe_of(larder::table::hash_of(*raw_, {key})) == stripe) return key;
    }
  }

  void look_on(std::uint32_t victim) {
    const std::string before = belongings_of(victim);
    read_everything();
    write_everywhere(victim);
    claim(cache().reap() <= dead_before(what_), "only the dead are taken back from");
    complaints_ += support::violations(cache());
    read_everything();
    claim(stage_->hand.held_are_unchanged(), "what is held is unchanged");
    claim(belongings_of(victim) == before,
          "nobody touches a slot or a lock of a living one: " + before + "is now " + belongings_of(victim));
  }

  // Old or new, whole, and without a wait. The journal stays as it is: the stopped one goes on with it.
  void read_everything() {
    const std::uint64_t waits = cache().stats().lock_waits;
    for (std::size_t key = 0; key < crash::most_keys; ++key) {
      const content old = notes_->now(key);
      const content in_flight = notes_->next(key);
      const std::optional<std::string> found = cache().get_copy(crash::key_of(key));
      const auto is = [&](content c) {
        return c.what == content::kind::absent ? !found : found == crash::bytes_of(key, c);
      };
      claim(is(old) || is(in_flight) || (what_.evicts && !found), crash::key_of(key) + " is old or new");
    }
    claim(cache().stats().lock_waits == waits, "no get waits");
  }

  void write_everywhere(std::uint32_t victim) {
    for (std::uint32_t stripe = 0; stripe < keys_.size(); ++stripe) {
      const std::string& key = keys_[stripe];
      if (is_locked_by(victim, stripe)) {
        times_out(key);
        claim(!std::exchange(kept_waiting_, true), "a stopped one delays the writers of one stripe");
        continue;
      }
      const status outcome = cache().put(key, key);
      if (what_.refuses && outcome == status::no_space) continue;
      claim(outcome == status::ok, "a store elsewhere succeeds: " + std::string(to_string(outcome)));
      claim(cache().get(key).view() == key || what_.evicts, "what was just stored is there");
      claim(cache().erase(key) == status::ok || what_.evicts, "an erase elsewhere succeeds");
    }
  }

  // The bound is documented; what is added to it is for the machine, which may be busy.
  void times_out(const std::string& key) {
    const auto begin = std::chrono::steady_clock::now();
    const status outcome = cache().put(key, key);
    const auto time = std::chrono::steady_clock::now() - begin;
    if (what_.refuses && outcome == status::no_space) return;
    claim(outcome == status::timed_out, "a store into the stopped one's stripe: " + std::string(to_string(outcome)));
    claim(time + clock_step >= patience && time < patience + std::chrono::seconds(10), "it waits lock_timeout");
  }

  // A slot that was taken over has another generation than the dead owner's lock, and whoever only claims it holds none.
  [[nodiscard]] bool is_locked_by(std::uint32_t process, std::uint32_t stripe) const {
    const layout::lock_word word{raw_->stripe(stripe).lock.load()};
    if (word.unlocked() || !is_owner(process, word.slot())) return false;
    const layout::slot& holder = raw_->slot(word.slot());
    return layout::slot_word{holder.state.load()}.state() != layout::slot_state::claimed &&
           word.generation() == (holder.generation.load() & 0xFFFFU);
  }

  [[nodiscard]] bool is_owner(std::uint32_t process, std::uint32_t index) const {
    if (index >= raw_->geometry().slot_count) return false;
    const layout::slot_word word{raw_->slot(index).state.load()};
    if (word.state() == layout::slot_state::claimed) return word.recoverer_generation() == process;  // see slot.hpp
    return word.state() != layout::slot_state::free && raw_->slot(index).pid.load() == process;
  }

  // Slots that the process owns or recovers, and the locks that they hold, as text.
  [[nodiscard]] std::string belongings_of(std::uint32_t process) const {
    std::string text;
    for (std::uint32_t i = 0; i < raw_->geometry().slot_count; ++i) {
      const layout::slot_word word{raw_->slot(i).state.load()};
      const bool recovers = word.state() == layout::slot_state::recovering && is_owner(process, word.recoverer());
      if (!recovers && !is_owner(process, i)) continue;
      text += "slot " + std::to_string(i) + " state " + std::to_string(word.bits) + " generation " +
              std::to_string(raw_->slot(i).generation.load()) + "\n";
    }
    for (std::uint32_t i = 0; i < raw_->geometry().stripe_count(); ++i) {
      if (is_locked_by(process, i)) text += "stripe " + std::to_string(i) + "\n";
    }
    return text;
  }

  const script& what_;
  larder::create_options options_;
  support::temp_name name_;
  crash::shared_journal notes_;
  std::optional<stage> stage_;
  std::optional<larder::segment> raw_;
  std::vector<std::string> keys_;  // one for each stripe
  std::string complaints_;
  bool kept_waiting_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(crash_safety)
BOOST_AUTO_TEST_SUITE(stop_points)

BOOST_DATA_TEST_CASE(guarantee_D_holds_while_one_is_stopped_at_any_point_of,
                     boost::unit_test::data::make(crash::scripts()), what) {
  const std::vector<std::uint32_t> counts = bystander(what).count_reaches();
  int stops = 0;
  int with_lock = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto point = static_cast<kill_point>(i);
    for (const std::uint32_t reach : reaches_to_stop_at(counts[i])) {
      bystander sut(what);
      // Where counts depend on hashes, which differ from segment to segment, the reach may not come.
      stops += sut.watch_one_stop(point, reach);
      with_lock += sut.was_kept_waiting();
      BOOST_TEST(sut.complaints() == "", what.name << ", stopped at " << to_string(point) << ", reach " << reach
                                                   << ":\n"
                                                   << sut.complaints());
    }
  }
  BOOST_TEST(stops > 0);
  std::fprintf(stderr, "%-35s %4d stops, %3d of them with a lock\n", std::string(what.name).c_str(), stops, with_lock);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
