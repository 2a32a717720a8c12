// Every error says what is wrong, names it, and says what to do next: every command, on every kind of bad input. Nothing of
// an error goes to standard output, and the exit code is that of the manual.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/regex.hpp>
#include <cstring>
#include <functional>
#include <string>

#include "layout/layout.hpp"
#include "support/test.hpp"
#include "tool/command_lines.hpp"
#include "tool/sound_segment.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;

namespace {

constexpr int no = 1;
constexpr int usage = 2;
constexpr int cannot_open = 3;
constexpr int damaged = 4;

// What an error must be: "larder: WHAT; REMEDY", one line, where the remedy is an imperative: it begins with one of these.
const boost::regex error_with_remedy(
    "larder: [^;]+; "
    "(allow|choose|continue|end|erase|give|keep|let|lower|make|open|raise|redirect|remove|run|see|set|shorten|"
    "store|use|wait|write) [^\n]+\n");

void expect_error(const outcome& ended, int code, const std::string& names) {
  BOOST_TEST(ended.code == code, "exit code " << ended.code << " instead of " << code << ": " << ended.error);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(boost::regex_match(ended.error, error_with_remedy), "what to do is not told: " << ended.error);
  BOOST_TEST(holds(ended.error, names), "'" << names << "' is not named: " << ended.error);
}

std::string text_of(const command_line& line) {
  std::string text = "larder";
  for (const std::string& word : line) text += ' ' + word.substr(0, 40);
  return text;
}

command_line with(command_line line, const command_line& more) {
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

std::vector<command_line> every_command_on(const std::string& segment) {
  std::vector<command_line> all = commands_on(segment);
  for (const command_line& line : other_commands()) all.push_back(line);
  for (const std::string& command : making_commands) all.push_back({command, segment});
  return all;
}

// Something that stands where a segment should be.
struct bad_file {
  const char* what;
  int code;
  std::function<void(const std::string& path)> make;
};

std::vector<bad_file> bad_files() {
  const std::string sound = sound_segment();
  const auto bytes = [](const std::string& all) { return [all](const std::string& path) { write_file(path, all); }; };
  std::string other = sound;
  other[8] = static_cast<char>(other[8] + 1);                // the fingerprint
  other.replace(16, 4, std::string("\x05\x02\x09\x00", 4));  // the version
  std::string broken = sound;
  broken[40] = static_cast<char>(broken[40] ^ 1);
  return {{"nothing", cannot_open, [](const std::string&) {}},
          {"an empty file", cannot_open, bytes("")},
          {"zeroes", cannot_open, bytes(std::string(sound.size(), '\0'))},
          {"a file of something else", cannot_open, bytes("hello")},
          {"a segment of another version", cannot_open, bytes(other)},
          {"half a segment", damaged, bytes(sound.substr(0, sound.size() / 2))},
          {"a segment with a damaged header", damaged, bytes(broken)},
          {"a directory", cannot_open, [](const std::string& path) { ::mkdir(path.c_str(), 0700); }},
          {"a pipe", cannot_open, [](const std::string& path) { ::mkfifo(path.c_str(), 0600); }},
          {"links in a circle", cannot_open, [](const std::string& path) {
             if (::symlink(path.c_str(), path.c_str()) != 0) throw std::system_error(errno, std::generic_category());
           }}};
}

// From here on the process may open only what its permissions let it, also if it is root's.
void give_up_privileges() {
  if (::geteuid() != 0) return;
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);  // takes effect with exec
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
}

bool can_give_up_privileges() { return ::geteuid() != 0 || ::prctl(PR_CAPBSET_READ, CAP_SETPCAP) == 1; }

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(options_that_are_not_understood_are_named) {
  support::temp_cache sut;
  const std::pair<command_line, std::string> options[] = {{{"--no-such-option"}, "--no-such-option"},
                                                          {{"-Z"}, "-Z"},
                                                          {{"--json=yes"}, "--json"},
                                                          {{"--color"}, "--color"},
                                                          {{"--color", "purple"}, "purple"},
                                                          {{"--clock"}, "--clock"},
                                                          {{"--clock", "yesterday"}, "yesterday"}};
  for (const command_line& line : every_command_on(sut.name())) {
    for (const auto& [option, name] : options) {
      BOOST_TEST_CONTEXT(text_of(with(line, option))) { expect_error(run_tool(with(line, option)), usage, name); }
    }
  }
  BOOST_TEST(sut->stats().puts == 0u);
}

BOOST_AUTO_TEST_CASE(too_few_words_and_too_many_are_answered_by_what_to_write) {
  support::temp_cache sut;
  for (const command_line& line : every_command_on(sut.name())) {
    const std::string& command = line.front();
    if (line.size() > 1 && command != "help") BOOST_TEST_CONTEXT(command) {
        expect_error(run_tool({command}), usage, "larder " + command + " ");
      }
    if (command == "erase" || command == "rm") continue;  // these take any number
    command_line more{command};
    more.resize(6, sut.name());
    BOOST_TEST_CONTEXT(text_of(more)) { expect_error(run_tool(more), usage, "larder " + command); }
  }
  expect_error(run_tool({"bogus"}), usage, "'bogus'");
}

BOOST_AUTO_TEST_CASE(what_is_no_sound_segment_is_told_by_what_it_is) {
  for (const bad_file& file : bad_files()) {
    support::temp_name name;
    file.make(name.path());
    for (const command_line& line : commands_on(name.str())) {
      outcome ended = run_tool(line);
      if (line.front() == "info") ended.out.clear();  // it shows what can be shown
      BOOST_TEST_CONTEXT(text_of(line) << " on " << file.what) { expect_error(ended, file.code, name.str()); }
    }
    ::rmdir(name.path().c_str());  // the rest is removed with the name
  }
}

BOOST_AUTO_TEST_CASE(what_another_user_keeps_to_himself_is_told) {
  if (!can_give_up_privileges()) {
    BOOST_TEST_MESSAGE("skipped: this root may not give up what it may");
    return;
  }
  support::temp_name name;
  write_file(name.path(), sound_segment());
  if (::geteuid() == 0) BOOST_REQUIRE(::chown(name.path().c_str(), 65534, 65534) == 0);
  BOOST_REQUIRE(::chmod(name.path().c_str(), ::geteuid() == 0 ? 0600 : 0) == 0);
  for (const command_line& line : commands_on(name.str())) {
    BOOST_TEST_CONTEXT(text_of(line)) {
      expect_error(run_tool(line, {}, &give_up_privileges), cannot_open, name.str());
    }
  }
  // Who may read, but not write.
  BOOST_REQUIRE(::chmod(name.path().c_str(), 0444) == 0);
  for (const command_line& line : attaching_commands(name.str())) {
    BOOST_TEST_CONTEXT(text_of(line)) {
      expect_error(run_tool(line, {}, &give_up_privileges), cannot_open, name.str());
    }
  }
}

BOOST_AUTO_TEST_CASE(names_that_no_segment_can_have_are_refused) {
  for (const std::string& name : {std::string(), std::string(300, 'n'), std::string("."), std::string("..")}) {
    for (const command_line& line : commands_on(name)) {
      BOOST_TEST_CONTEXT(text_of(line)) { expect_error(run_tool(line), usage, "name"); }
    }
    for (const std::string& command : making_commands) expect_error(run_tool({command, name}), usage, "name");
  }
  for (const std::string& command : making_commands) expect_error(run_tool({command, "a/b"}), usage, "'/'");
  support::temp_name copy;
  write_file(copy.path(), sound_segment());
  for (const command_line& line : attaching_commands(copy.path())) BOOST_TEST_CONTEXT(text_of(line)) {
      expect_error(run_tool(line), usage, "live segment");
    }
}

BOOST_AUTO_TEST_CASE(values_that_are_not_understood_are_named) {
  support::temp_cache sut;
  const std::string& s = sut.name();
  const std::string fresh = s + "-new";
  const std::pair<command_line, std::string> wrong[] = {
      {{"get", s, "bad\\escape"}, "bad\\escape"},
      {{"get", s, "\\x4"}, "\\x4"},
      {{"get", s, ""}, "0 bytes"},
      {{"get", s, std::string(70'000, 'k')}, "70,000 bytes"},
      {{"get", s, "xyz", "--key-encoding", "hex"}, "xyz"},
      {{"get", s, "?", "--key-encoding", "base64"}, "'?'"},
      {{"get", s, "k", "--key-encoding", "rot13"}, "rot13"},
      {{"get", s, "k", "--hex", "--base64"}, "--hex"},
      {{"dump", s, "--cursor", "x"}, "'x'"},
      {{"dump", s, "--cursor", "xxxxxxxxxxxxxxxx"}, "xxxxxxxxxxxxxxxx"},
      {{"dump", s, "--regex", "("}, "--regex"},
      {{"dump", s, "--regex", "a{2,1}"}, "--regex"},
      {{"dump", s, "--prefix", "\\q"}, "\\q"},
      {{"dump", s, "--min-ttl", "soon"}, "soon"},
      {{"dump", s, "--max-ttl", "-1s"}, "-1s"},
      {{"dump", s, "--min-size", "1e400"}, "1e400"},
      {{"dump", s, "--max-size", "9 parsecs"}, "9 parsecs"},
      {{"dump", s, "--class", "big"}, "big"},
      {{"dump", s, "--min-age", "old"}, "old"},
      {{"dump", s, "--max-age", ""}, "''"},
      {{"dump", s, "--keyspace-id", "4294967296"}, "--keyspace-id"},
      {{"dump", s, "--hit", "--not-hit"}, "--hit"},
      {{"dump", s, "--hex", "--base64"}, "--hex"},
      {{"dump", s, "--output", "xml"}, "xml"},
      {{"dump", s, "--limit", "-1"}, "-1"},
      {{"dump", s, "--limit", "99999999999999999999"}, "99999999999999999999"},
      {{"bigkeys", s, "--limit", "few"}, "few"},
      {{"hotkeys", s, "--limit", "few"}, "few"},
      {{"hotkeys", s, "--for", "ever"}, "ever"},
      {{"hotkeys", s, "--for", "366d"}, "--for"},
      {{"check", s, "--limit", "few"}, "few"},
      {{"watch", s, "--limit", "few"}, "few"},
      {{"watch", s, "--for", "ever"}, "ever"},
      {{"watch", s, "--regex", "["}, "--regex"},
      {{"report", s, "--for", "ever"}, "ever"},
      {{"histogram", s, "colour"}, "colour"},
      {{"stat", s, "0"}, "'0'"},
      {{"stat", s, "25h"}, "25h"},
      {{"stat", s, "often"}, "often"},
      {{"stat", s, "10ms", "few"}, "few"},
      {{"top", s, "--interval", "1ms"}, "1ms"},
      {{"top", s, "--interval", "2h"}, "2h"},
      {{"top", s, "--interval", "often"}, "often"},
      {{"put", s, "k", "v", "--add", "--replace"}, "--replace"},
      {{"put", s, "k", "v", "--add", "--cas", "1"}, "--cas"},
      {{"put", s, "k", "v", "--cas", "latest"}, "latest"},
      {{"put", s, "k", "v", "--ttl", "tomorrow"}, "tomorrow"},
      {{"put", s, "k", "v", "--flags", "4294967296"}, "--flags"},
      {{"put", s, "k", "v", "--flags", "red"}, "red"},
      {{"put", s, "k", "v", "--value-encoding", "rot13"}, "rot13"},
      {{"put", s, "k", "xyz", "--value-encoding", "hex"}, "xyz"},
      {{"touch", s, "k", "1 parsec"}, "1 parsec"},
      {{"erase", s}, "--all"},
      {{"erase", s, "k", "--all"}, "--all"},
      {{"create", fresh, "--capacity", "huge"}, "huge"},
      {{"create", fresh, "--capacity", "1k"}, "1024 bytes"},
      {{"create", fresh, "--capacity", "1TiB"}, "1099511627776 bytes"},
      {{"create", fresh, "--max-threads", "many"}, "many"},
      {{"create", fresh, "--max-threads", "1000000"}, "1000000"},
      {{"create", fresh, "--capacity", "1MiB", "--max-threads", "16000"}, "16000"},
      {{"create", fresh, "--permissions", "rw"}, "rw"},
      {{"create", fresh, "--when-full", "maybe"}, "maybe"},
      {{"create", fresh, "--permissions", "0777"}, "0666"},
      {{"create", fresh, "--permissions", "0060"}, "permissions"},
      {{"help", "bogus"}, "bogus"},
      {{"complete", "bogus"}, "bogus"}};
  for (const auto& [line, name] : wrong) {
    BOOST_TEST_CONTEXT(text_of(line)) { expect_error(run_tool(line), usage, name); }
  }
  BOOST_TEST(sut->stats().puts == 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_done_is_told_with_what_would_help) {
  support::temp_cache sut(larder::min_capacity);
  const std::string& s = sut.name();
  sut->put("k", "v");
  expect_error(run_tool({"put", s, "k", "w", "--add"}), no, "exists");
  expect_error(run_tool({"put", s, "k", "w", "--cas", "123456"}), no, "version");
  expect_error(run_tool({"put", s, "k"}, std::string(larder::min_capacity, 'v')), no, "too large");
  expect_error(run_tool({"rm", s}), no, s);
  expect_error(run_tool({"rm", "no-such-segment-of-larder"}), cannot_open, "no-such-segment-of-larder");
  expect_error(run_tool({"rm", "no-such-segment-of-larder", "--force"}), no, "no-such-segment-of-larder");
  expect_error(run_tool({"create", s}), cannot_open, s);
  expect_error(run_tool({"create", s + "-new", "--capacity", "256g"}), cannot_open, "274877906944 bytes");
  expect_error(run_tool({"report", s, "--for", "1ms", "--output", "/nowhere/at/all"}), cannot_open, "/nowhere/at/all");
}

BOOST_AUTO_TEST_CASE(streams_that_fail_are_told) {
  support::temp_cache sut;
  sut->put("key7", "v");
  expect_error(run_tool({"put", sut.name(), "k"}, {}, [] { ::close(STDIN_FILENO); }), cannot_open, "standard input");
  const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO); };
  for (command_line line : every_command_on(sut.name())) {
    const bool writes = line.front() != "put" && line.front() != "erase" && line.front() != "touch" &&
                        line.front() != "create" && line.front() != "rm";
    if (writes) BOOST_TEST_CONTEXT(text_of(line)) {
        expect_error(run_tool(line, {}, full), cannot_open, "output");
      }
  }
}

BOOST_AUTO_TEST_CASE(keys_that_are_not_there_are_an_answer_and_no_error) {
  support::temp_cache sut;
  for (const command_line& line : std::vector<command_line>{{"get", sut.name(), "key"},
                                                            {"get", sut.name(), "key", "--keyspace", "none"},
                                                            {"erase", sut.name(), "key"},
                                                            {"touch", sut.name(), "key", "1h"},
                                                            {"put", sut.name(), "key", "v", "--replace"},
                                                            {"put", sut.name(), "key", "v", "--cas", "1"}}) {
    const outcome ended = run_tool(line);
    BOOST_TEST_CONTEXT(text_of(line)) {
      BOOST_TEST(ended.code == no);
      BOOST_TEST(ended.out + ended.error == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(damage_is_told_beside_what_can_be_shown) {
  support::temp_name name;
  std::string bytes = sound_segment();
  bytes.replace(larder::layout::tables_offset, 8, std::string(8, '\xff'));
  write_file(name.path(), bytes);
  for (const command_line& line : looking_commands(name.str())) {
    outcome ended = run_tool(line);
    if (ended.code <= no) continue;  // it does not look at the table, or only at a sound part of it
    BOOST_TEST_CONTEXT(text_of(line)) {
      ended.out.clear();
      expect_error(ended, damaged, "damaged");
    }
  }
  BOOST_TEST(run_tool({"check", name.str()}).code == damaged);
  {
    auto user = larder::cache::open(name.str());
    static_cast<void>(user.contains("key"));
    expect_error(run_tool({"check", name.str(), "--repair"}), no, "1 process");
  }
  expect_error(run_tool({"check", name.path(), "--repair"}), usage, "only a segment");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
