// getopt_long and the ranges of the numbers.
#include "options.hpp"

#include <getopt.h>

#include <charconv>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace demo {
namespace {

constexpr char usage[] =
    R"(usage: larder_demo [options] [TRACE]

Serves a recorded access trace from an SQLite file by several worker processes, once with a private cache in each and
once with one larder for all, and compares the two. TRACE is a zstd-compressed CSV file (default:
examples/data/orm-busy-1m.csv.zst).

  --workers N    worker processes (1 to 64, default 4)
  --memory MIB   cache memory of each run, all workers together (1 to 65536, default 16)
  --requests N   serve only the first N requests (default 1000000)
  --quick        serve only the first 200000 requests
  --daemon FILE  the larderd that keeps larder's segment in order (default: the one built beside this; none: without)
  --help         print this

Exit status: 0 if every value was right and larder read the origin less often, 1 if not, 2 for a wrong command line,
130 after Ctrl-C.
)";

enum option_code { help = 1, quick, workers, memory, requests, daemon };

constexpr option known[] = {{"help", no_argument, nullptr, help},
                            {"quick", no_argument, nullptr, quick},
                            {"workers", required_argument, nullptr, workers},
                            {"memory", required_argument, nullptr, memory},
                            {"requests", required_argument, nullptr, requests},
                            {"daemon", required_argument, nullptr, daemon},
                            {nullptr, 0, nullptr, 0}};

std::size_t number_between(std::size_t least, std::size_t most, std::string_view text) {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    throw std::invalid_argument("'" + std::string(text) + "' is not a number from " + std::to_string(least) + " to " +
                                std::to_string(most));
  }
  return number;
}

}  // namespace

std::optional<options> parse_options(int argc, char** argv) {
  options chosen;
  for (int code = 0; (code = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    switch (code) {
      case help:
        std::cout << usage;
        return std::nullopt;
      case quick:
        chosen.requests = 200'000;
        break;
      case workers:
        chosen.workers = number_between(1, 64, optarg);
        break;
      case memory:
        chosen.memory = number_between(1, 65536, optarg) << 20;
        break;
      case requests:
        chosen.requests = number_between(1, 1'000'000'000, optarg);
        break;
      case daemon:
        chosen.daemon = std::string_view(optarg) == "none" ? "" : optarg;
        break;
      default:
        throw std::invalid_argument("see --help");
    }
  }
  if (optind < argc) chosen.trace_file = argv[optind++];
  if (optind < argc) throw std::invalid_argument("only one trace can be served; see --help");
  return chosen;
}

}  // namespace demo
