// herd: the processes of a soak run, as its supervisor sees them: started, killed, stopped, continued and collected. Those
// that were forked by others are its children, too, once their parents have let go of them.
#ifndef LARDER_TESTS_SOAK_HERD_HPP
#define LARDER_TESTS_SOAK_HERD_HPP

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "soak/board.hpp"
#include "support/random.hpp"

namespace soak {

class herd {
 public:
  struct tally {
    std::uint64_t started = 0, ended = 0, kills = 0, kills_in_call = 0, stops = 0, daemons = 0;
  };

  // `arguments`: of those who soak. `larderd`: path of a daemon to run beside them; empty: none.
  herd(board& notes, std::vector<std::string> arguments, std::string larderd);
  ~herd();
  herd(const herd&) = delete;
  herd& operator=(const herd&) = delete;

  // So many at least; and the daemon.
  void top_up(std::size_t processes);
  // Who has ended: complains of whoever did in another way than it should.
  void collect();
  void kill_one(support::random_source& random);
  void stop_one(support::random_source& random, std::chrono::milliseconds time);
  void kill_daemon();
  // Continues those whose time is over, or all.
  void resume(bool all);
  void kill_all();
  // False: some are still there at the deadline.
  [[nodiscard]] bool are_gone(std::chrono::milliseconds deadline);

  [[nodiscard]] const tally& counted() const noexcept { return counted_; }

 private:
  [[nodiscard]] pid_t start(const std::string& program, const std::vector<std::string>& words);
  void start_daemon();
  [[nodiscard]] std::string said_by_daemon() const;
  void note_end(pid_t process, int state);
  [[nodiscard]] std::optional<pid_t> any(support::random_source& random) const;
  void kill(pid_t process);

  board& notes_;
  std::vector<std::string> arguments_;
  std::string larderd_;
  pid_t daemon_ = 0;
  int daemon_log_ = -1;
  bool none_left_ = true;
  std::set<pid_t> killed_;
  std::map<pid_t, std::chrono::steady_clock::time_point> stopped_;
  tally counted_;
};

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_HERD_HPP
