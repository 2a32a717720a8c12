// The daemon as a service: which segments it looks after, who may, how it is set up, told to change and to end.
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic/collection.hpp>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/daemon_process.hpp"
#include "support/test.hpp"

using daemon_tests::daemon_process;
using daemon_tests::outcome;
using daemon_tests::read_file;
using daemon_tests::run_daemon;
using daemon_tests::temp_directory;
using daemon_tests::write_file;
using larder::milliseconds;
using support::eventually;
using support::generous;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(ownership)

BOOST_AUTO_TEST_CASE(a_second_daemon_refuses_and_names_the_first) {
  support::temp_cache cache;
  daemon_process first({cache.name()});
  first.await_ready();
  const outcome second = run_daemon({cache.name()});
  BOOST_TEST(second.exit_code == 3);
  BOOST_TEST(has(second.text, "'" + cache.name() + "' is looked after by process " +
                                  std::to_string(first.process().pid()) + " (larderd)"));
  BOOST_TEST(first.end() == 0);
}

BOOST_AUTO_TEST_CASE(after_a_kill_another_takes_over_at_once_and_nothing_is_lost) {
  support::temp_cache cache;
  std::vector<std::unique_ptr<daemon_process>> daemons;
  for (int round = 0; round < 5; ++round) {
    daemons.push_back(std::make_unique<daemon_process>(std::vector<std::string>{cache.name()}));
    daemons.back()->await_ready();
    for (int i = 0; i < 1000; ++i) {
      BOOST_REQUIRE(ok(cache->put("stays" + std::to_string(i), std::to_string(round))));
      BOOST_REQUIRE(ok(cache->put("goes" + std::to_string(i), "value", {.ttl = milliseconds(50)})));
    }
    daemons.back()->process().kill();
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(cache->get_copy("stays" + std::to_string(i)) == std::to_string(round));
  }
  daemon_process last({cache.name()});
  last.await_ready();
  BOOST_TEST(eventually(generous, [&] { return cache->stats().items == 1000u; }));
  BOOST_TEST(eventually(generous, [&] { return cache->stats().attached_threads == 2u; }));
  BOOST_TEST(last.end() == 0);
  cache->reap();
  BOOST_TEST(cache->check().cells_owned == 0u);
  BOOST_TEST(support::violations(*cache) == "");
}

