// life: what a process of a soak run does until it is killed or the round is over: it uses the cache in some threads,
// which come and go, and forks, executes itself anew, closes and opens the cache.
#ifndef LARDER_TESTS_SOAK_LIFE_HPP
#define LARDER_TESTS_SOAK_LIFE_HPP

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "larder/larder.hpp"
#include "soak/board.hpp"
#include "soak/user.hpp"
#include "support/random.hpp"

namespace soak {

// How a process is started: what it needs to execute itself anew, too.
struct calling {
  std::string segment;
  std::string board;       // descriptor, as a text
  std::string supervisor;  // process

  [[nodiscard]] std::vector<std::string> arguments() const { return {segment, board, supervisor}; }
};

class life {
 public:
  life(board& notes, calling how);
  // Of a forked process, which uses the cache as its parent has opened it.
  life(board& notes, calling how, bool patient);

  // Opens the cache, and goes on until the round is over. Returns the exit code.
  int live();

 private:
  // A thread beside the first one; a handle of it may outlive it.
  struct helper {
    std::atomic<bool> done = false;
    std::jthread thread;
  };

  enum class ending { leaves, opens_anew };

  ending go_on(larder::cache& cache);
  // In the forked child; never returns.
  [[noreturn]] void go_on_as_forked(larder::cache& cache, user& inherited);
  // False: all threads are told to leave.
  [[nodiscard]] bool may_go_on() const noexcept { return notes_.over.load() == 0 && !leaving_.load(); }
  void start_thread(larder::cache& cache);
  void help(larder::cache& cache, helper& me);
  void end_threads(bool all);
  void look_at_what_is_given();
  void fork(larder::cache& cache, user& mine);
  void execute_anew();

  board& notes_;
  calling how_;
  support::random_source random_;
  bool patient_;  // waits for whoever is stopped, as long as it takes
  std::atomic<bool> leaving_ = false;
  std::vector<std::unique_ptr<helper>> threads_;
  std::mutex given_mutex_;
  std::vector<holding> given_;  // by threads that have ended; guarded by given_mutex_
};

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_LIFE_HPP
