// Where the daemon is run: as the unit that is installed for systemd, and in a container, alone in its namespaces.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "daemon/daemon_process.hpp"
#include "daemon/shell.hpp"
#include "support/test.hpp"

using daemon_tests::are_installed;
using daemon_tests::daemon_process;
using daemon_tests::output_of;
using daemon_tests::read_file;
using daemon_tests::temp_directory;
using daemon_tests::write_file;

namespace {

boost::test_tools::assertion_result has_systemd_analyze(boost::unit_test::test_unit_id) {
  return are_installed({"systemd-analyze"});
}

// The unit as it is installed, but for the program, which is that of the build.
std::string unit_of_the_build() {
  std::string text = read_file(LARDERD_UNIT);
  const std::string key = "\nExecStart=";
  const std::size_t start = text.find(key) + key.size();
  return text.replace(start, text.find(' ', start) - start, LARDERD_PATH);
}

boost::test_tools::assertion_result may_make_namespaces(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result may = are_installed({"unshare"});
  if (!may) return may;
  may = output_of("unshare --mount --pid --fork --mount-proc true") == "exit code 0";
  if (!may) may.message() << "namespaces may not be made here";
  return may;
}

// The only child of a process: of unshare, the daemon.
pid_t child_of(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream in("/proc/" + id + "/task/" + id + "/children");
  pid_t child = 0;
  in >> child;
  return child;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(daemon_)
BOOST_AUTO_TEST_SUITE(surroundings)

BOOST_AUTO_TEST_CASE(systemd_finds_no_fault_in_the_unit, *boost::unit_test::precondition(&has_systemd_analyze)) {
  const temp_directory directory;
  const std::string unit = directory.file("larderd.service");
  write_file(unit, unit_of_the_build());
  BOOST_TEST(output_of("systemd-analyze verify --man=no " + unit) == "exit code 0");
  write_file(unit, unit_of_the_build() + "\n[Service]\nProtectSytem=strict\n");
  BOOST_TEST(output_of("systemd-analyze verify --man=no " + unit).find("ProtectSytem") != std::string::npos,
             "else it would not tell much");
}

BOOST_AUTO_TEST_CASE(systemd_calls_the_unit_safe, *boost::unit_test::precondition(&has_systemd_analyze)) {
  const temp_directory directory;
  const std::string unit = directory.file("larderd.service");
  write_file(unit, unit_of_the_build());
  // From 0 to 100: how much of the host the service is exposed to.
  const std::string verdict = output_of("systemd-analyze security --offline=true --no-pager --threshold=15 " + unit);
  BOOST_TEST(verdict.ends_with("exit code 0"), verdict);
}

BOOST_AUTO_TEST_CASE(in_a_container_it_is_process_1_and_has_segments_of_its_own,
                     *boost::unit_test::precondition(&may_make_namespaces)) {
  const support::temp_name name;
  const temp_directory directory;
  write_file(directory.file("conf"), "[segment " + name.str() + "]\ncreate = yes\ncapacity = 1MiB\n");
  daemon_process sut({"--config", directory.file("conf")},
                     {.run_by = {"unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                                 "mount -t tmpfs -o size=8m shm /dev/shm && exec \"$@\"", "sh"}});
  sut.await_ready();
  BOOST_TEST(sut.says("larderd: larderd " LARDER_VERSION_STRING " starts, process 1\n"));
  BOOST_TEST(!std::filesystem::exists(name.path()), "the host has no such segment");
  BOOST_TEST(sut.metric("larder_capacity_bytes", name.str()) == 1048576);
  BOOST_TEST(sut.get("/healthz").status == 200u);
  BOOST_REQUIRE(::kill(child_of(sut.process().pid()), SIGTERM) == 0);
  BOOST_TEST(sut.process().wait() == 0);
  BOOST_TEST(sut.says("larderd ends"));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
