// supervisor: a soak run from outside. Rounds of some seconds, in which processes use the segment and die; between two
// rounds nobody is left, and everything is looked at.
//
// Every other round is roomy: all that can be stored in it fits at once, so whatever was acknowledged must be there unless
// something was evicted all the same, which the statistics tell (guarantee E).
#ifndef LARDER_TESTS_SOAK_SUPERVISOR_HPP
#define LARDER_TESTS_SOAK_SUPERVISOR_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "larder/larder.hpp"
#include "soak/board.hpp"
#include "soak/herd.hpp"
#include "soak/options.hpp"
#include "soak/user.hpp"
#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/temp_cache.hpp"

namespace soak {

class supervisor {
 public:
  explicit supervisor(const options& chosen);

  // Goes on for the time that is asked for, or until something is wrong. True if nothing is.
  bool run();

 private:
  using clock = std::chrono::steady_clock;

  void play_round();
  void act();
  // How a round ends: all are killed at once, or leave by themselves.
  void end_round();

  // With nobody else left.
  void audit();
  void look_at_what_is_left();
  void look_at_every_key(bool nothing_is_lost);
  void look_at_counters();
  void look_at_every_byte();
  void hold_something();
  void begin_anew();

  [[nodiscard]] bool is_sound() const noexcept { return notes_->complained.load() == 0; }
  [[nodiscard]] std::string progress() const;
  void say_now_and_then();
  void print_end();
  void keep_segment() const;

  options chosen_;
  support::shared_object<board> notes_;
  support::temp_cache cache_;
  herd herd_;
  support::random_source random_;
  std::vector<holding> held_;
  larder::stats before_;  // the round
  clock::time_point started_ = clock::now();
  clock::time_point said_ = started_;
  std::uint64_t rounds_ = 0, audits_ = 0, judged_ = 0, takeovers_ = 0, recoveries_ = 0;
};

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_SUPERVISOR_HPP
