// Whether what the commands tell of a live segment is true: beside threads that read, wait and stand still, and beside a
// daemon.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

#include "platform/kill_point.hpp"
#include "support/eventually.hpp"
#include "support/shared_object.hpp"
#include "support/test.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

struct shared_state {
  std::atomic<std::uint32_t> stop;
};

// Arguments: segment, shared state. Three hits for each miss.
LARDER_CHILD_ROLE(reads_all_the_time) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  const support::shared_object<shared_state> shared(arguments.number(1));
  while (shared->stop == 0) {
    for (int i = 0; i < 3; ++i) static_cast<void>(cache.get("hot"));
    static_cast<void>(cache.get("absent"));
  }
  return 0;
}

// Argument: segment. Stops as soon as it has the lock of its key's stripe; then goes on.
LARDER_CHILD_ROLE(stops_with_a_stripe) {
  larder::cache cache = larder::cache::open(arguments.text(0));
  larder::platform::on_kill_point = [](larder::platform::kill_point point) {
    if (point != larder::platform::kill_point::lock_taken) return;
    larder::platform::on_kill_point = nullptr;
    ::raise(SIGSTOP);
  };
  return ok(cache.put("key", "mine")) ? 0 : 1;
}

LARDER_CHILD_ROLE(puts_the_same_key) {
  larder::cache cache = larder::cache::open(arguments.text(0), {.lock_timeout = support::generous});
  return ok(cache.put("key", "yours")) ? 0 : 1;
}

boost::json::object client_of(const std::string& segment, pid_t pid) {
  const boost::json::value told = tool_json({"clients", segment});
  for (const boost::json::value& each : told.at("clients").as_array()) {
    if (each.at("pid").to_number<pid_t>() == pid) return each.as_object();
  }
  return {};
}

std::string doing(const std::string& segment, const support::child& child) {
  const boost::json::object client = client_of(segment, child.pid());
  return client.empty() || client.at("doing").is_null() ? "" : std::string(client.at("doing").as_string());
}

