// The metrics, fetched by real HTTP clients, and validated by Prometheus's own tool where that is installed.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>

#include "daemon/daemon_process.hpp"
#include "daemon/shell.hpp"
#include "support/test.hpp"

using daemon_tests::are_installed;
using daemon_tests::daemon_process;
using daemon_tests::output_of;

namespace {

boost::test_tools::assertion_result has_tools(boost::unit_test::test_unit_id) {
  return are_installed({"curl", "promtool"});
}

// One that nobody listens at now.
std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  return tcp::acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)).local_endpoint().port();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(every_counter_of_the_library_is_there_with_its_explanation) {
  support::temp_cache cache;
  BOOST_TEST(ok(cache->put("key", "value")));
  for (int i = 0; i < 3; ++i) static_cast<void>(cache->get("key"));
  daemon_process sut({cache.name()});
  sut.await_ready();
  const auto [status, text] = sut.get("/metrics");
  BOOST_TEST(status == 200u);
  for (const larder::counter_info& info : larder::counters()) {
    BOOST_TEST(text.find("\nlarder_" + std::string(info.name)) != std::string::npos, info.name);
    BOOST_TEST(text.find(info.paragraph) != std::string::npos, info.name);
  }
  BOOST_TEST(sut.metric("larder_hits_total", cache.name()) == 3);
  BOOST_TEST(sut.metric("larder_items", cache.name()) == 1);
  BOOST_TEST(sut.metric("larder_capacity_bytes", cache.name()) == 16.0 * 1048576);
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(each_metric_is_declared_once_before_its_samples) {
  support::temp_cache one;
  support::temp_cache two;
  daemon_process sut({one.name(), two.name()});
  sut.await_ready();
  std::istringstream lines(sut.get("/metrics").body);
  std::set<std::string> declared;
  std::string current;
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      BOOST_TEST(declared.insert(current).second, current);
    } else if (!line.starts_with("#")) {
      BOOST_TEST(line.substr(0, line.find_first_of("{ ")) == current);
      ++samples;
    }
  }
  BOOST_TEST(samples > 60);
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(curl_can_fetch_them_and_promtool_finds_no_fault, *boost::unit_test::precondition(&has_tools)) {
  support::temp_cache cache;
  daemon_process sut({cache.name()});
  sut.await_ready();
  const std::string fetch = "curl --silent --fail --unix-socket " + sut.metrics_socket() + " http://localhost/metrics";
  const std::string verdict = output_of(fetch + " | promtool check metrics");
  BOOST_TEST(verdict == "exit code 0");
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(a_port_of_the_loopback_interface_serves_them_too, *boost::unit_test::precondition(&has_tools)) {
  support::temp_cache cache;
  const std::string place = "127.0.0.1:" + std::to_string(free_port());
  daemon_process sut({cache.name()}, {.metrics = place});
  sut.await_ready();
  const std::string fetch = "curl --silent --fail http://" + place;
  BOOST_TEST(output_of(fetch + "/metrics | promtool check metrics") == "exit code 0");
  BOOST_TEST(output_of(fetch + "/healthz") == "ok\nexit code 0");
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(other_paths_and_methods_are_refused) {
  support::temp_cache cache;
  daemon_process sut({cache.name()});
  sut.await_ready();
  BOOST_TEST(sut.get("/").status == 404u);
  BOOST_TEST(sut.get("/metrics/").status == 404u);
  BOOST_TEST(sut.get("/metrics", "POST").status == 405u);
  BOOST_TEST(sut.get("/healthz").body == "ok\n");
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_waited_for_is_told_by_healthz) {
  const support::temp_name name;
  daemon_process sut({name.str()});
  sut.await_ready();
  BOOST_TEST(sut.get("/healthz").status == 503u);
  const larder::cache cache = larder::cache::create(name.str(), support::small());
  BOOST_TEST(support::eventually(support::generous, [&] { return sut.get("/healthz").status == 200u; }));
  BOOST_TEST(sut.end() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
