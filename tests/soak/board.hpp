// The board: what all processes of a soak run know, in memory of their own outside the segment, which outlives whoever is
// killed. It is the oracle: what was asked for, what was acknowledged, and what has been read of each key.
//
// Each key belongs to a lane, and only the thread that has the lane changes it; everybody reads it. So the changes of a
// key have one order, whoever dies:
//
//     acknowledged, seen  <=  the number of any value that is read from now on  <=  begun
//
// Zero bytes are a valid board.
#ifndef LARDER_TESTS_SOAK_BOARD_HPP
#define LARDER_TESTS_SOAK_BOARD_HPP

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace soak {

inline constexpr std::size_t lane_count = 64;
inline constexpr std::size_t keys_per_lane = 64;
inline constexpr std::size_t key_count = lane_count * keys_per_lane;
inline constexpr std::size_t roomy_keys_per_lane = 16;  // of a round in which nothing may be lost
inline constexpr std::size_t counter_count = 16;
inline constexpr std::size_t most_processes = 32;

[[nodiscard]] std::string name_of(std::size_t key);
[[nodiscard]] std::string name_of_counter(std::size_t counter);
// Keys that are stored in a keyspace.
[[nodiscard]] constexpr bool is_in_keyspace(std::size_t key) noexcept { return key % 8 == 7; }
inline constexpr const char* keyspace_name = "soak";

// The number of a change of a key, and whether it leaves an item.
struct change {
  std::uint64_t number = 0;
  bool stores = false;

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return number << 1 | (stores ? 1U : 0U); }
  [[nodiscard]] static constexpr change from(std::uint64_t bits) noexcept { return {bits >> 1, (bits & 1U) != 0}; }
  friend constexpr bool operator==(const change&, const change&) = default;
};

// What is known of a key.
struct record {
  std::atomic<std::uint64_t> begun;         // change: the last one that was asked for
  std::atomic<std::uint64_t> acknowledged;  // change: the last one that returned
  std::atomic<std::uint64_t> seen;          // the newest value that anybody has read
  std::atomic<std::uint64_t> refused;       // the last one that "changed nothing"
  std::atomic<std::uint32_t> mortal;        // it may have a time to live

  // The oldest value that may still be read.
  [[nodiscard]] std::uint64_t oldest() const noexcept;
  // What is wrong with a value that was read when `oldest` was as given; empty: nothing. Notes that it was seen.
  [[nodiscard]] std::string read(std::uint64_t number, std::uint64_t oldest) noexcept;
  // The item that must be there, if its thread is in no call: unless something evicts.
  [[nodiscard]] std::optional<std::uint64_t> certain() const noexcept;
};

// A right to change keys, and what its thread is at.
struct lane {
  std::atomic<std::int32_t> owner;        // process; 0: nobody
  std::atomic<std::uint32_t> in_call;     // its thread is in a call of the cache
  std::atomic<std::uint64_t> operations;  // single writer
};

struct counter_record {
  std::atomic<std::int64_t> begun;         // how far it would count if every call had taken effect
  std::atomic<std::int64_t> acknowledged;  // how far it has counted at least
};

struct board {
  std::atomic<std::uint32_t> over;   // the round: all leave
  std::atomic<std::uint32_t> roomy;  // a round in which all fits, so that nothing may be lost
  std::atomic<std::uint64_t> births;
  std::atomic<std::uint64_t> forks, execs, threads, attachments;
  std::atomic<std::uint64_t> handles;  // that were held, and looked at again
  std::atomic<std::uint64_t> misses;   // of items that must be there unless something was evicted
  std::array<std::atomic<std::int32_t>, most_processes> processes;
  std::array<lane, lane_count> lanes;
  std::array<record, key_count> records;
  std::array<counter_record, counter_count> counters;

  // What was found to be wrong. What does not fit is counted only.
  struct complaint {
    std::atomic<std::uint32_t> ready;
    char text[1020];
  };
  std::array<complaint, 64> complaints;
  std::atomic<std::uint32_t> complained;

  void complain(const std::string& what) noexcept;

  // False: there are as many processes as there may be. A process that executed itself anew is known already.
  [[nodiscard]] bool enter(pid_t process) noexcept;
  // For whoever has collected the process: returns how many of its threads died in a call.
  std::size_t leave(pid_t process) noexcept;
  // Gives the lanes of a process back; returns how many of their threads were in a call.
  std::size_t free_lanes(pid_t process) noexcept;
  // lane_count: there is no free one.
  [[nodiscard]] std::size_t take_lane(pid_t process) noexcept;

  [[nodiscard]] std::uint64_t operations() const noexcept;
};

}  // namespace soak

#endif  // LARDER_TESTS_SOAK_BOARD_HPP