// Items in all rows of a histogram whose buckets begin in [from, to).
std::uint64_t items_between(const boost::json::value& told, std::uint64_t from, std::uint64_t to) {
  std::uint64_t items = 0;
  for (const boost::json::value& row : told.at("buckets").as_array()) {
    const auto begin = row.at("from").to_number<std::uint64_t>();
    if (begin >= from && begin < to) items += row.at("items").to_number<std::uint64_t>();
  }
  return items;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(looking)

BOOST_AUTO_TEST_CASE(ls_tells_size_use_age_and_daemon) {
  support::temp_cache sut;
  for (int i = 0; i < 100; ++i) sut->put("key" + std::to_string(i), std::string(100'000, 'v'));
  // As a daemon makes itself known.
  const int descriptor = ::open(sut.path().c_str(), O_RDWR | O_CLOEXEC);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 1 + 4242;
  lock.l_len = 1;
  BOOST_REQUIRE(::fcntl(descriptor, F_OFD_SETLK, &lock) == 0);
  const boost::json::value told = tool_json({"ls"});
  ::close(descriptor);
  const auto& all = told.at("segments").as_array();
  const auto* mine = std::ranges::find_if(all, [&](const auto& s) { return s.at("name").as_string() == sut.name(); });
  BOOST_REQUIRE((mine != all.end()));
  const larder::stats now = sut->stats();
  BOOST_TEST(mine->at("size_bytes").to_number<std::uint64_t>() == now.capacity);
  const double used = 1 - static_cast<double>(now.free_pages) / static_cast<double>(now.pages);
  BOOST_TEST(std::abs(mine->at("used").as_double() - used) < 0.001);
  BOOST_TEST(used > 0.5);
  BOOST_TEST(mine->at("daemon_pid").to_number<int>() == 4242);
  BOOST_TEST(mine->at("age_ms").to_number<std::uint64_t>() < 600'000u);
}

BOOST_AUTO_TEST_CASE(stat_and_top_tell_what_is_going_on) {
  support::temp_cache sut;
  sut->put("hot", "value");
  const support::shared_object<shared_state> shared;
  support::child reader("reads_all_the_time", {sut.name(), shared.argument()});
  for (int i = 0; i < 1000; ++i) sut->put("key" + std::to_string(i), "v");  // so that the probe finds one
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->stats().hits > 0; }));
  const boost::json::value line = tool_json({"stat", sut.name(), "500ms", "1"}).at("stat");
  const boost::json::value top = tool_json({"top", sut.name(), "--interval", "500ms"});
  const outcome lines = run_tool({"stat", sut.name(), "10ms", "25"});
  shared->stop = 1;
  BOOST_TEST(reader.wait() == 0);
  BOOST_TEST(line.at("gets").to_number<double>() > 100);
  BOOST_TEST(std::abs(line.at("hit_ratio").to_number<double>() - 0.75) < 0.01);
  BOOST_TEST(line.at("items").to_number<int>() == 1001);
  BOOST_TEST(top.at("rates").at("gets").to_number<double>() > 100);
  BOOST_TEST(top.at("rates").at("probe_ns").to_number<double>() > 0);
  BOOST_TEST(top.at("hottest").at(0).at("key").as_string() == "hot");
  // A heading, 20 lines, and again; all of one width.
  const std::vector<std::string> all = lines_of(lines.out);
  BOOST_REQUIRE(all.size() == 27u);
  BOOST_TEST(all[21] == all[0]);
  for (const std::string& each : all) BOOST_TEST(each.size() == all[0].size());
}

BOOST_AUTO_TEST_CASE(clients_tells_what_a_thread_waits_for_and_who_has_it) {
  support::temp_cache sut;
  support::child stopped("stops_with_a_stripe", {sut.name()});
  BOOST_REQUIRE(
      support::eventually(support::generous, [&] { return doing(sut.name(), stopped).starts_with("holds stripe "); }));
  BOOST_TEST(client_of(sut.name(), stopped.pid()).at("state").as_string() == "stopped");
  const std::string stripe = doing(sut.name(), stopped).substr(std::string("holds ").size());
  support::child waiting("puts_the_same_key", {sut.name()});
  const std::string wanted = "waits for " + stripe + ", held by process " + std::to_string(stopped.pid());
  BOOST_TEST(support::eventually(support::generous, [&] { return doing(sut.name(), waiting) == wanted; }));
  stopped.resume();
  BOOST_TEST(stopped.wait() == 0);
  BOOST_TEST(waiting.wait() == 0);
}

BOOST_AUTO_TEST_CASE(clients_and_rm_know_the_dead_from_the_living) {
  support::temp_cache sut;
  sut->put("hot", "value");
  const support::shared_object<shared_state> shared;
  support::child reader("reads_all_the_time", {sut.name(), shared.argument()});
  BOOST_REQUIRE(support::eventually(support::generous, [&] { return sut->stats().hits > 0; }));
  BOOST_TEST(client_of(sut.name(), reader.pid()).at("state").as_string() == "alive");
  BOOST_TEST(holds(run_tool({"rm", sut.name()}).error, "used by 2 processes"));
  reader.kill();
  BOOST_TEST(client_of(sut.name(), reader.pid()).at("state").as_string() == "dead");
  BOOST_TEST(holds(run_tool({"rm", sut.name()}).error, "used by 1 process,"));
}

BOOST_AUTO_TEST_CASE(histograms_count_every_item_where_it_belongs) {
  support::temp_cache sut;
  for (int i = 0; i < 10; ++i) sut->put("s" + std::to_string(i), std::string(10, 'v'), {.ttl = minutes(1)});
  for (int i = 0; i < 7; ++i) sut->put("l" + std::to_string(i), std::string(3000, 'v'), {.ttl = hours(100)});
  sut->put("forever", "");
  const boost::json::value ttl = tool_json({"histogram", sut.name(), "ttl"});
  BOOST_TEST(items_between(ttl, 0, 1'000'000) == 10u);
  BOOST_TEST(items_between(ttl, 1'000'000, ~0ULL) == 7u);
  BOOST_TEST(ttl.at("all").at("without").to_number<int>() == 1);
  const boost::json::value size = tool_json({"histogram", sut.name(), "size"});
  BOOST_TEST(items_between(size, 0, 1) == 1u);
  BOOST_TEST(items_between(size, 8, 9) == 10u);
  BOOST_TEST(items_between(size, 2048, 2049) == 7u);
  BOOST_TEST(items_between(tool_json({"histogram", sut.name(), "age"}), 0, ~0ULL) == 18u);
}

BOOST_AUTO_TEST_CASE(slabs_count_the_same_by_page_and_by_class) {
  support::temp_cache sut(4 * support::mebibyte);
  for (int i = 0; i < 500; ++i) sut->put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'));
  sut->put("large", std::string(100'000, 'v'));
  const boost::json::value told = tool_json({"slabs", sut.name()});
  for (const char* column : {"cells", "items", "arrays", "moving", "free"}) {
    std::uint64_t by_class = 0;
    std::uint64_t by_page = 0;
    for (const auto& each : told.at("classes").as_array()) by_class += each.at(column).to_number<std::uint64_t>();
    for (const auto& each : told.at("pages").as_array()) by_page += each.at(column).to_number<std::uint64_t>();
    BOOST_TEST(by_class == by_page, std::string(column));
  }
  for (const auto& page : told.at("pages").as_array()) {
    const auto all = page.at("cells").to_number<double>();
    if (all == 0) continue;
    BOOST_TEST(std::abs(page.at("used").to_number<double>() - (1 - page.at("free").to_number<double>() / all)) < 1e-3);
    const auto rounding = page.at("rounding").to_number<double>();
    BOOST_TEST((rounding >= 0 && rounding < 0.5));
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
