// watch: what it shows of changes, what it counts of those that were too fast for it, and all the ways in which it ends.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/eventually.hpp"
#include "support/test.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;
using support::eventually;
using support::generous;

namespace {

// `larder watch` on a cache, which listens when the constructor returns: its first line says so.
class running_watch {
 public:
  explicit running_watch(support::temp_cache& on, const std::vector<std::string>& options = {})
      : tool_(start(on.name(), options)) {
    show(1);
    BOOST_TEST(on->stats().subscriptions == 1u);
  }

  [[nodiscard]] support::child& process() noexcept { return tool_; }
  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(out_.text()); }
  [[nodiscard]] std::string error() const { return error_.text(); }

  // Waits until so many lines are there, the first one included.
  void show(std::size_t count) const {
    BOOST_TEST(eventually(generous, [&] { return lines().size() >= count; }), error());
  }
  int interrupt(int signal = SIGINT) {
    tool_.send(signal);
    return tool_.wait();
  }

 private:
  support::child start(const std::string& segment, const std::vector<std::string>& options) {
    std::vector<std::string> line{"watch", segment};
    line.insert(line.end(), options.begin(), options.end());
    return start_tool(line, {in_.descriptor(), out_.descriptor(), error_.descriptor()});
  }

  stream_file in_, out_, error_;
  support::child tool_;
};

// The lines of a watch with --json, but for the first one and the sums in the last one.
std::vector<boost::json::object> changes_in(const std::vector<std::string>& lines) {
  std::vector<boost::json::object> all;
  for (const std::string& line : lines) {
    boost::json::object object = boost::json::parse(line).as_object();
    if (object.contains("change")) all.push_back(std::move(object));
  }
  return all;
}

std::string kind_and_key(const boost::json::object& change) {
  return std::string(change.at("change").as_string()) + ' ' + std::string(change.at("key").as_string());
}

