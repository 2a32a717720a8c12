// larder_step_tests: see options.cpp for what it does.
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <regex>
#include <stdexcept>
#include <vector>

#include "step/campaign.hpp"
#include "step/options.hpp"
#include "step/report.hpp"
#include "step/tracee.hpp"
#include "support/watchdog.hpp"

namespace {

constexpr int skipped = 77;

bool may_trace() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
  int state = 0;
  return child > 0 && ::waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

std::vector<const step::chain*> chosen_rows(const step::options& chosen) {
  std::vector<const step::chain*> rows;
  std::size_t turn = chosen.chosen.offset;
  for (const step::chain& row : step::chains()) {
    if (row.victims.size() > 1 && turn++ % chosen.chains != 0) continue;
    if (!chosen.rows || std::regex_search(row.name, *chosen.rows)) rows.push_back(&row);
  }
  return rows;
}

// The state is written now and then, and after each row.
class keeper {
 public:
  keeper(const step::options& chosen, const step::tallies& all) : chosen_(chosen), all_(all) {}
  void note() {
    if (chosen_.resume.empty() || std::chrono::steady_clock::now() < next_) return;
    write();
  }
  void write() {
    if (chosen_.resume.empty()) return;
    step::write_state(chosen_.resume, chosen_.chosen, all_);
    next_ = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  }

 private:
  const step::options& chosen_;
  const step::tallies& all_;
  std::chrono::steady_clock::time_point next_{};
};

bool run(const step::options& chosen) {
  step::stay_on_this_processor();
  step::tallies all;
  if (!chosen.resume.empty()) all = step::read_state(chosen.resume, chosen.chosen);
  keeper state(chosen, all);
  step::print_head();
  for (const step::chain* row : chosen_rows(chosen)) {
    step::tally& found = all[row->name];
    if (!found.complete) {
      try {
        step::play(*row, chosen.chosen, found, [&] { state.note(); });
      } catch (const std::exception& e) {
        ++found.violations;
        found.texts.push_back(row->name + ": " + e.what() + "\n");
      }
      support::disarm_watchdog();
      state.write();
    }
    step::print_line(row->name, found);
    if (chosen.chosen.first && found.violations != 0) break;
  }
  if (!chosen.json.empty()) step::write_json(chosen.json, chosen.chosen, all);
  return step::print_end(all);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const step::options chosen = step::parse_options(count, arguments);
    if (chosen.help) {
      std::fputs(step::usage, stdout);
      return 0;
    }
    if (chosen.list) {
      for (const step::chain* row : chosen_rows(chosen)) std::printf("%s\n", row->name.c_str());
      return 0;
    }
    if (!may_trace()) {
      std::puts("skipped: processes may not be traced here (a container needs --cap-add=SYS_PTRACE)");
      return skipped;
    }
    return run(chosen) ? 0 : 1;
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n%s", e.what(), step::usage);
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
