// What the system takes away while caches are in use: descriptors, address space, the end of a segment's file, and the
// clock. (A full /dev/shm: host_memory_test.cpp; single calls that fail: fault_test.cpp.)
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/test.hpp"

using larder::cache;
using larder::status;
using support::mebibyte;
using support::require;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool has_sanitizer = true;  // which needs descriptors and much address space, and has a handler for SIGBUS
#else
constexpr bool has_sanitizer = false;
#endif

constexpr int untestable = 77;  // the exit code of children that cannot do what they are to

// True if the call throws larder::error with this code.
template <class Call>
bool fails_with(std::errc code, Call call) {
  try {
    static_cast<void>(call());
  } catch (const larder::error& e) {
    return e.code() == code && e.what()[0] != '\0';
  }
  return false;
}

void set_limit(decltype(RLIMIT_AS) which, rlim_t value) {
  rlimit limit{};
  require(::getrlimit(which, &limit) == 0, "a limit can be read");
  limit.rlim_cur = value == RLIM_INFINITY ? limit.rlim_max : value;
  require(::setrlimit(which, &limit) == 0, "a limit can be set");
}

// A cache that is in use goes on without the system's help.
void use_what_is_attached(cache& sut) {
  require(ok(sut.put("key", "value")) && sut.get("key").view() == "value", "an attached thread reads and writes");
}

std::uint64_t address_space_in_use() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Arguments: segment, a name that nobody has.
LARDER_CHILD_ROLE(has_no_descriptors_left) {
  const std::string& there = arguments.text(0);
  const std::string& absent = arguments.text(1);
  cache sut = cache::open(there);
  const int descriptor = ::open(("/dev/shm/" + there).c_str(), O_RDWR | O_CLOEXEC);
  set_limit(RLIMIT_NOFILE, 64);
  std::vector<int> taken;
  for (int copy = 0; (copy = ::dup(descriptor)) >= 0;) taken.push_back(copy);
  constexpr std::errc code = std::errc::too_many_files_open;
  require(fails_with(code, [&] { return cache::open(there); }), "open says that there are no descriptors");
  require(fails_with(code, [&] { return cache::attach(descriptor); }), "and so does attach");
  require(fails_with(code, [&] { return cache::create(absent, support::small(mebibyte)); }), "and create");
  require(fails_with(code, [&] { return cache::open_or_create(absent, support::small(mebibyte)); }),
          "and open_or_create");
  require(fails_with(code, [&] { return larder::cache_view::open(there); }), "and a view");
  use_what_is_attached(sut);
  status outcome{};
  std::jthread([&] { outcome = sut.put("thread", "value"); }).join();
  require(ok(outcome), "a new thread needs no descriptor");
  require(support::child::fork([&] { return sut.get("key").view() == "value" ? 0 : 1; }).wait() == 0,
          "nor does the child of a fork");
  for (const int copy : taken) ::close(copy);
  require(cache::open(there).contains("key"), "with descriptors open succeeds");
  return 0;
}

// Arguments: a segment of 64 MiB, a small one, a name that nobody has.
LARDER_CHILD_ROLE(has_no_address_space_left) {
  cache sut = cache::open(arguments.text(1));
  use_what_is_attached(sut);
  set_limit(RLIMIT_AS, address_space_in_use() + 16 * mebibyte);
  constexpr std::errc code = std::errc::not_enough_memory;
  require(fails_with(code, [&] { return cache::open(arguments.text(0)); }), "open says that there is no memory");
  require(fails_with(code, [&] { return cache::create(arguments.text(2), support::small(64 * mebibyte)); }),
          "and so does create");
  require(fails_with(code, [&] { return larder::cache_view::open(arguments.text(0)); }), "and a view");
  use_what_is_attached(sut);
  set_limit(RLIMIT_AS, RLIM_INFINITY);
  use_what_is_attached(sut);
  require(ok(cache::open(arguments.text(0)).put("key", "value")), "with address space open succeeds");
  return 0;
}

// Arguments: a segment that is cut short, and one that is not. Ends by a signal.
LARDER_CHILD_ROLE(uses_a_segment_that_is_cut_short) {
  set_limit(RLIMIT_CORE, 0);
  cache cut = cache::open(arguments.text(0));
  cache whole = cache::open(arguments.text(1));
  use_what_is_attached(cut);
  use_what_is_attached(whole);
  require(::truncate(("/dev/shm/" + arguments.text(0)).c_str(), 0) == 0, "a segment's file can be cut short");
  use_what_is_attached(whole);
  static_cast<void>(cut.get("key"));
  return 0;
}

// Arguments: segment. In a process whose monotonic clock differs from that of the others.
LARDER_CHILD_ROLE(lives_days_later) {
  cache sut = cache::open(arguments.text(0));
  require(sut.get("kept").view() == "value", "what does not expire is there");
  require(!sut.contains("an hour"), "what expires has done so");
  require(ok(sut.put("later", "value", {.ttl = std::chrono::hours(1)})) && sut.contains("later"), "it can be used");
  require(sut.sweep() == 1, "what has expired for this process is removed");
  require(support::violations(sut).empty(), "the segment is sound");
  return 0;
}

