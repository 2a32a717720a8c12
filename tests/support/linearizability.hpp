// Decides whether what several processes saw of one key can be explained by one order of their calls, in which every
// call takes effect at one moment between its beginning and its end (guarantee A).
//
// The method is that of Wing and Gong with the memoisation of Lowe: it goes through the orders that the times allow,
// and never twice through the same set of finished calls with the same value. Keys are independent: each is checked
// alone.
#ifndef LARDER_TESTS_SUPPORT_LINEARIZABILITY_HPP
#define LARDER_TESTS_SUPPORT_LINEARIZABILITY_HPP

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace support {

enum class call : std::uint8_t { get, put, add, erase, cas, incr };

enum class outcome : std::uint8_t {
  unknown,  // the process died in the call: it took effect or not, at any time after its beginning
  done,
  absent,    // a miss, or not_found
  exists,    // add
  mismatch,  // cas
};

// REQUIRES: no value is ever written twice to a key, so that a value stands for a version.
struct operation {
  call what;
  outcome came_to;
  std::uint32_t key;
  std::int64_t argument;  // put, add, cas: the value to store; incr: the initial value of an absent counter
  std::int64_t seen;      // get: the value found; cas: the value whose version was expected; incr: the new value
  std::int64_t invoked;   // nanoseconds on a clock that all processes share
  std::int64_t responded;
};

// The calls of one process, in the order in which it made them.
using call_sequence = std::vector<operation>;

// REQUIRES: all operations have the same key, and the key was absent at first.
[[nodiscard]] bool is_linearizable(std::span<const call_sequence> processes);

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_LINEARIZABILITY_HPP
