#include "soak/options.hpp"

#include <boost/program_options.hpp>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "soak/board.hpp"

namespace soak {

namespace po = boost::program_options;

namespace {

constexpr const char* head =
    R"(larder_soak: processes use one segment at random, and are killed, stopped and continued at random; they fork,
execute themselves anew, start threads and end them. What they read is compared with a board outside the segment. Now and
then all of them are gone: then check() must find every invariant in order, and every byte is counted.
)";
constexpr const char* tail = R"(
Exit status: 0 if nothing is wrong, 1 if something is (a copy of the segment is kept then), 2 for a wrong command line.
)";

template <class T>
void require_range(const char* option, T value, T least, T most) {
  if (value >= least && value <= most) return;
  throw po::error(std::string(option) + " wants " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

std::optional<options> parse_options(int argc, char** argv) {
  options chosen;
  std::int64_t seconds = chosen.time.count();
  std::uint64_t seed = 0;
  po::options_description all("Options");
  auto add = all.add_options();
  add("seconds", po::value(&seconds), "how long it goes on (60)");
  add("processes", po::value(&chosen.processes), "how many there are, but for those that fork; at most 16 (6)");
  add("capacity", po::value(&chosen.capacity_mib), "of the segment, in MiB (16)");
  add("seed", po::value(&seed), "the same random choices again, as far as the scheduler allows");
  add("larderd", po::value(&chosen.larderd), "the daemon's path: it runs beside them, and is killed and started again");
  add("help", "say this, and end");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, all), given);
  po::notify(given);
  if (given.contains("help")) {
    std::cout << head << "\n" << all << tail;
    return std::nullopt;
  }
  require_range<std::int64_t>("--seconds", seconds, 1, 1'000'000);
  require_range<std::size_t>("--processes", chosen.processes, 1, most_processes / 2);
  require_range<std::size_t>("--capacity", chosen.capacity_mib, 16, 65536);
  chosen.time = std::chrono::seconds(seconds);
  if (given.contains("seed")) ::setenv("LARDER_TEST_SEED", std::to_string(seed).c_str(), 1);
  return chosen;
}

}  // namespace soak
