// The command line: which command it names, whether it fits that command, and what becomes of errors.
#include "tool/command.hpp"

#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "larder/status.hpp"
#include "larder/version.hpp"
#include "tool/commands/commands.hpp"

namespace larder::tool {
namespace {

constexpr const command* list[] = {
    &ls_command,      &info_command,      &stats_command, &stat_command,    &top_command,   &get_command,
    &put_command,     &erase_command,     &touch_command, &dump_command,    &watch_command, &bigkeys_command,
    &hotkeys_command, &histogram_command, &slabs_command, &clients_command, &check_command, &report_command,
    &create_command,  &rm_command,        &help_command,  &complete_command};

exit_code code_of(const error& problem) {
  if (problem.code() == make_error_code(status::damaged)) return exit_code::damaged;
  if (problem.code() == make_error_code(status::bad_argument)) return exit_code::usage;
  return exit_code::cannot_open;
}

const char* remedy_for(const std::error_code& what) {
  if (what == std::errc::not_enough_memory) return "raise ulimit -v, or ask for less";
  if (what == std::errc::too_many_files_open) return "raise ulimit -n, or close files that are inherited";
  if (what == std::errc::permission_denied) return "run this as the user it belongs to, or as root";
  if (what == make_error_code(status::detached)) return "end other users of the segment; `larder clients` shows them";
  return "see `larder ls` for the segments of this host, and `larder clients` for who uses one";
}

// How the library's errors end a command: in its words, which may hold a remedy. What the code says stands behind them.
failure failure_of(const error& problem) {
  std::string text = problem.what();
  const std::size_t remedy = text.find("; ");
  const std::string code_says = ": " + problem.code().message();
  if (remedy == std::string::npos || problem.code() == std::errc::permission_denied)
    return {code_of(problem), text.substr(0, remedy), remedy_for(problem.code())};
  if (text.ends_with(code_says)) text.resize(text.size() - code_says.size());
  return {code_of(problem), text.substr(0, remedy), text.substr(remedy + 2)};
}

std::string usage_of(const command& which) {
  return "larder " + std::string(which.name) + (which.arguments.empty() ? "" : " " + std::string(which.arguments)) +
         " [options]";
}

request understand(const command& which, const std::vector<std::string>& line) {
  po::options_description all = options_of(which);
  all.add_options()("word", po::value<std::vector<std::string>>());
  po::variables_map values;
  try {
    po::store(po::command_line_parser(line)
                  .options(all)
                  .positional(po::positional_options_description().add("word", -1))
                  .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& e) {
    fail_usage(e.what(), "see `larder " + std::string(which.name) + " --help` for all options");
  }
  std::vector<std::string> words;
  if (values.count("word") != 0) words = values["word"].as<std::vector<std::string>>();
  const bool fits = words.size() >= which.least && words.size() <= which.most;
  if (!fits && !values["help"].as<bool>())
    fail_usage(words.size() < which.least ? "something is missing" : "that is too much", "write " + usage_of(which));
  return {std::move(words), std::move(values)};
}

exit_code run(const std::vector<std::string>& line, writer& out) {
  if (line.empty() || line.front() == "--help" || line.front() == "-h") {
    out.text() += overview();
    out.flush();
    return line.empty() ? exit_code::usage : exit_code::yes;
  }
  if (line.front() == "--version") {
    out.text() += "larder " LARDER_VERSION_STRING "\n";
    out.flush();
    return exit_code::yes;
  }
  const command& which = command_called(line.front());
  const request asked = understand(which, {line.begin() + 1, line.end()});
  if (asked.flag("help")) {
    out.text() += help_of(which);
    out.flush();
    return exit_code::yes;
  }
  if (asked.has("clock"))
    static_cast<void>(asked.number("clock"));  // wrong is wrong, whether the command needs it or not
  const terminal where(STDOUT_FILENO, asked.text("color"));
  const exit_code result = which.run(asked, {out, where});
  out.flush();
  return result;
}

int complain(const failure& problem) {
  std::fprintf(stderr, "larder: %s\n", problem.what());
  return static_cast<int>(problem.code());
}

}  // namespace

void add_option(po::options_description& options, const char* names, const char* what) {
  options.add_options()(names, po::value<std::string>(), what);
}

void add_flag(po::options_description& options, const char* names, const char* what) {
  options.add_options()(names, po::bool_switch(), what);
}

std::span<const command* const> all_commands() noexcept { return list; }

const command* find_command(std::string_view name) noexcept {
  for (const command* each : list) {
    if (each->name == name) return each;
  }
  return nullptr;
}

const command& command_called(std::string_view name) {
  const command* which = find_command(name);
  if (which == nullptr) fail_usage("'" + std::string(name) + "' is no command", "see `larder help` for all of them");
  return *which;
}

po::options_description options_of(const command& which) {
  po::options_description all("Options");
  if (which.declare != nullptr) which.declare(all);
  add_flag(all, "json", "write JSON, the format that stays as it is");
  all.add_options()("color", po::value<std::string>()->default_value("auto"), "auto, always or never");
  add_option(all, "clock", "look at the segment as at this time of its clock, in milliseconds");
  add_flag(all, "help,h", "say this");
  return all;
}

std::string help_of(const command& which) {
  std::ostringstream text;
  text << "Usage: " << usage_of(which) << "\n\n" << which.summary << ".\n";
  if (!which.details.empty()) text << '\n' << which.details << '\n';
  text << '\n' << options_of(which);
  return text.str();
}

std::string overview() {
  std::string text =
      "Usage: larder COMMAND [SEGMENT] [options]\n\n"
      "Looks into larder caches, live, idle, crashed or damaged, without their noticing. SEGMENT is the name of a\n"
      "segment, or the path of a copy of one.\n\n";
  for (const command* each : list) {
    if (each == &complete_command) continue;  // for shells, not for people
    text +=
        "  " + std::string(each->name) + std::string(11 - each->name.size(), ' ') + std::string(each->summary) + '\n';
  }
  return text +
         "\n`larder help COMMAND` tells more. Exit codes: 0 yes, 1 no or not there, 2 usage, 3 cannot open,\n"
         "4 damaged. NO_COLOR is respected.\n";
}

int run_command_line(const std::vector<std::string>& line) {
  writer out(STDOUT_FILENO);
  try {
    return static_cast<int>(run(line, out));
  } catch (const failure& e) {
    return complain(e);
  } catch (const error& e) {
    return complain(failure_of(e));
  } catch (const std::bad_alloc&) {
    return complain({exit_code::cannot_open, "there is not enough memory", "raise ulimit -v, or ask for less"});
  } catch (const std::exception& e) {
    return complain({exit_code::cannot_open, e.what(), "see `larder help` for what can be asked"});
  }
}

}  // namespace larder::tool
