#include "daemon/settings.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/trim.hpp>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "daemon/endpoint.hpp"
#include "daemon/units.hpp"

namespace larderd {
namespace {

namespace po = boost::program_options;

template <class T, class Assign>
po::typed_value<T>* read(Assign assign) {
  return po::value<T>()->notifier(assign);
}

void require_name(const std::string& name, bool known, const char* kind) {
  if (!known) throw bad_value("'" + name + "' is no " + kind + " of this host; make it, or name another");
}

void require_interval(duration d, milliseconds least, milliseconds most) {
  if (d.value < least || d.value > most)
    throw bad_value("an interval of " + std::to_string(d.value.count()) + "ms is out of range; write one from " +
                    std::to_string(least.count()) + "ms to " + std::to_string(most.count()) + "ms");
}

void require_level(const std::string& level) {
  static constexpr std::array<const char*, 5> levels{"debug", "info", "warning", "error", "off"};
  if (std::ranges::find(levels, level) == levels.end())
    throw bad_value("'" + level + "' is no level; write debug, info, warning, error or off");
}

void add_log_settings(po::options_description& to, log_settings& s) {
  auto add = to.add_options();
  add("log", read<std::string>([&s](const std::string& place) { s.to = place; }), "stderr, syslog or a file (stderr)");
  const auto set_level = [&s](const std::string& level) {
    require_level(level);
    s.level = level;
  };
  add("log-level", read<std::string>(set_level), "debug, info, warning, error or off (info)");
  add("log-json", read<yes_or_no>([&s](yes_or_no b) { s.json = b.value; }), "a JSON object a line: yes or no (no)");
  const auto set_size = [&s](byte_size b) { s.file_size = std::max<std::uint64_t>(b.value, 1024); };
  add("log-file-size", read<byte_size>(set_size), "when the log file is rotated (10MiB)");
  add("log-files", read<std::uint64_t>([&s](std::uint64_t n) { s.files = n; }), "old log files to keep (5)");
}

po::options_description settings_of(settings& s) {
  po::options_description all("Settings, of the command line (--KEY VALUE) and of the file (KEY = VALUE)");
  auto add = all.add_options();
  const auto each = [](std::vector<std::string>& to) {
    return po::value<std::vector<std::string>>()->composing()->notifier(
        [&to](const std::vector<std::string>& texts) { to.insert(to.end(), texts.begin(), texts.end()); });
  };
  add("segment", each(s.segments), "look after the segment of this name, now or when it appears; repeatable");
  add("pattern", each(s.patterns), "look after every segment whose name matches, like 'web-*'; repeatable");
  const auto set_sweep = [&s](duration d) {
    require_interval(d, milliseconds(10), milliseconds(60'000));
    s.sweep_interval = d.value;
  };
  add("sweep-interval", read<duration>(set_sweep), "how often expired items are removed (250ms)");
  const auto set_reap = [&s](duration d) {
    require_interval(d, milliseconds(5), milliseconds(10'000));
    s.reap_interval = d.value;
  };
  add("reap-interval", read<duration>(set_reap),
      "how often dead threads are looked for that the kernel does not tell of (50ms)");
  add("check-period", read<duration>([&s](duration d) { s.check_period = d.value; }),
      "how long one round of the integrity check takes (30min); off: none");
  add("hold-warning", read<duration>([&s](duration d) { s.hold_warning = d.value; }),
      "name threads that hold a handle or a lock for so long (30s); off: none");
  add("reserve", read<share>([&s](share r) { s.reserve = r.value; }),
      "share of each size class to keep free by evicting ahead (1%); off: none");
  add("metrics", read<std::string>([&s](const std::string& text) { s.metrics = endpoint::parse(text).text(); }),
      "serve metrics there: unix:/PATH or 127.0.0.1:PORT (nowhere)");
  add_log_settings(all, s.log);
  return all;
}

po::options_description section_of(segment_settings& s) {
  po::options_description all("Settings of a section [segment NAME]");
  auto add = all.add_options();
  add("create", read<yes_or_no>([&s](yes_or_no b) { s.create = b.value; }),
      "make the segment if there is none: yes or no (no)");
  const auto set_capacity = [&s](byte_size b) {
    if (b.value < larder::min_capacity) throw bad_value("the capacity is too small; write 1MiB or more");
    s.options.capacity = b.value;
  };
  add("capacity", read<byte_size>(set_capacity), "bytes of shared memory, all included (64MiB)");
  add("permissions", read<permission_bits>([&s](permission_bits p) { s.options.permissions = p.value; }),
      "octal permission bits (0600)");
  const auto set_owner = [&s](const std::string& name) {
    require_name(name, ::getpwnam(name.c_str()) != nullptr, "user");
    s.owner = name;
  };
  add("owner", read<std::string>(set_owner), "user to give it to (the daemon's)");
  const auto set_group = [&s](const std::string& name) {
    require_name(name, ::getgrnam(name.c_str()) != nullptr, "group");
    s.group = name;
  };
  add("group", read<std::string>(set_group), "group to give it to (the daemon's)");
  const auto set_policy = [&s](const std::string& what) {
    if (what != "evict" && what != "refuse")
      throw bad_value("'" + what + "' is nothing that a full cache does; write evict or refuse");
    s.options.when_full = what == "refuse" ? larder::full_policy::refuse : larder::full_policy::evict;
  };
  add("when-full", read<std::string>(set_policy), "what a full cache does: evict items, or refuse new ones (evict)");
  add("max-threads", read<std::uint32_t>([&s](std::uint32_t n) { s.options.max_threads = n; }),
      "threads that can be attached at once (derived from the capacity)");
  add("huge-pages", read<yes_or_no>([&s](yes_or_no b) { s.options.huge_pages = b.value; }),
      "ask for pages of 2 MiB: yes or no (yes)");
  return all;
}

po::options_description requests_of(command_line& line, bool& check, bool& help, bool& version) {
  po::options_description all("Command line only");
  auto add = all.add_options();
  add("config", po::value(&line.file), "read settings from this file");
  add("check-config", po::bool_switch(&check), "say whether the settings are right, and end");
  add("help", po::bool_switch(&help), "say this, and end");
  add("version", po::bool_switch(&version), "say the version, and end");
  return all;
}

std::string keys_of(const po::options_description& known) {
  std::string text;
  for (const auto& option : known.options()) text += (text.empty() ? "" : ", ") + option->long_name();
  return text;
}

// Reads a file line by line, so that each error knows its line. The syntax of a line is Boost.Program_options'.
class file_reader {
 public:
  file_reader(std::string path, settings& out) : path_(std::move(path)), out_(out), known_(settings_of(out)) {}

  void read() {
    std::ifstream in(path_);
    if (!in) throw settings_error(path_ + ": " + std::strerror(errno) + "; write the path of a file that is there");
    for (std::string line; std::getline(in, line);) {
      ++number_;
      const std::string text = boost::trim_copy(line.substr(0, line.find('#')));
      if (text.empty()) continue;
      if (text.front() == '[') {
        begin_section(text);
      } else {
        read_setting(text);
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw settings_error(path_ + ":" + std::to_string(number_) + ": " + what);
  }

  void begin_section(const std::string& text) {
    static const std::string start = "[segment ";
    const std::string name = text.size() > start.size() && text.starts_with(start) && text.back() == ']'
                                 ? boost::trim_copy(text.substr(start.size(), text.size() - start.size() - 1))
                                 : "";
    if (name.empty()) fail(text + " is no section; write [segment NAME]");
    if (out_.sections.contains(name)) fail("there is a section for '" + name + "' already; put the settings there");
    section_ = name;
    given_.clear();
    known_in_section_.emplace(section_of(out_.sections[name]));
    out_.segments.push_back(name);
  }

  void read_setting(const std::string& text) {
    const po::options_description& known = known_in_section_ ? *known_in_section_ : known_;
    std::istringstream line(text);
    try {
      const po::parsed_options parsed = po::parse_config_file(line, known, true);
      for (const po::option& option : parsed.options) {
        const std::string& key = option.string_key;
        if (option.unregistered)
          fail("'" + key + "' is no setting" + (section_.empty() ? "" : " of a segment") + "; there are " +
               keys_of(known));
        if (option.value.empty() || option.value.front().empty())
          fail("'" + key + "' has no value; write " + key + " = VALUE");
        const bool repeatable = known.find(key, false).semantic()->is_composing();
        if (const auto [at, first] = given_.emplace(key, number_); !first && !repeatable)
          fail("'" + key + "' is set in line " + std::to_string(at->second) + " already; remove one of the two");
      }
      po::variables_map values;
      po::store(parsed, values);
      po::notify(values);
    } catch (const bad_value& e) {
      fail(text.substr(0, text.find('=')) + "= ...: " + e.what());
    } catch (const po::error& e) {
      fail(std::string(e.what()) + "; write KEY = VALUE");
    }
  }

  std::string path_;
  settings& out_;
  po::options_description known_;
  std::optional<po::options_description> known_in_section_;
  std::string section_;
  std::map<std::string, int> given_;
  int number_ = 0;
};

po::variables_map parse(const command_line& line, const po::options_description& all) {
  po::variables_map values;
  po::store(po::command_line_parser(line.arguments)
                .options(all)
                .positional(po::positional_options_description().add("segment", -1))
                .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                .run(),
            values);
  return values;
}

// Calls act, and makes of what it throws something that names the command line.
template <class Act>
auto on_command_line(Act act) {
  try {
    return act();
  } catch (const bad_value& e) {
    throw settings_error(std::string("command line: ") + e.what());
  } catch (const po::error& e) {
    throw settings_error(std::string("command line: ") + e.what() + "; larderd --help names all options");
  }
}

}  // namespace

command_line read_command_line(int argc, const char* const* argv) {
  command_line line;
  line.arguments.assign(argv + std::min(argc, 1), argv + argc);
  bool check = false;
  bool help = false;
  bool version = false;
  settings ignored;
  po::options_description all = requests_of(line, check, help, version);
  all.add(settings_of(ignored));
  on_command_line([&] {
    po::variables_map values = parse(line, all);
    po::notify(values);
  });
  line.what = help ? request::help : version ? request::version : check ? request::check_config : request::run;
  return line;
}

settings load(const command_line& line) {
  settings result;
  if (!line.file.empty()) file_reader(line.file, result).read();
  command_line again;
  bool ignored = false;
  po::options_description all = requests_of(again, ignored, ignored, ignored);
  all.add(settings_of(result));
  on_command_line([&] {
    po::variables_map values = parse(line, all);
    po::notify(values);
  });
  if (result.segments.empty() && result.patterns.empty())
    throw settings_error((line.file.empty() ? "command line" : line.file) +
                         ": no segment is named; write segment = NAME, pattern = 'NAME*' or [segment NAME]");
  std::ranges::sort(result.segments);
  result.segments.erase(std::unique(result.segments.begin(), result.segments.end()), result.segments.end());
  return result;
}

std::string help_text() {
  command_line line;
  bool ignored = false;
  settings s;
  segment_settings section;
  std::ostringstream text;
  text
      << "Usage: larderd [--config FILE] [--KEY VALUE]... [SEGMENT]...\n\n"
         "Keeps larder segments in order: removes expired items, takes back what dead processes held, evicts ahead of\n"
         "demand. Runs in the foreground. SIGHUP reads the file again, SIGUSR1 writes a status to the log, SIGTERM "
         "ends.\n\n"
      << requests_of(line, ignored, ignored, ignored) << '\n'
      << settings_of(s) << '\n'
      << section_of(section);
  return text.str();
}

}  // namespace larderd
