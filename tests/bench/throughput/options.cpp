#include "options.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

std::size_t number(std::string_view text, std::string_view what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) {
    throw std::invalid_argument(std::string(what) + " wants a positive number, not '" + std::string(text) + "'");
  }
  return value;
}

std::regex regular_expression(const std::string& text) {
  try {
    return std::regex(text);
  } catch (const std::regex_error&) {
    throw std::invalid_argument("--filter wants a regular expression, not '" + text + "'");
  }
}

bool huge(std::string_view pages) {
  if (pages != "4k" && pages != "2m") throw std::invalid_argument("--pages wants 4k or 2m");
  return pages == "2m";
}

}  // namespace

const char* const usage =
    R"(larder_bench: speed and memory of larder beside the least any such cache must do ("floor": a hash, an index line
and an item line, unsynchronised) and a private boost::unordered_flat_map.

  --quick            a smoke test of less than a minute: small, few rounds
  --filter REGEX     only series whose name matches, e.g. 'get zipf/1M', 'attach', 'latency'
  --pages 4k|2m      page size of the floor and of larder (default 2m, where the kernel has them)
  --rounds N         rounds per comparison (default 9, quick 3)
  --memory-limit N   leave out what would need more than N GiB (default 6)
  --json FILE        write every round of every series to FILE
  --help             this text

Exit status: 0 if every value read was right (however slow), 1 if not, 2 for a wrong command line.
)";

options parse_options(int count, char** arguments) {
  options chosen;
  for (int at = 1; at < count; ++at) {
    const std::string_view option = arguments[at];
    const auto value = [&]() -> std::string {
      if (at + 1 == count) throw std::invalid_argument(std::string(option) + " wants a value");
      return arguments[++at];
    };
    if (option == "--help" || option == "-h") {
      chosen.help = true;
    } else if (option == "--quick") {
      chosen.quick = true;
    } else if (option == "--filter") {
      chosen.filter = regular_expression(value());
    } else if (option == "--pages") {
      chosen.huge_pages = huge(value());
    } else if (option == "--rounds") {
      chosen.rounds = number(value(), option);
    } else if (option == "--memory-limit") {
      chosen.memory_limit = number(value(), option) << 30;
    } else if (option == "--json") {
      chosen.json = value();
    } else {
      throw std::invalid_argument("unknown option '" + std::string(option) + "'");
    }
  }
  if (chosen.rounds == 0) chosen.rounds = chosen.quick ? 3 : 9;
  return chosen;
}

}  // namespace bench
