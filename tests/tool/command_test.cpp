// What each command says and how it ends, on segments that are in order.
#include <algorithm>
#include <boost/regex.hpp>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "support/test.hpp"
#include "tool/command_lines.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;
using std::chrono::hours;

namespace {

const std::string every_byte = [] {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  return all;
}();

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(commands)

BOOST_AUTO_TEST_CASE(without_a_command_it_tells_what_there_is) {
  const outcome told = run_tool({});
  BOOST_TEST(told.code == 2);
  for (const std::string& command : lines_of(run_tool({"complete", "commands"}).out)) {
    if (command != "complete") BOOST_TEST(holds(told.out, "\n  " + command + " "), command << " is listed");
    const outcome help = run_tool({"help", command});
    BOOST_TEST(help.code == 0);
    BOOST_TEST(holds(help.out, "Usage: larder " + command));
    BOOST_TEST(holds(help.out, "--json"));
  }
}

BOOST_AUTO_TEST_CASE(the_tests_know_every_command) {
  std::set<std::string> known(making_commands.begin(), making_commands.end());
  for (const auto& lines : {looking_commands("x"), attaching_commands("x"), other_commands()}) {
    for (const command_line& line : lines) known.insert(line.front());
  }
  const std::vector<std::string> all = lines_of(run_tool({"complete", "commands"}).out);
  BOOST_TEST((known == std::set<std::string>(all.begin(), all.end())));
  BOOST_TEST(all.size() >= 21u);
}

BOOST_AUTO_TEST_CASE(a_wrong_command_line_is_a_usage_error_that_says_what_to_write) {
  support::temp_cache sut;
  const std::vector<std::vector<std::string>> wrong{{"bogus"},
                                                    {"get", sut.name()},
                                                    {"get", sut.name(), "key", "more"},
                                                    {"get", sut.name(), "bad\\escape"},
                                                    {"get", sut.name(), ""},
                                                    {"get", sut.name(), "key", "--no-such-option"},
                                                    {"get", sut.name(), "key", "--color", "purple"},
                                                    {"dump", sut.name(), "--cursor", "x"},
                                                    {"dump", sut.name(), "--regex", "("},
                                                    {"dump", sut.name(), "--min-ttl", "soon"},
                                                    {"dump", sut.name(), "--output", "xml"},
                                                    {"dump", sut.name(), "--limit", "-1"},
                                                    {"histogram", sut.name(), "colour"},
                                                    {"put", sut.name(), "k", "v", "--add", "--replace"},
                                                    {"put", sut.name(), "k", "v", "--ttl", "tomorrow"},
                                                    {"put", sut.name(), "k", "v", "--flags", "4294967296"},
                                                    {"touch", sut.name(), "k", "1 parsec"},
                                                    {"erase", sut.name()},
                                                    {"create", sut.name() + "x", "--capacity", "huge"},
                                                    {"create", sut.name() + "x", "--capacity", "1k"},
                                                    {"stat", sut.name(), "0"},
                                                    {"info", std::string(300, 'n')}};
  for (const auto& line : wrong) {
    const outcome ended = run_tool(line);
    BOOST_TEST_CONTEXT(line.front() << " " << line.back()) {
      BOOST_TEST(ended.code == 2);
      BOOST_TEST(ended.error.starts_with("larder: "));
      BOOST_TEST(ended.out == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_cannot_be_opened) {
  for (const char* command :
       {"info", "stats", "dump", "check", "slabs", "clients", "bigkeys", "report", "stat", "top"}) {
    const outcome ended = run_tool({command, "no-such-segment-of-larder"});
    BOOST_TEST(ended.code == 3);
    BOOST_TEST(holds(ended.error, "larder ls"), command << " says what to do: " << ended.error);
  }
  BOOST_TEST(run_tool({"put", "no-such-segment-of-larder", "k", "v"}).code == 3);
  BOOST_TEST(run_tool({"rm", "no-such-segment-of-larder"}).code == 3);
}

BOOST_AUTO_TEST_CASE(values_go_in_and_come_out_as_they_are) {
  support::temp_cache sut;
  for (const std::string& value : {std::string("hello"), std::string(), every_byte, std::string(100'000, 'v')}) {
    BOOST_TEST(run_tool({"put", sut.name(), "key"}, value).code == 0);
    BOOST_TEST((sut->get_copy("key") == value));
    const outcome got = run_tool({"get", sut.name(), "key"});
    BOOST_TEST(got.code == 0);
    BOOST_TEST((got.out == value));
  }
  BOOST_TEST(run_tool({"get", sut.name(), "other"}).code == 1);
  BOOST_TEST(run_tool({"get", sut.name(), "other"}).out == "");
}

BOOST_AUTO_TEST_CASE(binary_keys_are_written_in_three_ways_that_can_be_read_back) {
  support::temp_cache sut;
  BOOST_REQUIRE((sut->put(every_byte, every_byte) == larder::status::ok));
  for (const std::string how : {"escaped", "hex", "base64"}) {
    std::vector<std::string> line{"dump", sut.name(), "--keys-only"};
    if (how != "escaped") line.push_back("--" + how);
    const std::string key = lines_of(run_tool(line).out).at(0);
    BOOST_TEST(key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                     " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") == std::string::npos);
    const outcome got = run_tool({"get", sut.name(), "--key-encoding", how, "--", key});
    BOOST_TEST(got.code == 0);
    BOOST_TEST((got.out == every_byte), how);
    BOOST_TEST(run_tool({"put", sut.name(), "--key-encoding", how, "--value-encoding", how, "--", key, key}).code == 0);
  }
  BOOST_TEST((sut->get_copy(every_byte) == every_byte));
}

BOOST_AUTO_TEST_CASE(looking_counts_neither_as_a_hit_nor_as_a_use_and_changes_no_byte) {
  support::temp_name name;
  {
    auto cache = larder::cache::create(name.str(), support::small(larder::min_capacity));
    for (int i = 0; i < 300; ++i) cache.put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'));
  }
  const std::string before = read_file(name.path());
  for (const command_line& line : looking_commands(name.str())) {
    BOOST_TEST(run_tool(line).code <= 1);
    BOOST_TEST((read_file(name.path()) == before), line.front() << " changed the segment");
  }
}

BOOST_AUTO_TEST_CASE(conditional_stores_say_no_with_exit_code_1) {
  support::temp_cache sut;
  BOOST_TEST(run_tool({"put", sut.name(), "k", "1", "--replace"}).code == 1);
  BOOST_TEST(run_tool({"put", sut.name(), "k", "1", "--add"}).code == 0);
  BOOST_TEST(run_tool({"put", sut.name(), "k", "2", "--add"}).code == 1);
  const auto version = tool_json({"get", sut.name(), "k"}).at("item").at("version").to_number<std::uint64_t>();
  BOOST_TEST(run_tool({"put", sut.name(), "k", "2", "--cas", std::to_string(version + 1)}).code == 1);
  BOOST_TEST(run_tool({"put", sut.name(), "k", "2", "--cas", std::to_string(version)}).code == 0);
  BOOST_TEST(run_tool({"put", sut.name(), "k", std::string(20 * support::mebibyte / 1024, 'x')}).code == 0);
  BOOST_TEST(run_tool({"put", sut.name(), "big"}, std::string(20 * support::mebibyte, 'x')).code == 1);
}

BOOST_AUTO_TEST_CASE(touch_and_erase_do_what_they_say) {
  support::temp_cache sut;
  sut->put("a", "1");
  sut->put("b", "2");
  BOOST_TEST(run_tool({"touch", sut.name(), "a", "1h"}).code == 0);
  const auto ttl = tool_json({"get", sut.name(), "a"}).at("item").at("ttl_ms").to_number<std::uint64_t>();
  BOOST_TEST(ttl > 3'500'000u);
  BOOST_TEST(ttl <= 3'600'000u);
  BOOST_TEST(run_tool({"touch", sut.name(), "a", "forever"}).code == 0);
  BOOST_TEST(tool_json({"get", sut.name(), "a"}).at("item").at("ttl_ms").is_null());
  BOOST_TEST(run_tool({"touch", sut.name(), "c", "1h"}).code == 1);
  BOOST_TEST(run_tool({"erase", sut.name(), "a", "c"}).code == 1);
  BOOST_TEST(!sut->contains("a"));
  BOOST_TEST(run_tool({"erase", sut.name(), "--all"}).code == 0);
  BOOST_TEST(!sut->contains("b"));
}

BOOST_AUTO_TEST_CASE(keyspaces_are_reached_by_name) {
  support::temp_cache sut;
  auto users = sut->keyspace("users");
  users.put("key", "mine");
  sut->put("key", "everybody's");
  BOOST_TEST(run_tool({"get", sut.name(), "key", "--keyspace", "users"}).out == "mine");
  BOOST_TEST(run_tool({"get", sut.name(), "key"}).out == "everybody's");
  BOOST_TEST(run_tool({"get", sut.name(), "key", "--keyspace", "nobody"}).code == 1);
  BOOST_TEST(
      lines_of(run_tool({"dump", sut.name(), "--keys-only", "--keyspace-id", std::to_string(users.id())}).out).size() ==
      1u);
  BOOST_TEST(run_tool({"erase", sut.name(), "--all", "--keyspace", "users"}).code == 0);
  BOOST_TEST(run_tool({"get", sut.name(), "key", "--keyspace", "users"}).code == 1);
  BOOST_TEST(lines_of(run_tool({"dump", sut.name(), "--keys-only"}).out).size() == 1u);
  BOOST_TEST(lines_of(run_tool({"dump", sut.name(), "--keys-only", "--expired"}).out).size() == 2u);
}

BOOST_AUTO_TEST_CASE(create_makes_a_segment_that_refuses_when_it_is_full) {
  support::temp_name name;
  BOOST_TEST(run_tool({"create", name.str(), "--capacity", "1MiB", "--when-full", "refuse"}).code == 0);
  BOOST_TEST(tool_json({"info", name.str()}).at("header").at("when_full").as_string() == "refuse");
  auto cache = larder::cache::open(name.str());
  int stored = 0;
  while (ok(cache.put("key" + std::to_string(stored), std::string(1000, 'v')))) ++stored;
  BOOST_TEST(cache.stats().items == static_cast<std::uint64_t>(stored));
  const outcome refused = run_tool({"create", name.str() + "x", "--when-full", "wait"});
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(holds(refused.error, "write evict or refuse"));
}

BOOST_AUTO_TEST_CASE(create_and_rm_make_and_remove_segments) {
  support::temp_name name;
  BOOST_TEST(run_tool({"create", name.str(), "--capacity", "2MiB", "--permissions", "0640"}).code == 0);
  const auto file = tool_json({"info", name.str()}).at("file");
  BOOST_TEST(file.at("size_bytes").as_int64() == 2 << 20);
  BOOST_TEST(file.at("permissions").as_string() == "0640");
  BOOST_TEST(tool_json({"info", name.str()}).at("header").at("when_full").as_string() == "evict");
  BOOST_TEST(run_tool({"create", name.str(), "--capacity", "1MiB"}).code == 3);
  {
    auto user = larder::cache::open(name.str());
    user.put("k", "v");
    const outcome refused = run_tool({"rm", name.str()});
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(holds(refused.error, "--force"));
    BOOST_TEST(name.exists());
  }
  BOOST_TEST(run_tool({"rm", name.str()}).code == 0);
  BOOST_TEST(!name.exists());
}

BOOST_AUTO_TEST_CASE(ls_shows_every_segment_with_its_users) {
  support::temp_cache sut;
  for (int i = 0; i < 10; ++i) sut->put("key" + std::to_string(i), "v");
  for (int i = 0; i < 3; ++i) BOOST_TEST(sut->get("key1").view() == "v");
  static_cast<void>(sut->get("nothing"));
  const auto all = tool_json({"ls"}).at("segments").as_array();
  const auto mine = std::ranges::find_if(all, [&](const auto& s) { return s.at("name").as_string() == sut.name(); });
  BOOST_REQUIRE((mine != all.end()));
  BOOST_TEST(mine->at("items").to_number<int>() == 10);
  BOOST_TEST(mine->at("hit_ratio").as_double() == 0.75);
  BOOST_TEST(mine->at("processes").to_number<int>() == 1);
  BOOST_TEST(mine->at("state").as_string() == "ok");
}

BOOST_AUTO_TEST_CASE(clients_shows_who_holds_what) {
  support::temp_cache sut;
  sut->put("k", "v");
  const auto held = sut->get("k");
  const auto all = tool_json({"clients", sut.name()}).at("clients").as_array();
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].at("pid").to_number<int>() == ::getpid());
  BOOST_TEST(all[0].at("pins").to_number<int>() == 1);
  BOOST_TEST(all[0].at("state").as_string() == "alive");
  BOOST_TEST(!all[0].at("command").as_string().empty());
  BOOST_TEST(tool_json({"hotkeys", sut.name(), "--for", "50ms"}).at("keys").at(0).at("key").as_string() == "k");
}

BOOST_AUTO_TEST_CASE(stats_are_those_of_the_library) {
  support::temp_cache sut;
  for (int i = 0; i < 5; ++i) sut->put("key" + std::to_string(i), "v");
  const auto told = tool_json({"stats", sut.name()}).at("stats");
  const larder::stats real = sut->stats();
  for (const larder::counter_info& each : larder::counters()) {
    BOOST_TEST(told.at(each.name).to_number<std::uint64_t>() == real.*each.value, std::string(each.name));
    BOOST_TEST(holds(run_tool({"stats", sut.name(), "--explain"}).out, std::string(each.line)));
  }
}

BOOST_AUTO_TEST_CASE(check_lists_every_invariant_by_its_number) {
  support::temp_cache sut;
  sut->put("k", "v");
  const outcome told = run_tool({"check", sut.name()});
  BOOST_TEST(told.code == 0);
  // Those that it says pass are those that the map of the code marks as checked.
  std::map<std::string, bool> in_map;
  for (const std::string& line : lines_of(read_file(std::string(LARDER_TOOL_SOURCE_DIR) + "/../README.md"))) {
    boost::smatch found;
    if (boost::regex_search(line, found, boost::regex(R"(^\| (I\d+)(\*?) \|)")))
      in_map[found[1]] = found[2].length() != 0;
  }
  std::map<std::string, bool> listed;
  const boost::json::value checked = tool_json({"check", sut.name()});
  for (const auto& each : checked.at("invariants").as_array()) {
    const std::string number(each.at("invariant").as_string());
    listed[number] = each.at("result").as_string() == "pass";
    BOOST_TEST(holds(told.out, "\n" + number + ' '));
  }
  BOOST_TEST(listed.size() >= 17u);
  BOOST_TEST((listed == in_map));
}

BOOST_AUTO_TEST_CASE(the_report_is_one_file_with_all_drawings) {
  support::temp_name name;  // with characters that mean something in HTML
  auto sut = larder::cache::create(name.str() + "<&>", support::small());
  for (int i = 0; i < 50; ++i) sut.put("key" + std::to_string(i), std::string(100, 'v'), {.ttl = hours(i + 1)});
  const std::string page = run_tool({"report", name.str() + "<&>", "--for", "100ms"}).out;
  larder::cache::remove(name.str() + "<&>");
  std::size_t drawings = 0;
  for (std::size_t at = 0; (at = page.find("<svg", at)) != std::string::npos; ++at) ++drawings;
  BOOST_TEST(drawings == 6u);  // rates, memory map, classes, three histograms
  BOOST_TEST(holds(page, "&lt;&amp;&gt;"));
  BOOST_TEST(!holds(page, "<&>"));
  BOOST_TEST(!holds(page, "http"));
  BOOST_TEST(page.ends_with("</html>\n"));
}

BOOST_AUTO_TEST_CASE(json_is_json_and_plain_output_has_no_colour) {
  support::temp_cache sut;
  sut->put("a \"quoted\" key\n", "v", {.ttl = hours(1)});
  sut->put("key7", "v");
  std::vector<command_line> lines = looking_commands(sut.name());
  for (const auto& more : {attaching_commands(sut.name()), other_commands()})
    lines.insert(lines.end(), more.begin(), more.end());
  for (const command_line& line : lines) {
    BOOST_TEST_CONTEXT(line.front()) {
      command_line as_json = line;
      as_json.emplace_back("--json");
      const std::vector<std::string> objects = lines_of(run_tool(as_json).out);
      BOOST_TEST(!objects.empty());
      for (const std::string& each : objects) BOOST_TEST(boost::json::parse(each).is_object());
      BOOST_TEST(!holds(run_tool(line).out, "\033"));
    }
  }
  BOOST_TEST(holds(run_tool({"check", sut.name(), "--color", "always"}).out, "\033["));
}

BOOST_AUTO_TEST_CASE(the_manual_and_the_completions_know_every_command_and_option) {
  const std::string manual = read_file(std::string(LARDER_TOOL_SOURCE_DIR) + "/larder.1.in");
  for (const std::string& command : lines_of(run_tool({"complete", "commands"}).out)) {
    if (command == "complete") continue;
    BOOST_TEST(holds(manual, ".B " + command), "the manual tells of " << command);
    const std::vector<std::string> options = lines_of(run_tool({"complete", command}).out);
    BOOST_TEST(options.size() >= 4u, command << " has the options that all have");
    for (const std::string& option : options) {
      std::string escaped = option;
      for (std::size_t at = 0; (at = escaped.find('-', at)) != std::string::npos; at += 2) escaped.insert(at, 1, '\\');
      BOOST_TEST(holds(manual, escaped), "the manual tells of " << option << " of " << command);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
