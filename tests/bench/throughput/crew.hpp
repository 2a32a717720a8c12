// Two forked processes, each on a processor of its own, that walk through the same steps side by side.
//
// A step is done by the first member, the second, or both at once; the others sleep meanwhile. A barrier in shared
// memory stands before each step, so that members who work together start together. If a member fails, all stop.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_CREW_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_CREW_HPP

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

inline constexpr std::size_t crew_size = 2;

// What a member read in a step: up to three numbers.
using reading = std::array<double, 3>;

enum class who : unsigned { first = 1, second = 2, both = 3 };

struct crew_step {
  who members;
  std::function<reading(std::size_t member)> run;
};

// The readings of one step in one round; zeros for a member that was not in it.
using step_readings = std::array<reading, crew_size>;

// Runs `warm_up` once in each member, then all steps in each round. Result: [round][step]. Throws if a member failed,
// and std::system_error.
[[nodiscard]] std::vector<std::vector<step_readings>> run_crew(std::size_t rounds, const std::vector<crew_step>& steps,
                                                               const std::function<void(std::size_t member)>& warm_up);

// Runs `body` in one forked process, pinned to no processor, and returns what it read. Throws if it failed.
[[nodiscard]] reading run_forked(const std::function<reading()>& body);

// The processors this process may use.
[[nodiscard]] std::vector<int> usable_processors();
// Keeps the calling thread on one of them.
void stay_on(int processor);

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_CREW_HPP
