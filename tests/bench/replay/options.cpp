#include "options.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace replay {
namespace {

template <class Number>
Number positive(std::string_view text, std::string_view what) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0)) {
    throw std::invalid_argument(std::string(what) + " wants positive numbers, not '" + std::string(text) + "'");
  }
  return value;
}

std::vector<double> numbers(std::string_view text, std::string_view what) {
  std::vector<double> all;
  for (;;) {
    const std::size_t end = text.find(',');
    all.push_back(positive<double>(text.substr(0, end), what));
    if (end == std::string_view::npos) return all;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

const char* const usage =
    R"(Usage: larder_replay [option...] TRACE...

Replays access traces against a larder segment and tells the miss ratio: each request is a get, and a put of a value of
the recorded size if the get missed. Capacities are the total memory of the segment, all included.

  --percent P,P...   capacities in percent of the bytes of all keys and values of the trace (default 1,10,20)
  --capacity BYTES   one capacity in bytes instead
  --prove            first replay the trace through FIFO and LRU, counting objects and then bytes, and fail unless the
                     miss ratios are those that other simulators found; only for the traces that they are known of
  --check            check every invariant of the segment at the end
  --help             this text

TRACE is a zstd-compressed CSV file with the columns time,key,value_size,op,ttl. Rows that delete are left out and times
to live are not used: a replay does not wait for the seconds of a trace to pass, so nothing in it could expire.

Exit status: 0 when all went well (however many misses), 1 for a failed proof, a broken invariant or a trace that cannot be
read, 2 for a wrong command line.
)";

options parse_options(int count, char** arguments) {
  options chosen;
  for (int at = 1; at < count; ++at) {
    const std::string_view option = arguments[at];
    const auto value = [&]() -> std::string_view {
      if (at + 1 == count) throw std::invalid_argument(std::string(option) + " wants a value");
      return arguments[++at];
    };
    if (option == "--help" || option == "-h") {
      chosen.help = true;
    } else if (option == "--prove") {
      chosen.prove = true;
    } else if (option == "--check") {
      chosen.check = true;
    } else if (option == "--percent") {
      chosen.percents = numbers(value(), option);
    } else if (option == "--capacity") {
      chosen.capacity = positive<std::size_t>(value(), option);
    } else if (option.starts_with("--")) {
      throw std::invalid_argument("unknown option '" + std::string(option) + "'");
    } else {
      chosen.traces.emplace_back(option);
    }
  }
  if (chosen.traces.empty() && !chosen.help) throw std::invalid_argument("which trace?");
  return chosen;
}

}  // namespace replay
