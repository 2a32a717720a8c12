#include "step/options.hpp"

#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace step {
namespace {

std::size_t number(std::string_view text, std::string_view option) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::invalid_argument(std::string(option) + " wants a number, not '" + std::string(text) + "'");
  return value;
}

std::size_t positive(std::string_view text, std::string_view option) {
  const std::size_t value = number(text, option);
  if (value == 0) throw std::invalid_argument(std::string(option) + " wants a number above 0");
  return value;
}

std::regex expression(const std::string& text) {
  try {
    return std::regex(text);
  } catch (const std::regex_error&) {
    throw std::invalid_argument("--rows wants a regular expression, not '" + text + "'");
  }
}

// Another one every day, so that in the long run every instruction is tried.
std::size_t offset_of_the_day() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::hours>(now).count() / 24);
}

}  // namespace

const char* const usage =
    R"(larder_step_tests: a process is led by ptrace through every operation and killed (SIGKILL) at instruction N; a
survivor must then find every item, use everything, and account for every byte. Rows 'a > b': b repairs after the death
of a, and is killed, too.

Which places are tried (by default a sample of each row, other places every day):
  --places N      about N places of each row, evenly spread (default 20)
  --stride K      every K-th instruction instead
  --offset O      from the O-th on (default: the number of the day)
  --distinct      every instruction, but for those before which a death leaves just what it leaves one instruction earlier:
                  the same bytes in the segment, the same robust mutexes, no system call between; and of the repetitions
                  of a REP prefix, one. The survivor both writes first and reaps first. A quarter of an hour; more with --states
  --states N      where those die who die before the last one of a row: at N of the states that they leave in the
                  segment, the second one at half as many (default 1; 0: at all)
  --all           every instruction, with the survivor both writing first and reaping first, and all states: hours
  --first         no more than the first that is wrong
  --at N          only instruction N, both ways: to repeat what was found

Which rows, and what is written:
  --rows REGEX    only rows whose name matches
  --chains N      of the rows in which a repairer dies, too, one in N; others every day (default 1)
  --list          the names of the rows, and no more
  --resume FILE   keeps what was found in FILE, and goes on from there if it exists
  --json FILE     writes the table to FILE
  --help          this text

Exit status: 0 if every survivor was content, 1 if not, 2 for a wrong command line, 77 where no process can be traced.
)";

options parse_options(int count, char** arguments) {
  options chosen;
  chosen.chosen.offset = offset_of_the_day();
  for (int at = 1; at < count; ++at) {
    const std::string_view option = arguments[at];
    const auto value = [&] {
      if (++at == count) throw std::invalid_argument(std::string(option) + " wants a value");
      return std::string(arguments[at]);
    };
    if (option == "--help" || option == "-h") {
      chosen.help = true;
    } else if (option == "--list") {
      chosen.list = true;
    } else if (option == "--rows") {
      chosen.rows = expression(value());
    } else if (option == "--chains") {
      chosen.chains = positive(value(), option);
    } else if (option == "--places") {
      chosen.chosen.places = positive(value(), option);
    } else if (option == "--stride") {
      chosen.chosen.stride = positive(value(), option);
    } else if (option == "--offset") {
      chosen.chosen.offset = number(value(), option);
    } else if (option == "--distinct") {
      chosen.chosen.distinct = true;
      chosen.chosen.both_ways = true;
    } else if (option == "--states") {
      chosen.chosen.states = number(value(), option);
    } else if (option == "--at") {
      chosen.chosen.only = number(value(), option);
      chosen.chosen.both_ways = true;
    } else if (option == "--first") {
      chosen.chosen.first = true;
    } else if (option == "--all") {
      chosen.chosen.stride = 1;
      chosen.chosen.offset = 0;
      chosen.chosen.states = 0;
      chosen.chosen.both_ways = true;
    } else if (option == "--resume") {
      chosen.resume = value();
    } else if (option == "--json") {
      chosen.json = value();
    } else {
      throw std::invalid_argument("there is no option " + std::string(option));
    }
  }
  return chosen;
}

}  // namespace step
