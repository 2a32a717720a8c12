// user: one thread of a soak run, which calls the cache at random and compares what it gets with the board.
#ifndef LARDER_TESTS_SOAK_USER_HPP
#define LARDER_TESTS_SOAK_USER_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "larder/larder.hpp"
#include "soak/board.hpp"
#include "support/random.hpp"

namespace soak {

// A handle, and what it read when it was taken (guarantee B).
class holding {
 public:
  holding(std::size_t key, larder::read_handle handle);
  // Complains if the bytes have changed.
  void look_again(board& notes) const;

 private:
  std::size_t key_;
  larder::read_handle handle_;
  std::string bytes_;
};

// Looks a value of a key that was read up in its record: complains if it is torn, too old, or nobody's.
void judge(board& notes, std::size_t key, std::string_view value, std::uint64_t oldest);

class user {
 public:
  // `lane` is the calling thread's until it is killed, or free_lanes. `patient`: no store may time out.
  user(board& notes, std::string segment, larder::cache& cache, std::size_t lane, bool patient);
  ~user();
  user(const user&) = delete;
  user& operator=(const user&) = delete;

  // One random call, or a few.
  void act();

  // What it holds, looked at again, and let go of.
  void let_go();
  // One of the handles that it holds, for another thread; empty if it holds none.
  [[nodiscard]] std::vector<holding> give_one_away();
  // In a forked child, of the user that its parent had there: nothing of it may be read.
  void drop_inherited() noexcept;

 private:
  struct opened {
    std::size_t key;
    std::size_t size;
    larder::reservation room;
  };
  struct kind {
    void (user::*call)();
    unsigned weight;
  };
  static const kind kinds[];

  // looking
  void look();
  void look_at_many();
  void hold();
  void look_again();
  void look_through_a_view();
  void visit();
  // storing
  void put();
  void put_in_place();
  void put_if();
  void cas();
  void remake();
  void touch();
  void erase();
  void count();
  // housekeeping
  void sweep();
  void reap();
  void check();
  void empty();

  [[nodiscard]] bool roomy() const noexcept { return notes_.roomy.load() != 0; }
  [[nodiscard]] std::size_t any_key();
  [[nodiscard]] std::size_t my_key();
  [[nodiscard]] std::size_t my_plain_key();  // not of the keyspace
  [[nodiscard]] std::size_t any_size();

  // A call that changes a key of this lane to a new value: call(name, value) returns its status. What else than ok it may
  // answer, and then has changed nothing, is `expected`.
  template <class Call>
  void store(std::size_t key, std::size_t size, larder::status expected, Call call);
  void settle(std::size_t key, change what, larder::status outcome, larder::status expected);
  // Complains of an answer that must not be; true if something was changed.
  bool is_done(std::size_t key, larder::status outcome, larder::status expected);
  // Calls a cache or, for keys that are stored there, a keyspace of it; the lane shows that a call is under way.
  template <class Call>
  auto call(std::size_t key, Call what);
  template <class Call>
  auto during(Call what);

  board& notes_;
  std::string segment_;
  larder::cache& cache_;
  larder::keyspace keyspace_;
  lane& lane_;
  std::size_t lane_index_;
  bool patient_;
  support::random_source random_;
  std::vector<holding> held_;
  std::vector<opened> reserved_;
};

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_USER_HPP