std::vector<std::string> kinds_and_keys(const std::vector<std::string>& lines) {
  std::vector<std::string> all;
  for (const boost::json::object& change : changes_in(lines)) all.push_back(kind_and_key(change));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(watch)

BOOST_AUTO_TEST_CASE(changes_are_shown_as_they_happen_one_a_line) {
  support::temp_cache sut;
  auto users = sut->keyspace("users");
  running_watch watch(sut, {"--json"});
  sut->put("a", "1");
  watch.show(2);  // at once, not when a buffer is full
  sut->put("a", "2");
  sut->erase("a");
  users.put("b", "3");
  watch.show(5);  // nothing is said of items that cannot be read any more
  users.invalidate();
  sut->put("c", "4", {.ttl = std::chrono::milliseconds(0)});
  sut->sweep();
  watch.show(8);
  BOOST_TEST(watch.interrupt() == 0);
  const std::vector<std::string> wanted{"stored a",     "stored a", "erased a", "stored b",
                                        "invalidated ", "stored c", "expired c"};
  BOOST_TEST(kinds_and_keys(watch.lines()) == wanted, boost::test_tools::per_element());
  const auto shown = changes_in(watch.lines());
  BOOST_TEST(shown[3].at("keyspace").to_number<std::uint64_t>() == users.id());
  BOOST_TEST(shown[4].at("keyspace").to_number<std::uint64_t>() == users.id());
  BOOST_TEST(shown[0].at("version").to_number<std::uint64_t>() < shown[1].at("version").to_number<std::uint64_t>());
  BOOST_TEST(watch.lines().back() == R"({"shown":7,"missed":0})");
}

BOOST_AUTO_TEST_CASE(evictions_are_changes_too) {
  support::temp_cache sut(larder::min_capacity);
  running_watch watch(sut);
  int number = 0;
  BOOST_TEST(eventually(generous, [&] {
    for (int i = 0; i < 100; ++i) sut->put("key" + std::to_string(number++), std::string(1000, 'v'));
    const std::vector<std::string> lines = watch.lines();
    return std::ranges::any_of(lines, [](const std::string& line) { return line.starts_with("evicted "); });
  }));
}

BOOST_AUTO_TEST_CASE(only_keys_that_are_asked_for_are_shown) {
  support::temp_cache sut;
  const std::vector<std::pair<std::vector<std::string>, std::string>> choices{
      {{"--prefix", "user:"}, "user:1"}, {{"--glob", "*:2?"}, "page:22"}, {{"--regex", "^p.*\\d$"}, "page:22"}};
  for (const auto& [options, wanted] : choices) {
    std::vector<std::string> all = options;
    all.insert(all.end(), {"--json", "--limit", "1"});
    running_watch watch(sut, all);
    for (const char* key : {"other", "user:1", "page:22"}) sut->put(key, "v");
    BOOST_TEST(watch.process().wait() == 0);
    BOOST_TEST(kinds_and_keys(watch.lines()).at(0) == "stored " + wanted);
  }
}

BOOST_AUTO_TEST_CASE(values_are_those_of_the_change_or_none) {
  support::temp_cache sut;
  running_watch watch(sut, {"--json", "--values", "--limit", "5"});
  auto users = sut->keyspace("users");
  sut->put("binary\n", std::string("\0\xff", 2));
  users.put("in a keyspace", "mine");
  watch.show(3);
  watch.process().stop();
  sut->put("key", "old");
  sut->put("key", "new");
  sut->erase("binary\n");
  watch.process().resume();
  BOOST_TEST(watch.process().wait() == 0);
  const auto shown = changes_in(watch.lines());
  BOOST_REQUIRE(shown.size() == 5u);
  BOOST_TEST(shown[0].at("key").as_string() == "binary\\n");
  BOOST_TEST(shown[0].at("value").as_string() == "\\x00\\xff");
  BOOST_TEST(shown[1].at("value").as_string() == "mine");
  BOOST_TEST(shown[2].at("value").is_null());
  BOOST_TEST(shown[3].at("value").as_string() == "new");
  BOOST_TEST(shown[4].at("value").is_null());
}

BOOST_AUTO_TEST_CASE(what_it_was_too_slow_for_is_counted) {
  support::temp_cache sut(larder::min_capacity);
  running_watch watch(sut, {"--json"});
  watch.process().stop();
  constexpr std::uint64_t puts = 20'000;
  for (std::uint64_t i = 0; i < puts; ++i) sut->put("key" + std::to_string(i % 100), "v");
  watch.process().resume();
  sut->put("last", "v");
  BOOST_TEST(eventually(generous, [&] {
    const auto shown = changes_in(watch.lines());
    return !shown.empty() && shown.back().contains("key") && shown.back().at("key").as_string() == "last";
  }));
  BOOST_TEST(watch.interrupt() == 0);
  std::uint64_t missed = 0;
  std::uint64_t shown = 0;
  for (const boost::json::object& change : changes_in(watch.lines())) {
    change.at("change").as_string() == "missed" ? missed += change.at("count").to_number<std::uint64_t>() : ++shown;
  }
  BOOST_TEST(missed > 0u);
  BOOST_TEST(missed + shown == puts + 1);
  BOOST_TEST(watch.lines().back() ==
             R"({"shown":)" + std::to_string(shown) + R"(,"missed":)" + std::to_string(missed) + "}");
}

BOOST_AUTO_TEST_CASE(text_is_aligned_and_the_sums_are_told_apart_from_it) {
  support::temp_cache sut;
  running_watch watch(sut, {"--values", "--hex"});
  sut->put("AB", "\x01");
  watch.show(2);
  BOOST_TEST(watch.interrupt(SIGTERM) == 0);
  const std::vector<std::string> lines = watch.lines();
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0] == "CHANGE         VERSION  SPACE  KEY");
  BOOST_TEST(lines[1].starts_with("stored      "));
  BOOST_TEST(lines[1].ends_with("      0  4142 = 01"));
  BOOST_TEST(lines[1].find("4142") == lines[0].find("KEY"));
  BOOST_TEST(watch.error() == "larder: 1 change shown, 0 missed\n");
}

BOOST_AUTO_TEST_CASE(it_ends_when_its_time_is_up_and_leaves_no_trace) {
  support::temp_cache sut;
  {
    running_watch watch(sut, {"--for", "0.5"});
    BOOST_TEST(watch.process().wait() == 1);  // nothing changed
    BOOST_TEST(watch.error() == "larder: 0 changes shown, 0 missed\n");
  }
  {
    running_watch watch(sut, {"--for", "300ms"});
    sut->put("key", "v");
    BOOST_TEST(watch.process().wait() == 0);
  }
  BOOST_TEST(sut->stats().subscriptions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(it_ends_when_nobody_reads_its_output) {
  support::temp_cache sut;
  int ends[2];
  BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const stream_file in;
  const stream_file error;
  support::child tool = start_tool({"watch", sut.name()}, {in.descriptor(), ends[1], error.descriptor()});
  ::close(ends[1]);
  BOOST_TEST(eventually(generous, [&] { return sut->stats().subscriptions == 1; }));
  ::close(ends[0]);  // and nothing changes that it could fail to write
  BOOST_TEST(tool.wait() == 1);
  BOOST_TEST(sut->stats().subscriptions == 0u);
}

BOOST_AUTO_TEST_CASE(copies_do_not_change) {
  support::temp_cache sut;
  const outcome refused = run_tool({"watch", sut.path()});
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(holds(refused.error, "write its name"));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
