// larder_replay: proves itself by FIFO and LRU, then replays traces against larder. See README.md beside the folder.
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "known_traces.hpp"
#include "options.hpp"
#include "proof.hpp"
#include "report.hpp"
#include "segment_run.hpp"
#include "trace.hpp"

namespace {

// The rows to measure: shares of the footprint, or the one capacity that was named.
std::vector<replay::report_row> rows_of(const replay::trace& of, const replay::options& chosen) {
  const auto footprint = static_cast<double>(of.footprint);
  if (chosen.capacity != 0) {
    return {{static_cast<double>(chosen.capacity) * 100 / footprint, chosen.capacity, std::nullopt}};
  }
  const replay::known_trace* known = replay::find_known(of);
  std::vector<replay::report_row> rows;
  for (const double percent : chosen.percents) {
    rows.push_back({percent, static_cast<std::size_t>(footprint * percent / 100),
                    known == nullptr ? std::nullopt : known->target_at(percent)});
  }
  return rows;
}

// False if the proof failed or an invariant is broken.
bool replay_trace(const std::string& path, const replay::options& chosen) {
  const replay::trace of = replay::read_trace(path);
  std::printf("%s: %zu requests of %" PRIu64 " keys; keys and values have %" PRIu64 " bytes\n", of.name.c_str(),
              of.requests.size(), of.keys, of.footprint);
  std::fflush(stdout);
  if (chosen.prove && !replay::prove(of)) return false;
  bool sound = true;
  replay::print_head();
  for (const replay::report_row& row : rows_of(of, chosen)) {
    if (row.capacity < larder::min_capacity) {
      replay::print_too_small(row);
      continue;
    }
    const replay::segment_result result = replay::run_segment(of, row.capacity, chosen.check);
    replay::print_result(row, result);
    sound = sound && result.violations.empty();
  }
  return sound;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const replay::options chosen = replay::parse_options(count, arguments);
    if (chosen.help) {
      std::fputs(replay::usage, stdout);
      return 0;
    }
    bool right = true;
    for (const std::string& path : chosen.traces) right = replay_trace(path, chosen) && right;
    return right ? 0 : 1;
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "larder_replay: %s\n\n%s", e.what(), replay::usage);
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "larder_replay: %s\n", e.what());
    return 1;
  }
}