// Arguments: segment.
LARDER_CHILD_ROLE(lives_earlier) {
  cache sut = cache::open(arguments.text(0));
  require(sut.get("kept").view() == "value" && sut.contains("an hour"), "what is there is there");
  require(ok(sut.put("gone", "value", {.ttl = std::chrono::milliseconds(1)})), "it can be used");
  require(support::violations(sut).empty(), "the segment is sound");
  return 0;
}

// Arguments: segment, role, seconds by which that role's monotonic clock is moved.
LARDER_CHILD_ROLE(moves_the_clock) {
  if (::unshare(CLONE_NEWTIME) != 0) return untestable;
  std::ofstream offsets("/proc/self/timens_offsets");
  offsets << "monotonic " << arguments.text(2) << " 0" << std::endl;
  if (!offsets) return untestable;
  return support::child(arguments.text(1), {arguments.text(0)}).wait();
}

// False, and a message, where clocks cannot be moved.
bool run_at(std::int64_t seconds, const char* role, const std::string& segment) {
  const int ended = support::child("moves_the_clock", {segment, role, std::to_string(seconds)}).wait();
  if (ended == untestable) {
    BOOST_TEST_MESSAGE("skipped: time namespaces need Linux 5.6 and CAP_SYS_ADMIN");
    return false;
  }
  BOOST_TEST(ended == 0);
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(without_descriptors_set_up_fails_and_what_is_attached_goes_on,
                     *boost::unit_test::enable_if<!has_sanitizer>()) {
  support::temp_cache sut;
  const support::temp_name absent;
  support::child child("has_no_descriptors_left", {sut.name(), absent.str()});
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(!absent.exists());
  BOOST_TEST(sut->stats().attached_threads == 0u, "nobody is left, and this thread has not used the cache yet");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(without_address_space_set_up_fails_and_what_is_attached_goes_on,
                     *boost::unit_test::enable_if<!has_sanitizer>()) {
  const support::temp_cache large(64 * mebibyte);
  support::temp_cache sut(mebibyte);
  const support::temp_name absent;
  support::child child("has_no_address_space_left", {large.name(), sut.name(), absent.str()});
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(!absent.exists());
  BOOST_TEST(support::violations(*sut) == "");
}

// Whoever may write a segment may cut it short, and then its pages are gone: the kernel ends whoever touches them. What
// can be had is that nothing else suffers.
BOOST_AUTO_TEST_CASE(who_uses_a_segment_that_is_cut_short_gets_SIGBUS_and_others_are_told,
                     *boost::unit_test::enable_if<!has_sanitizer>()) {
  support::temp_name cut;
  static_cast<void>(cache::create(cut.str(), support::small(mebibyte)));
  support::temp_cache whole;
  support::child child("uses_a_segment_that_is_cut_short", {cut.str(), whole.name()});
  BOOST_TEST(child.wait() == -SIGBUS);
  BOOST_CHECK_THROW(static_cast<void>(cache::open(cut.str())), larder::error);
  BOOST_CHECK_THROW(static_cast<void>(cache::open_or_create(cut.str(), support::small(mebibyte))), larder::error);
  whole->reap();
  BOOST_TEST(whole->stats().attached_threads == 1u, "what the dead one held of the other segment is taken back");
  BOOST_TEST(support::copy_of(*whole, "key") == "value");
  BOOST_TEST(support::violations(*whole) == "");
  BOOST_TEST(cache::remove(cut.str()));
  cache anew = cache::create(cut.str(), support::small(mebibyte));
  BOOST_TEST(anew.put("key", "value") == status::ok);
}

BOOST_AUTO_TEST_CASE(a_process_whose_clock_has_jumped_ahead_removes_what_has_expired_for_it_and_nothing_else) {
  support::temp_cache sut;
  sut->put("kept", "value");
  sut->put("an hour", "value", {.ttl = std::chrono::hours(1)});
  if (!run_at(10 * 86'400, "lives_days_later", sut.name())) return;
  BOOST_TEST(support::copy_of(*sut, "kept") == "value");
  BOOST_TEST(!sut->contains("an hour"));
  BOOST_TEST(support::copy_of(*sut, "later") == "value");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_process_whose_clock_is_behind_keeps_items_longer) {
  support::temp_cache sut;
  sut->put("kept", "value");
  sut->put("an hour", "value", {.ttl = std::chrono::hours(1)});
  timespec now{};
  BOOST_REQUIRE(::clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  if (!run_at(-now.tv_sec / 2, "lives_earlier", sut.name())) return;
  BOOST_TEST(support::copy_of(*sut, "kept") == "value");
  BOOST_TEST(!sut->contains("gone"));
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
