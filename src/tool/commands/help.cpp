// help: what the commands are and how each is used. complete: the same for shells, one word a line.
#include "tool/commands/commands.hpp"

namespace larder::tool {
namespace {

sheet sheet_of_commands() {
  sheet all{"commands",
            "",
            {{"name", "", unit::text}, {"arguments", "", unit::text}, {"summary", "", unit::text}},
            {},
            false};
  for (const command* each : all_commands())
    all.rows.push_back({std::string(each->name), std::string(each->arguments), std::string(each->summary)});
  return all;
}

sheet sheet_of_options(const command& which) {
  sheet all{"options", "", {{"name", "", unit::text}, {"text", "", unit::text}}, {}, false};
  const po::options_description options = options_of(which);
  for (const auto& option : options.options()) all.rows.push_back({"--" + option->long_name(), option->description()});
  return all;
}

exit_code help(const request& asked, const output& to) {
  const bool of_all = asked.words().empty();
  if (asked.json()) {
    to.show(asked, {{of_all ? sheet_of_commands() : sheet_of_options(command_called(asked.word(0)))}, {}});
  } else {
    to.out.text() += of_all ? overview() : help_of(command_called(asked.word(0)));
  }
  return exit_code::yes;
}

std::vector<std::string> completions_of(const std::string& what) {
  std::vector<std::string> words;
  if (what == "commands") {
    for (const command* each : all_commands()) words.emplace_back(each->name);
  } else if (what == "segments") {
    for (const std::string& name : segment_names()) words.push_back(encoded(name, encoding::escaped));
  } else if (const command* which = find_command(what); which != nullptr) {
    const po::options_description all = options_of(*which);
    for (const auto& option : all.options()) words.push_back("--" + option->long_name());
  } else {
    fail_usage("'" + what + "' cannot be completed", "write commands, segments, or the name of a command");
  }
  return words;
}

exit_code complete(const request& asked, const output& to) {
  sheet words{"words", "", {{"word", "", unit::text}}, {}, false};
  for (const std::string& word : completions_of(asked.word(0))) {
    if (!asked.json()) (to.out.text() += word) += '\n';
    words.rows.push_back({word});
  }
  if (asked.json()) to.show(asked, {{std::move(words)}, {}});
  return exit_code::yes;
}

}  // namespace

const command help_command{"help", "[COMMAND]", 0,    1, "Tells what the commands are and how each is used",
                           "",     nullptr,     &help};
const command complete_command{
    "complete", "commands|segments|COMMAND", 1, 1, "Lists words for a shell's completion", "", nullptr, &complete};

}  // namespace larder::tool
