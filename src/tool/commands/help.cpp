// help: what the commands are and how each is used. complete: the same for shells, one word a line.
#include "tool/commands/commands.hpp"

namespace larder::tool {
namespace {

exit_code help(const request& asked, const output& to) {
  if (asked.words().empty()) {
    to.out.text() += overview();
    return exit_code::yes;
  }
  const command* which = find_command(asked.word(0));
  if (which == nullptr) fail_usage("'" + asked.word(0) + "' is no command; `larder help` lists them");
  to.out.text() += help_of(*which);
  return exit_code::yes;
}

exit_code complete(const request& asked, const output& to) {
  const std::string& what = asked.word(0);
  std::string& out = to.out.text();
  if (what == "commands") {
    for (const command* each : all_commands()) (out += each->name) += '\n';
  } else if (what == "segments") {
    for (const std::string& name : segment_names()) (out += encoded(name, encoding::escaped)) += '\n';
  } else if (const command* which = find_command(what); which != nullptr) {
    const po::options_description all = options_of(*which);
    for (const auto& option : all.options()) (out += "--" + option->long_name()) += '\n';
  } else {
    fail_usage("'" + what + "' cannot be completed; write commands, segments, or the name of a command");
  }
  return exit_code::yes;
}

}  // namespace

const command help_command{"help", "[COMMAND]", 0,    1, "Tells what the commands are and how each is used",
                           "",     nullptr,     &help};
const command complete_command{
    "complete", "commands|segments|COMMAND", 1, 1, "Lists words for a shell's completion", "", nullptr, &complete};

}  // namespace larder::tool
