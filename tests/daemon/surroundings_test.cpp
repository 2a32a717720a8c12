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

boost::test_tools::assertion_result may_mount(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result may = are_installed({"unshare", "mount"});
  if (!may) return may;
  may = output_of("unshare --mount mount -t tmpfs none /mnt") == "exit code 0";
  if (!may) may.message() << "nothing may be mounted here";
  return may;
}

boost::test_tools::assertion_result may_become_others(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result may = are_installed({"setpriv"});
  if (!may) return may;
  may = output_of("setpriv --reuid=65531 --regid=65531 --clear-groups test -x " LARDERD_PATH) == "exit code 0";
  if (!may) may.message() << "no other user may be had here, or none that may run the daemon";
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

BOOST_AUTO_TEST_CASE(systemd_finds_no_fault_in_the_drop_in_and_calls_it_as_safe,
                     *boost::unit_test::precondition(&has_systemd_analyze)) {
  const temp_directory directory;
  const std::string unit = directory.file("larderd.service");
  write_file(unit, unit_of_the_build());
  std::filesystem::create_directory(unit + ".d");
  const std::string drop_in = unit + ".d/dynamic-user.conf";
  write_file(drop_in, read_file(LARDERD_DROP_IN));
  BOOST_TEST(output_of("systemd-analyze verify --man=no " + unit) == "exit code 0");
  const std::string verdict = output_of("systemd-analyze security --offline=true --no-pager --threshold=15 " + unit);
  BOOST_TEST(verdict.ends_with("exit code 0"), verdict);
  write_file(drop_in, read_file(LARDERD_DROP_IN) + "DynamicUsr=yes\n");
  BOOST_TEST(output_of("systemd-analyze verify --man=no " + unit).find("DynamicUsr") != std::string::npos,
             "else it would not tell much");
}

BOOST_AUTO_TEST_CASE(a_user_who_owns_nothing_looks_after_segments_of_a_group_it_is_in,
                     *boost::unit_test::precondition(&may_become_others)) {
  // What the drop-in makes of it: a user and a group of its own, and the group of the cache's users as a supplementary one.
  constexpr uid_t owner = 65'532;
  constexpr gid_t group = 65'533;
  support::temp_cache cache;
  BOOST_REQUIRE(::chown(cache.path().c_str(), owner, group) == 0);
  BOOST_REQUIRE(::chmod(cache.path().c_str(), 0660) == 0);
  support::temp_cache private_one;
  const temp_directory directory;
  BOOST_REQUIRE(::chmod(directory.file("").c_str(), 0777) == 0);
  daemon_process sut({"--pattern", cache.name() + "*", "--pattern", private_one.name() + "*"},
                     {.run_by = {"setpriv", "--reuid=65531", "--regid=65531", "--groups=" + std::to_string(group)},
                      .metrics = "unix:" + directory.file("metrics")});
  BOOST_TEST(sut.says(cache.name() + ": looked after from now on"));
  BOOST_TEST(sut.says("'" + private_one.name() + "': opening the segment"));
  BOOST_TEST(ok(cache->put("key", "value", {.ttl = larder::milliseconds(10)})));
  BOOST_TEST(support::eventually(support::generous, [&] { return cache->stats().items == 0; }));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(support::violations(*cache) == "");
  BOOST_TEST(std::filesystem::exists(cache.path()));
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

BOOST_AUTO_TEST_CASE(a_syslog_daemon_is_told_who_speaks_and_how_urgently, *boost::unit_test::precondition(&may_mount)) {
  support::temp_cache cache;
  const temp_directory directory;
  daemon_tests::notify_socket syslog(directory.file("syslog"));
  const std::string device = directory.file("dev");
  // A /dev of its own, whose `log` is this test's socket.
  const std::string script = "mkdir " + device + " && mount -t tmpfs none " + device + " && cd " + device +
                             " && touch null && mkdir shm && mount --bind /dev/null null && mount --bind /dev/shm shm" +
                             " && ln -s " + directory.file("syslog") + " log && mount --rbind . /dev && exec \"$@\"";
  write_file(directory.file("conf"), "segment = " + cache.name() + "\n");
  daemon_process sut({"--config", directory.file("conf"), "--log", "syslog"},
                     {.run_by = {"unshare", "--mount", "sh", "-c", script, "sh"}});
  sut.await_ready();
  const auto tells = [&](const std::string& priority, const std::string& text) {
    return support::eventually(support::generous, [&] {
      const std::string told = syslog.told();
      const std::size_t at = told.find(" larderd[" + std::to_string(sut.process().pid()) + "]: " + text);
      if (at == std::string::npos) return false;
      const std::size_t start = told.rfind('\n', at) + 1;
      return told.compare(start, priority.size(), priority) == 0;
    });
  };
  // <facility * 8 + priority>: daemon is 3, information 6, an error 3.
  BOOST_TEST(tells("<30>", "larderd: larderd " LARDER_VERSION_STRING " starts"), syslog.told());
  BOOST_TEST(tells("<30>", cache.name() + ": looked after from now on"));
  sut.process().send(SIGHUP);
  BOOST_TEST(tells("<30>", "larderd: the settings are in force"), "also after it was opened anew");
  write_file(directory.file("conf"), "nothing = 1\n");
  sut.process().send(SIGHUP);
  BOOST_TEST(tells("<27>", "larderd: reloading: " + directory.file("conf") + ":1: 'nothing' is no setting"));
  BOOST_TEST(sut.end() == 0);
  BOOST_TEST(tells("<30>", "larderd: larderd ends"));
  BOOST_TEST(sut.log() == "", "nothing is left for standard error");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