BOOST_AUTO_TEST_CASE(one_that_waits_for_a_segment_gets_it_when_its_owner_is_killed) {
  support::temp_cache cache;
  daemon_process first({cache.name()});
  first.await_ready();
  daemon_process second({"--pattern", cache.name() + "*"});
  second.await_ready();
  BOOST_TEST(second.says("is looked after by process"));
  first.process().kill();
  BOOST_TEST(second.says(cache.name() + ": looked after from now on"));
  BOOST_TEST(second.end() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(segments)

BOOST_AUTO_TEST_CASE(they_are_made_as_the_file_says) {
  const support::temp_name name;
  const temp_directory directory;
  write_file(directory.file("conf"), "[segment " + name.str() +
                                         "]\ncreate = yes\ncapacity = 3MiB\npermissions = 0640\n" +
                                         "max-threads = 40\nhuge-pages = no\n");
  daemon_process sut({"--config", directory.file("conf")});
  sut.await_ready();
  struct stat info {};
  BOOST_REQUIRE(::stat(name.path().c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777) == 0640u);
  BOOST_TEST(info.st_size == 3 * 1048576);
  BOOST_TEST(larder::cache::open(name.str()).stats().attached_threads == 1u);
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(name.exists());
}

BOOST_AUTO_TEST_CASE(those_that_match_a_pattern_are_found_when_they_appear_and_let_go_of_when_they_are_removed) {
  const support::temp_name name;
  daemon_process sut({"--pattern", name.str() + "*"});
  sut.await_ready();
  for (int round = 1; round <= 3; ++round) {
    {
      larder::cache cache = larder::cache::create(name.str(), support::small());
      BOOST_TEST(ok(cache.put("key", "value", {.ttl = milliseconds(10)})));
      BOOST_TEST(eventually(generous, [&] { return cache.stats().items == 0; }));
      larder::cache::remove(name.str());
      cache.put("key", "value", {.ttl = milliseconds(10)});
      BOOST_TEST(eventually(generous, [&] { return cache.stats().items == 0; }),
                 "one without a name is looked after as long as it is used");
    }
    BOOST_TEST(eventually(
        generous, [&] { return count(sut.log(), "nobody uses it any more") == static_cast<std::size_t>(round); }));
  }
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_no_segment_is_left_alone) {
  const support::temp_name name;
  write_file(name.path(), "something else");
  daemon_process sut({"--pattern", name.str() + "*"});
  sut.await_ready();
  BOOST_TEST(sut.says("is not a larder segment"));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(read_file(name.path()) == "something else");
}

BOOST_AUTO_TEST_CASE(many_are_looked_after_at_once) {
  std::vector<std::unique_ptr<support::temp_cache>> caches;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) {
    caches.push_back(std::make_unique<support::temp_cache>(support::mebibyte));
    names.push_back(caches.back()->name());
  }
  daemon_process sut(names);
  sut.await_ready();
  for (auto& cache : caches) BOOST_TEST(ok((*cache)->put("key", "value", {.ttl = milliseconds(10)})));
  for (auto& cache : caches) BOOST_TEST(eventually(generous, [&] { return (*cache)->stats().items == 0; }));
  BOOST_TEST(sut.end() == 0);
  for (auto& cache : caches) BOOST_TEST((*cache)->stats().attached_threads == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(settings)

struct wrong {
  const char* text;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const wrong& w) { return out << w.text; }

const wrong mistakes[] = {
    {"segment = x\nsweep-intervall = 1s\n",
     ":2: 'sweep-intervall' is no setting; there are segment, pattern, sweep-interval"},
    {"segment = x\n\n# a comment\nsweep-interval = 250\n",
     ":4: sweep-interval = ...: '250' is no duration; write a number with ms"},
    {"segment = x\nsweep-interval = 5h\n",
     ":2: sweep-interval = ...: an interval of 18000000ms is out of range; write one from"},
    {"segment = x\nreserve = 80%\n", ":2: reserve = ...: '80%' is no share; write a percentage up to 50%"},
    {"segment = x\nlog-level = loud\n", ":2: log-level = ...: 'loud' is no level; write debug, info"},
    {"segment = x\nlog-json = 1\n", ":2: log-json = ...: '1' is neither yes nor no"},
    {"segment = x\nmetrics = 0.0.0.0:80\n",
     ":2: metrics = ...: '0.0.0.0:80' is no place for metrics; write unix:/PATH"},
    {"segment = x\nmetrics =\n", ":2: 'metrics' has no value; write metrics = VALUE"},
    {"segment = x\nnonsense\n", ":2: "},
    {"segment = x\nreserve = 1%\nreserve = 2%\n", ":3: 'reserve' is set in line 2 already; remove one"},
    {"[segment x]\ncapacity = 10\n", ":2: capacity = ...: the capacity is too small; write 1MiB or more"},
    {"[segment x]\ncapacity = 64MB\n", ":2: capacity = ...: '64MB' is no size; write a number of bytes"},
    {"[segment x]\npermissions = 0777\n",
     ":2: permissions = ...: '0777' is no permission of a segment; write octal bits"},
    {"[segment x]\nowner = nobody-of-this-name\n", ":2: owner = ...: 'nobody-of-this-name' is no user of this host"},
    {"[segment x]\nwhen-full = wait\n",
     ":2: when-full = ...: 'wait' is nothing that a full cache does; write evict or"},
    {"[segment x]\nreserve = 1%\n", ":2: 'reserve' is no setting of a segment; there are create, capacity"},
    {"[section]\n", ":1: [section] is no section; write [segment NAME]"},
    {"[segment x]\n[segment x]\n", ":2: there is a section for 'x' already"},
    {"reserve = 1%\n", ": no segment is named; write segment = NAME"},
};

BOOST_DATA_TEST_CASE(a_mistake_in_a_file_is_named_with_its_line_and_what_to_write_instead, mistakes, mistake) {
  const temp_directory directory;
  write_file(directory.file("conf"), mistake.text);
  const outcome o = run_daemon({"--config", directory.file("conf"), "--check-config"});
  BOOST_TEST(o.exit_code == 2);
  BOOST_TEST(has(o.text, "larderd: " + directory.file("conf") + mistake.message), o.text);
  BOOST_TEST(run_daemon({"--config", directory.file("conf")}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(mistakes_on_the_command_line_are_named) {
  BOOST_TEST(
      has(run_daemon({"x", "--sweep", "1s"}).text, "command line: unrecognised option '--sweep'; larderd --help"));
  BOOST_TEST(has(run_daemon({"x", "--reserve", "1"}).text, "command line: '1' is no share; write"));
  BOOST_TEST(has(run_daemon({}).text, "command line: no segment is named"));
  BOOST_TEST(has(run_daemon({"--config", "/nowhere/conf"}).text, "/nowhere/conf: No such file or directory; write"));
  BOOST_TEST(run_daemon({"--config", "/nowhere/conf"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(right_settings_are_said_to_be_right) {
  const temp_directory directory;
  write_file(
      directory.file("conf"),
      "segment = a\npattern = b-*\nsweep-interval = 1s\nreap-interval = 20ms\ncheck-period = off\nhold-warning = 1min\n"
      "reserve = 0.5%\nmetrics = 127.0.0.1:9140\nlog = syslog\nlog-level = warning\nlog-json = yes\n"
      "log-file-size = 1MiB\nlog-files = 3\n[segment c]\ncreate = no\ncapacity = 1GiB\npermissions = 0660\n"
      "owner = root\ngroup = root\nmax-threads = 100\nhuge-pages = yes\nwhen-full = evict\n");
  const outcome o = run_daemon({"--config", directory.file("conf"), "--check-config"});
  BOOST_TEST(o.exit_code == 0, o.text);
  BOOST_TEST(o.text == "larderd: the settings are right\n");
}

BOOST_AUTO_TEST_CASE(the_file_is_read_again_on_SIGHUP_and_a_wrong_one_changes_nothing) {
  support::temp_cache one;
  support::temp_cache two;
  const temp_directory directory;
  write_file(directory.file("conf"), "segment = " + one.name() + "\n");
  daemon_process sut({"--config", directory.file("conf")});
  sut.await_ready();
  write_file(directory.file("conf"), "segment = " + two.name() + "\n");
  sut.process().send(SIGHUP);
  BOOST_TEST(sut.says(two.name() + ": looked after from now on"));
  BOOST_TEST(eventually(generous, [&] { return one->stats().attached_threads == 0u; }));
  daemon_process other({one.name()});
  other.await_ready();
  write_file(directory.file("conf"), "segment = " + one.name() + "\nreserve = many\n");
  sut.process().send(SIGHUP);
  BOOST_TEST(sut.says(":2: reserve = ...: 'many' is no share"));
  BOOST_TEST(two->stats().attached_threads == 1u);
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(other.end() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(SIGUSR1_writes_a_status) {
  support::temp_cache cache;
  BOOST_TEST(ok(cache->put("key", "value")));
  const larder::read_handle held = cache->get("key");
  daemon_process sut({cache.name()});
  sut.await_ready();
  sut.process().send(SIGUSR1);
  BOOST_TEST(sut.says("larderd: status: 1 segments looked after, 0 waited for"));
  BOOST_TEST(sut.says(cache.name() + ": 1 items, "));
  BOOST_TEST(sut.says("holds 1 handles, one for at least"));
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(a_file_is_rotated_by_size_and_opened_anew_on_SIGHUP) {
  support::temp_cache cache;
  const temp_directory directory;
  const std::string file = directory.file("larderd.log");
  daemon_process sut({cache.name(), "--log", file, "--log-file-size", "1KiB", "--log-files", "2"});
  sut.await_ready();
  for (int i = 0; !std::filesystem::exists(directory.file("larderd.2.log")); ++i) {
    BOOST_REQUIRE(i < 1000);
    BOOST_TEST(ok(cache->put("key" + std::to_string(i), "value")));  // else the status would be the same again
    sut.process().send(SIGUSR1);
    std::this_thread::sleep_for(milliseconds(10));
  }
  BOOST_TEST(std::filesystem::file_size(directory.file("larderd.1.log")) < 1200u);
  BOOST_TEST(!std::filesystem::exists(directory.file("larderd.3.log")));
  std::filesystem::rename(file, directory.file("moved"));
  sut.process().send(SIGHUP);
  BOOST_TEST(eventually(generous, [&] { return has(read_file(file), "the settings are in force"); }));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(has(read_file(file), "larderd ends"));
}

BOOST_AUTO_TEST_CASE(a_line_can_be_a_JSON_object) {
  support::temp_cache cache;
  daemon_process sut({cache.name(), "--log-json", "yes", "--pattern", "no\"such\\name"});
  sut.await_ready();
  sut.process().send(SIGUSR1);
  BOOST_TEST(sut.says("status: "));
  BOOST_TEST(sut.end() == 0);
  std::istringstream lines(sut.log());
  int seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) {
    const boost::json::object object = boost::json::parse(line).as_object();
    for (const char* key : {"time", "level", "subject", "message"}) BOOST_TEST(object.at(key).is_string());
  }
  BOOST_TEST(seen >= 4);
}

BOOST_AUTO_TEST_CASE(lines_to_the_journal_begin_with_their_priority) {
  support::temp_cache cache;
  const temp_directory directory;
  const std::string wrapper = "JOURNAL_STREAM=$(stat --dereference --format=%d:%i /dev/stderr) exec \"$@\"";
  write_file(directory.file("conf"), "segment = " + cache.name() + "\n");
  daemon_process sut({"--config", directory.file("conf"), "--log-level", "debug"},
                     {.run_by = {"sh", "-c", wrapper, "sh"}});
  sut.await_ready();
  BOOST_TEST(sut.says("<6>larderd: larderd " LARDER_VERSION_STRING " starts"));
  BOOST_TEST(sut.says("<6>" + cache.name() + ": looked after from now on"));
  BOOST_TEST(ok(cache->put("key", "value", {.ttl = milliseconds(10)})));
  BOOST_TEST(sut.says("<7>" + cache.name() + ": 1 expired items removed"));
  write_file(directory.file("conf"), "nothing = 1\n");
  sut.process().send(SIGHUP);
  BOOST_TEST(sut.says("<3>larderd: reloading: "));
  BOOST_TEST(sut.end() == 0);
  std::istringstream lines(sut.log());
  for (std::string line; std::getline(lines, line);) BOOST_TEST(line.starts_with("<"), line);
}

BOOST_AUTO_TEST_CASE(lines_to_another_place_than_the_journal_have_no_priority) {
  support::temp_cache cache;
  const temp_directory directory;
  const std::string wrapper = "JOURNAL_STREAM=1:1 exec \"$@\"";
  daemon_process sut({cache.name()}, {.run_by = {"sh", "-c", wrapper, "sh"}});
  sut.await_ready();
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(!has(sut.log(), "<6>"));
}

BOOST_AUTO_TEST_CASE(an_error_that_was_just_told_is_not_told_again) {
  support::temp_cache cache;
  const temp_directory directory;
  write_file(directory.file("conf"), "segment = " + cache.name() + "\n");
  daemon_process sut({"--config", directory.file("conf")});
  sut.await_ready();
  write_file(directory.file("conf"), "nothing = 1\n");
  for (int i = 0; i < 20; ++i) {
    sut.process().send(SIGHUP);
    std::this_thread::sleep_for(milliseconds(10));
  }
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(count(sut.log(), "'nothing' is no setting") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(service_manager)

BOOST_AUTO_TEST_CASE(it_is_told_when_the_daemon_is_ready_alive_reloading_and_ending) {
  support::temp_cache cache;
  daemon_process sut({cache.name()}, {.watchdog_microseconds = 40'000});
  sut.await_ready();
  BOOST_TEST(eventually(generous, [&] { return count(sut.manager().told(), "WATCHDOG=1") >= 10; }));
  sut.process().send(SIGHUP);
  BOOST_TEST(eventually(generous, [&] { return count(sut.manager().told(), "READY=1") == 2; }));
  BOOST_TEST(sut.end() == 0);
  const std::string told = sut.manager().told();
  BOOST_TEST(has(told, "READY=1\nSTATUS=1 segments looked after, 0 waited for"));
  BOOST_TEST(told.find("RELOADING=1") > told.find("READY=1"));
  BOOST_TEST(told.find("STOPPING=1") > told.rfind("READY=1"));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
