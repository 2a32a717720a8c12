// dump: filters, limits, cursors, formats; and what it promises under a load of writers.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "support/random.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"
#include "tool/telling_value.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

// The keys that a dump with these options shows; each once, or the test fails.
std::set<std::string> dumped(const std::string& segment, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"dump", segment, "--keys-only"});
  const outcome told = run_tool(options);
  BOOST_TEST(told.code == 0);
  std::set<std::string> keys;
  for (const std::string& key : lines_of(told.out)) BOOST_TEST(keys.insert(key).second, key << " is shown twice");
  return keys;
}

using keys = std::set<std::string>;

struct shared_state {
  std::atomic<std::uint32_t> stop;
};

// Of those that have ended: a second of it is a second on a machine that does nothing else.
milliseconds processor_time_of_children() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto ms = [](const timeval& t) { return t.tv_sec * 1000 + t.tv_usec / 1000; };
  return milliseconds(ms(used.ru_utime) + ms(used.ru_stime));
}

constexpr int steady_keys = 2000;
std::string steady_key(int i) { return "steady:" + std::to_string(i); }

// Arguments: segment, shared state, number. Keeps everything in motion: items of all sizes come and go, so that buckets
// spill, arrays grow and cells are used again; and steady ones are rewritten.
LARDER_CHILD_ROLE(stirs_the_cache) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const support::shared_object<shared_state> shared(arguments.number(1));
  support::random_source random(static_cast<std::uint64_t>(arguments.number(2)));
  while (shared->stop == 0) {
    const std::string key = "moving:" + std::to_string(random.number(20'000));
    if (random.one_in(3)) {
      cache.erase(key);
    } else {
      cache.put(key, value_of(key, random.number(600)));
    }
    const std::string steady = steady_key(static_cast<int>(random.number(steady_keys)));
    cache.put(steady, value_of(steady, 20 + random.number(200)));
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(dump)

BOOST_AUTO_TEST_CASE(filters_choose_items) {
  support::temp_cache sut;
  sut->put("user:1", std::string(10, 'v'), {.ttl = minutes(10)});
  sut->put("user:2", std::string(100, 'v'), {.ttl = hours(10)});
  sut->put("page:1", std::string(1000, 'v'));
  sut->put("page:22", std::string(70'000, 'v'));
  sut->put("gone", "v", {.ttl = milliseconds(0)});
  BOOST_TEST(sut->get("page:1").view().size() == 1000u);
  const std::string& name = sut.name();
  BOOST_TEST((dumped(name) == keys{"user:1", "user:2", "page:1", "page:22"}));
  BOOST_TEST((dumped(name, {"--expired"}) == keys{"user:1", "user:2", "page:1", "page:22", "gone"}));
  BOOST_TEST((dumped(name, {"--prefix", "user:"}) == keys{"user:1", "user:2"}));
  BOOST_TEST((dumped(name, {"--glob", "*:?"}) == keys{"user:1", "user:2", "page:1"}));
  BOOST_TEST((dumped(name, {"--glob", "[!u]*2"}) == keys{"page:22"}));
  BOOST_TEST((dumped(name, {"--regex", "^(user|page):\\d$"}) == keys{"user:1", "user:2", "page:1"}));
  BOOST_TEST((dumped(name, {"--min-ttl", "1h"}) == keys{"user:2"}));
  BOOST_TEST((dumped(name, {"--max-ttl", "1h"}) == keys{"user:1"}));
  BOOST_TEST((dumped(name, {"--no-ttl"}) == keys{"page:1", "page:22"}));
  BOOST_TEST((dumped(name, {"--min-size", "1000"}) == keys{"page:1", "page:22"}));
  BOOST_TEST((dumped(name, {"--max-size", "100"}) == keys{"user:1", "user:2"}));
  BOOST_TEST((dumped(name, {"--hit"}) == keys{"page:1"}));
  BOOST_TEST((dumped(name, {"--not-hit", "--prefix", "page"}) == keys{"page:22"}));
  const auto cell = tool_json({"get", name, "page:1"}).at("item").at("cell_bytes").to_number<std::uint64_t>();
  BOOST_TEST((dumped(name, {"--class", std::to_string(cell)}) == keys{"page:1"}));
}

BOOST_AUTO_TEST_CASE(age_is_counted_in_changes_of_the_stripe) {
  support::temp_cache sut;
  sut->put("old", "v");
  for (int i = 0; i < 20'000; ++i) sut->put("busy" + std::to_string(i), "v");  // dozens in each stripe
  sut->put("young", "v");
  const auto age_of = [&](const char* key) {
    return tool_json({"get", sut.name(), key}).at("item").at("age_changes").to_number<std::uint64_t>();
  };
  BOOST_TEST(age_of("young") == 0u);
  const std::uint64_t age = age_of("old");
  BOOST_TEST(age > 20u);
  BOOST_TEST((dumped(sut.name(), {"--regex", "old|young", "--min-age", std::to_string(age)}) == keys{"old"}));
  BOOST_TEST((dumped(sut.name(), {"--regex", "old|young", "--max-age", std::to_string(age - 1)}) == keys{"young"}));
}

BOOST_AUTO_TEST_CASE(a_clock_can_be_set_forward) {
  support::temp_cache sut;
  sut->put("short", "v", {.ttl = minutes(1)});
  sut->put("long", "v");
  BOOST_TEST((dumped(sut.name()) == keys{"short", "long"}));
  BOOST_TEST((dumped(sut.name(), {"--clock", "1000000000000"}) == keys{"long"}));
}

BOOST_AUTO_TEST_CASE(a_cursor_goes_on_where_the_limit_ended) {
  support::temp_cache sut;
  for (int i = 0; i < 1000; ++i) sut->put("key" + std::to_string(i), "v");
  std::set<std::string> seen;
  std::string cursor;
  int parts = 0;
  do {
    std::vector<std::string> line{"dump", sut.name(), "--keys-only", "--limit", "77", "--json"};
    if (!cursor.empty()) line.insert(line.end(), {"--cursor", cursor});
    cursor.clear();
    for (const std::string& text : lines_of(run_tool(line).out)) {
      const auto object = boost::json::parse(text).as_object();
      if (const auto* next = object.if_contains("cursor")) {
        cursor = next->as_string();
      } else {
        BOOST_TEST(seen.insert(std::string(object.at("key").as_string())).second);
      }
    }
    ++parts;
  } while (!cursor.empty());
  BOOST_TEST(seen.size() == 1000u);
  BOOST_TEST(parts == 13);
}

BOOST_AUTO_TEST_CASE(csv_fields_are_quoted_as_they_must_be) {
  support::temp_cache sut;
  sut->put("a,\"b\"", "v");
  BOOST_TEST(run_tool({"dump", sut.name(), "--keys-only", "--values", "-o", "csv"}).out ==
             "key,value\n\"a,\"\"b\"\"\",v\n");
}

BOOST_AUTO_TEST_CASE(a_million_items_are_dumped_in_a_second_if_the_tool_is_optimised) {
  constexpr std::uint64_t items = 1'000'000;
  support::temp_cache sut(256 * support::mebibyte);
  for (std::uint64_t i = 0; i < items; ++i)
    sut->put("key:" + std::to_string(100'000'000'000 + i), std::string(100, 'v'));
  BOOST_REQUIRE(sut->stats().items == items);
  const milliseconds before = processor_time_of_children();
  const outcome told = run_tool({"dump", sut.name()});
  const milliseconds taken = processor_time_of_children() - before;
  BOOST_TEST(told.code == 0);
  BOOST_TEST(static_cast<std::uint64_t>(std::ranges::count(told.out, '\n')) == items + 1);
  BOOST_TEST_MESSAGE("a million items are dumped to a file in " << taken.count() << " ms");
#ifdef LARDER_TOOL_IS_OPTIMISED
  BOOST_TEST(taken.count() <= 1000);
#endif
}

BOOST_AUTO_TEST_CASE(under_a_load_of_writers_what_is_there_throughout_is_shown_once_and_whole) {
  support::temp_cache sut(64 * support::mebibyte);
  for (int i = 0; i < steady_keys; ++i) sut->put(steady_key(i), value_of(steady_key(i), 100));
  const support::shared_object<shared_state> shared;
  std::vector<support::child> writers;
  for (int i = 0; i < 3; ++i)
    writers.emplace_back("stirs_the_cache", std::vector<std::string>{sut.name(), shared.argument(), std::to_string(i)});
  const auto end = std::chrono::steady_clock::now() + support::stress_time();
  int dumps = 0;
  do {
    const outcome told = run_tool({"dump", sut.name(), "--keys-only", "--values"});
    BOOST_TEST(told.code == 0);
    std::set<std::string> seen;
    for (const std::string& line : lines_of(told.out)) {
      const std::string key = line.substr(0, line.find('\t'));
      if (!seen.insert(key).second) BOOST_ERROR(key << " is shown twice");
      if (!is_value_of(key, line.substr(key.size() + 1))) BOOST_ERROR("the value of " << key << " is torn");
    }
    for (int i = 0; i < steady_keys; ++i) {
      if (!seen.contains(steady_key(i))) BOOST_ERROR(steady_key(i) << " is missing");
    }
    ++dumps;
  } while (std::chrono::steady_clock::now() < end);
  shared->stop = 1;
  for (support::child& writer : writers) BOOST_TEST(writer.wait() == 0);
  BOOST_TEST(dumps > 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
