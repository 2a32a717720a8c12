// larder_bench: runs the suites and tells the goals. See README.md beside the folder for how to read the tables.
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "options.hpp"
#include "results.hpp"
#include "suites.hpp"
#include "ticks.hpp"

namespace {

void run(const bench::options& chosen) {
  bench::ns_per_tick();
  bench::results measured;
  const bench::context ctx{chosen, measured};
  bench::run_present_keys(ctx);
  bench::run_forms(ctx);
  bench::run_changing_keys(ctx);
  bench::run_large_values(ctx);
  bench::run_changes(ctx);
  bench::run_latency(ctx);
  bench::run_processes(ctx);
  bench::run_memory(ctx);
  bench::run_attach(ctx);
  bench::print_goals(measured);
  if (!chosen.json.empty()) bench::write_json(chosen, measured);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const bench::options chosen = bench::parse_options(count, arguments);
    if (chosen.help) {
      std::fputs(bench::usage, stdout);
      return 0;
    }
    run(chosen);
    return 0;
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "larder_bench: %s\n\n%s", e.what(), bench::usage);
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "larder_bench: %s\n", e.what());
    return 1;
  }
}
