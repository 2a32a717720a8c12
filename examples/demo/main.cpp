// The demonstration: what several worker processes gain from one shared cache in place of a private one in each. Reads
// the trace, builds the origin, serves the trace twice, the second time with larderd at work, prints the comparison.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "figures.hpp"
#include "fleet.hpp"
#include "keeper.hpp"
#include "larder/larder.hpp"
#include "lru_cache.hpp"
#include "options.hpp"
#include "origin.hpp"
#include "process_memory.hpp"
#include "progress_line.hpp"
#include "report.hpp"
#include "scratch.hpp"
#include "trace.hpp"

namespace demo {
namespace {

trace load(const options& chosen) {
  progress_line progress("[1/4] trace: " + chosen.trace_file.string());
  trace loaded = read_trace(chosen.trace_file, chosen.requests);
  const std::size_t footprint = loaded.footprint();
  progress.finish(with_commas(loaded.requests.size()) + " requests for " + with_commas(loaded.objects.size()) +
                  " keys of together " + in_mebibytes(footprint) + "; the cache memory of " +
                  in_mebibytes(chosen.memory) + " is " + std::to_string(chosen.memory * 100 / footprint) +
                  " % of that");
  return loaded;
}

void build(const std::filesystem::path& file, const trace& from) {
  progress_line progress("[2/4] origin: SQLite file " + file.string());
  origin_writer writer(file);
  for (std::uint32_t object = 0; object < from.objects.size(); ++object) {
    writer.add(from.key(object), from.objects[object].value_size);
    progress.update([&] { return with_commas(object) + " rows written"; });
  }
  writer.commit();
  progress.finish(with_commas(from.objects.size()) + " rows, " + in_mebibytes(std::filesystem::file_size(file)));
}

run_result serve_from_private_caches(const options& chosen, const trace& requests, const std::filesystem::path& file) {
  const std::size_t budget = chosen.memory / chosen.workers;
  progress_line progress("[3/4] private caches: " + std::to_string(chosen.workers) +
                         " workers, each with an LRU cache of " + in_mebibytes(budget));
  const std::uint64_t memory_before = proportional_memory(getpid());
  run_result result = run_fleet(chosen.workers, requests.requests.size(), {.before = memory_before}, progress,
                                [&](std::size_t worker, checkpoints& checks) {
                                  lru_cache cache(budget);
                                  origin source(file);
                                  checks.ready();
                                  serve(cache, source, requests, {worker, chosen.workers}, checks.report());
                                  checks.report().private_bytes = cache.used();
                                  checks.finished();
                                });
  progress.finish("done in " + with_decimals(result.elapsed.count(), 2) + " s");
  return result;
}

run_result serve_from_larder(const options& chosen, const trace& requests, const std::filesystem::path& file,
                             std::optional<keeper_report>& daemon) {
  const scratch_segment segment;
  progress_line progress("[4/4] larder: " + std::to_string(chosen.workers) + " workers, one segment '" +
                         segment.name() + "' of " + in_mebibytes(chosen.memory) +
                         (chosen.daemon.empty() ? "" : ", larderd"));
  const std::uint64_t memory_before = proportional_memory(getpid());
  larder::cache cache = larder::cache::create(
      segment.name(),
      {.capacity = chosen.memory, .max_threads = chosen.workers + 2});  // one each, this process's and larderd's
  std::optional<keeper> beside;
  if (!chosen.daemon.empty()) beside.emplace(chosen.daemon, segment.name(), file.parent_path());
  run_result result = run_fleet(chosen.workers, requests.requests.size(),
                                {.before = memory_before, .beside = beside ? beside->process() : 0}, progress,
                                [&](std::size_t worker, checkpoints& checks) {
                                  origin source(file);
                                  checks.ready();
                                  serve(cache, source, requests, {worker, chosen.workers}, checks.report());
                                  checks.finished();
                                });
  const larder::stats all = cache.stats();
  result.cache_bytes = all.capacity;
  result.evictions = all.evictions;
  if (beside) {
    daemon = beside->report();
    beside->end();
  }
  progress.finish("done in " + with_decimals(result.elapsed.count(), 2) + " s");
  return result;
}

int run(const options& chosen) {
  catch_interrupts();
  const trace requests = load(chosen);
  const scratch_directory scratch;
  const std::filesystem::path file = scratch.path() / "origin.sqlite";
  build(file, requests);
  comparison both{.workers = chosen.workers,
                  .memory = chosen.memory,
                  .private_caches = serve_from_private_caches(chosen, requests, file),
                  .larder = {},
                  .daemon = {}};
  both.larder = serve_from_larder(chosen, requests, file, both.daemon);
  print_table(both);
  return print_result(both) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  try {
    const std::optional<demo::options> chosen = demo::parse_options(argc, argv);
    return chosen ? demo::run(*chosen) : EXIT_SUCCESS;
  } catch (const std::invalid_argument& problem) {
    std::cerr << "larder_demo: " << problem.what() << '\n';
    return 2;
  } catch (const demo::interrupted&) {
    std::cerr << "\nlarder_demo: interrupted; everything is cleaned up\n";
    return 130;
  } catch (const std::exception& problem) {
    std::cerr << "larder_demo: " << problem.what() << '\n';
    return EXIT_FAILURE;
  }
}
