// ward: one segment that the daemon looks after, and the times at which each of its chores is due.
//
// Nothing here waits: a chore takes a few milliseconds at most and goes on at its next turn, so that one segment cannot
// keep the others, the metrics or a signal from theirs.
#ifndef LARDER_DAEMON_WARD_HPP
#define LARDER_DAEMON_WARD_HPP

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/housekeeping.hpp"
#include "daemon/ownership.hpp"
#include "daemon/settings.hpp"

namespace larderd {

// What counters.def declares, for one segment.
struct ward_counters {
#define LARDER_DAEMON_COUNTER(name, kind, line, paragraph) std::uint64_t name = 0;
#include "daemon/counters.def"
#undef LARDER_DAEMON_COUNTER
};

class ward {
 public:
  using clock = std::chrono::steady_clock;

  // Attaches to the segment. Throws larder::error.
  ward(std::string name, ownership right, std::shared_ptr<spdlog::logger> log);

  // Does what is due, and returns when something is due next.
  clock::time_point work(const settings& how, clock::time_point now);

  // Somebody may have died: look at the next turn.
  void hurry() noexcept { due_.reap = {}; }

  // The processes that use the segment; and whether they are others than when this was asked last.
  [[nodiscard]] const std::vector<std::uint32_t>& processes() const noexcept { return processes_; }
  [[nodiscard]] bool has_others() noexcept { return std::exchange(others_, false); }

  // Writes what there is to know of the segment, and who holds what, to the log.
  void report();

  // True once the segment has lost its name; and once it has no other user either: nobody can ever need it.
  [[nodiscard]] bool is_nameless() const { return nameless_; }
  [[nodiscard]] bool is_forsaken() const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] ino_t inode() const { return right_.inode(); }
  [[nodiscard]] const ward_counters& counters() const noexcept { return counters_; }
  [[nodiscard]] larder::stats stats() const noexcept { return keeper_.stats(); }

 private:
  struct times {
    clock::time_point reap{}, collect = clock::time_point::max(), sweep{}, refill{}, slow{}, check{};
    [[nodiscard]] clock::time_point earliest() const noexcept;
  };
  // When a thread that holds something for long was named last, and how long it had held it then.
  struct naming {
    milliseconds held{0};
    std::uint64_t look = 0;
  };

  void do_chores(const settings& how, clock::time_point now);
  void reap(const settings& how, clock::time_point now);
  void sweep(const settings& how, clock::time_point now);
  void refill(const settings& how, clock::time_point now);
  void look_around(const settings& how, clock::time_point now);
  void check(const settings& how, clock::time_point now);
  void name_holders(milliseconds limit);

  std::string name_;
  ownership right_;
  std::shared_ptr<spdlog::logger> log_;
  larder::detail::housekeeper keeper_;
  ward_counters counters_;
  times due_;
  std::vector<std::uint32_t> processes_;
  bool others_ = false;
  clock::time_point others_came_{};
  bool nameless_ = false;  // as of the last look around
  std::chrono::duration<double, std::milli> refill_interval_{50};
  std::uint64_t inserted_ = 0;                                       // when the reserve was looked at last
  std::map<std::pair<std::uint32_t, std::uint32_t>, naming> named_;  // by slot and generation
  std::uint64_t looks_ = 0;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_WARD_HPP
