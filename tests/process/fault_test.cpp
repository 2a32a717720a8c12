// Each system call that an operation makes fails, the first, the second ... until the operation succeeds untouched. What
// fails says so (larder::error with the reason, or a status), leaves no name, descriptor, mapping or slot behind, works
// when it is tried again, and the segment stays sound.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "process/fault_injector.hpp"
#include "support/child.hpp"
#include "support/test.hpp"

using larder::cache;
using larder::status;
using support::require;

namespace {

constexpr int untestable = 77;  // the exit code of children that cannot inject faults

// What a process holds of the operating system.
struct holdings {
  std::size_t descriptors = 0;
  std::size_t segments = 0;       // mappings of files in /dev/shm
  std::size_t wiped_on_fork = 0;  // kB

  friend bool operator==(const holdings&, const holdings&) = default;
  [[nodiscard]] std::string text() const {
    return std::to_string(descriptors) + " descriptors, " + std::to_string(segments) + " mappings of segments, " +
           std::to_string(wiped_on_fork) + " kB of pages of its own";
  }
};

holdings count_holdings() {
  holdings all;
  DIR* open_files = ::opendir("/proc/self/fd");
  require(open_files != nullptr, "/proc/self/fd can be read");
  while (::readdir(open_files) != nullptr) ++all.descriptors;
  ::closedir(open_files);
  std::ifstream mappings("/proc/self/smaps");
  std::size_t size = 0;
  for (std::string line; std::getline(mappings, line);) {
    if (line.find(" /dev/shm/") != std::string::npos) ++all.segments;
    if (line.starts_with("Size:")) size = std::stoul(line.substr(5));
    if (line.starts_with("VmFlags:") && line.find(" wf") != std::string::npos) all.wiped_on_fork += size;
  }
  return all;
}

// Where operations are tried: a segment that is there, and a name that nobody has.
struct place {
  cache& keeper;
  std::string there;
  support::temp_name absent = {};
  int descriptor = ::open(("/dev/shm/" + there).c_str(), O_RDWR | O_CLOEXEC);
};

// One performance of an operation, in which the k-th call of a kind fails; of none, when there is no kind.
struct trial {
  const faults::fault* kind = nullptr;
  int k = 0;
  bool has_failed = false;  // it came to so many calls

  // What fails is asked for by this call, and by nothing before and after it.
  template <class Call>
  auto during(Call call) {
    struct ender {
      trial& of;
      ~ender() { of.has_failed = faults::disarm(); }
    };
    if (kind != nullptr) faults::arm(*kind, k);
    const ender at_exit{*this};
    return call();
  }
  [[nodiscard]] std::string text() const {
    return kind == nullptr ? "without a failure" : std::string(kind->name) + " at call " + std::to_string(k);
  }
};

// False: a status or a miss told that it failed.
using operation = bool (*)(place&, trial&);

bool try_create(place& where, trial& t) {
  cache made = t.during([&] { return cache::create(where.absent.str(), support::small(support::mebibyte)); });
  require(ok(made.put("key", "value")) && support::violations(made).empty(), "what was made is sound");
  return true;
}

bool try_create_with_huge_pages(place& where, trial& t) {
  larder::create_options options = support::small(4 * support::mebibyte);
  options.huge_pages = true;
  cache made = t.during([&] { return cache::create(where.absent.str(), options); });
  require(ok(made.put("key", "value")) && support::violations(made).empty(), "what was made is sound");
  return true;
}

bool try_open_or_create_absent(place& where, trial& t) {
  cache made = t.during([&] { return cache::open_or_create(where.absent.str(), support::small(support::mebibyte)); });
  require(ok(made.put("key", "value")), "what was made works");
  return true;
}

bool try_open(place& where, trial& t) {
  cache opened = t.during([&] { return cache::open(where.there); });
  require(opened.get("key").view() == "value", "what was opened works");
  return true;
}

bool try_open_or_create_present(place& where, trial& t) {
  cache opened = t.during([&] { return cache::open_or_create(where.there); });
  require(opened.get("key").view() == "value", "what was opened works");
  return true;
}

bool try_open_without_exceptions(place& where, trial& t) {
  std::error_code why;
  std::optional<cache> opened = t.during([&] { return cache::try_open(where.there, why); });
  require(opened.has_value() == !why, "the reason is told, or there is none");
  return opened.has_value();
}

bool try_attach(place& where, trial& t) {
  cache attached = t.during([&] { return cache::attach(where.descriptor); });
  require(attached.get("key").view() == "value", "what was attached to works");
  return true;
}

bool try_view(place& where, trial& t) {
  const larder::cache_view view = t.during([&] { return larder::cache_view::open(where.there); });
  require(view.get_copy("key") == "value", "what is viewed works");
  return true;
}

bool try_first_use_by_a_thread(place& where, trial& t) {
  status first{};
  status second{};
  std::jthread([&] {
    first = t.during([&] { return where.keeper.put("thread", "value"); });
    second = where.keeper.put("thread", "value");
  }).join();
  require(ok(first) || first == status::detached, "a store succeeds, or there is no slot");
  require(ok(second), "the thread's next store succeeds");
  return ok(first);
}

// So many that limbo is reclaimed again and again.
bool try_stores(place& where, trial& t) {
  const std::string value(300, 'v');
  const auto store_many = [&] {
    for (int i = 0; i < 600; ++i) {
      if (!ok(where.keeper.put("other" + std::to_string(i % 7), value))) return false;
    }
    return true;
  };
  require(t.during(store_many), "a store needs nothing that could fail");
  return true;
}

// The child's exit code tells whether something failed in it, and whether it found the key.
bool try_get_after_fork(place& where, trial& t) {
  support::child forked = support::child::fork([&] {
    const bool hit = t.during([&] { return where.keeper.get("key").view() == "value"; });
    require(where.keeper.get("key").view() == "value", "the next get of the child finds the key");
    return 10 + (t.has_failed ? 1 : 0) + (hit ? 2 : 0);
  });
  const int told = forked.wait() - 10;
  require(told >= 0 && told <= 3, "the child comes to its end");
  t.has_failed = (told & 1) != 0;
  return (told & 2) != 0;
}

struct named_operation {
  const char* name;
  operation perform;
};

const std::vector<named_operation>& operations() {
  static const std::vector<named_operation> all{
      {"create", try_create},
      {"create, huge pages", try_create_with_huge_pages},
      {"open_or_create, absent", try_open_or_create_absent},
      {"open_or_create, present", try_open_or_create_present},
      {"open", try_open},
      {"try_open", try_open_without_exceptions},
      {"attach", try_attach},
      {"view", try_view},
      {"first use by a thread", try_first_use_by_a_thread},
      {"put", try_stores},
      {"get after fork", try_get_after_fork},
  };
  return all;
}

inline std::ostream& operator<<(std::ostream& out, const named_operation& o) { return out << o.name; }

// Lets everything fail that one operation asks of the system.
class fault_finder {
 public:
  fault_finder(const named_operation& what, place& where) : what_(what), where_(where) {}

  // What is wrong, a line each.
  [[nodiscard]] std::string find_all() {
    static_cast<void>(perform({}));  // what is loaded or allocated but once
    before_ = count_holdings();
    threads_before_ = where_.keeper.stats().attached_threads;
    int failures = 0;
    for (const faults::fault& kind : faults::all()) {
      int k = 1;
      for (; perform({&kind, k}); ++k) require(k < 10'000, "an operation comes to its end");
      failures += k - 1;
    }
    std::fprintf(stderr, "%-25s %4d failures\n", what_.name, failures);
    return complaints_;
  }

 private:
  // False: it did not come to so many calls.
  [[nodiscard]] bool perform(trial t) {
    bool succeeded = false;
    try {
      succeeded = what_.perform(where_, t);
    } catch (const larder::error& e) {
      const bool told =
          e.code().category() == larder::larder_category() || (t.kind != nullptr && e.code().value() == t.kind->error);
      claim(told && e.what()[0] != '\0', t, std::string("the error tells what failed: ") + e.what());
    } catch (const std::exception& e) {
      claim(false, t, std::string("it throws nothing but larder::error: ") + e.what());
    }
    claim(succeeded || t.has_failed, t, "it succeeds when nothing fails");
    claim(succeeded || !where_.absent.exists(), t, "it leaves no name behind");
    cache::remove(where_.absent.str());
    look_for_leaks(t);
    return t.has_failed;
  }

  void look_for_leaks(const trial& t) {
    if (threads_before_ == 0) return;  // nothing to compare with yet
    const holdings now = count_holdings();
    claim(now == before_, t, "it leaks nothing: " + before_.text() + " before, " + now.text() + " after");
    before_ = now;
    const std::uint64_t threads = where_.keeper.stats().attached_threads;
    claim(threads == threads_before_, t, "it leaves no slot in use: " + std::to_string(threads));
    threads_before_ = threads;
    claim(support::violations(where_.keeper).empty(), t, "the segment is sound");
  }

  void claim(bool holds, const trial& t, const std::string& what) {
    if (!holds) complaints_ += std::string(what_.name) + ", " + t.text() + ", not true: " + what + "\n";
  }

  const named_operation& what_;
  place& where_;
  holdings before_;
  std::uint64_t threads_before_ = 0;
  std::string complaints_;
};

// Arguments: segment, operation.
LARDER_CHILD_ROLE(meets_failures) {
  if (!faults::install()) return untestable;
  cache keeper = cache::open(arguments.text(0));
  require(keeper.contains("key"), "this thread is attached");
  place where{keeper, arguments.text(0)};
  const named_operation& what = operations().at(static_cast<std::size_t>(arguments.number(1)));
  const std::string complaints = fault_finder(what, where).find_all();
  std::fputs(complaints.c_str(), stderr);
  return complaints.empty() ? 0 : 1;
}

// A thread that cannot make its death token takes another slot; the first stays claimed while the process lives.
LARDER_CHILD_ROLE(attaches_without_a_token) {
  cache sut = cache::open(arguments.text(0));
  faults::fail_robust_mutexes(1);
  require(sut.get("key").view() == "value", "there are other slots");
  require(ok(sut.put("reply", "value")), "a thread without its first slot writes");
  status outcome{};
  std::jthread([&] {
    faults::fail_robust_mutexes(1'000'000);
    outcome = sut.put("key", "new");
    faults::fail_robust_mutexes(0);
  }).join();
  require(outcome == status::detached, "without any token there is no slot");
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process)
BOOST_AUTO_TEST_SUITE(failures)

BOOST_DATA_TEST_CASE(any_system_call_may_fail_in,
                     boost::unit_test::data::make(operations()) ^ boost::unit_test::data::xrange(operations().size()),
                     what, index) {
  support::temp_cache sut(support::small(4 * support::mebibyte));
  sut->put("key", "value");
  support::child child("meets_failures", {sut.name(), std::to_string(index)});
  const int ended = child.wait(std::chrono::minutes(4));
  if (ended == untestable) {
    BOOST_TEST_MESSAGE("skipped: system calls cannot be made to fail here");
    return;
  }
  BOOST_TEST(ended == 0, what.name << " ended with " << ended << ": see above");
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::copy_of(*sut, "key") == "value");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_thread_without_a_death_token_gets_no_slot_and_leaves_none_behind) {
  support::temp_cache sut;
  sut->put("key", "value");
  support::child child("attaches_without_a_token", {sut.name()});
  BOOST_TEST(child.wait() == 0);
  sut->reap();
  BOOST_TEST(sut->stats().attached_threads == 1u);
  BOOST_TEST(support::copy_of(*sut, "key") == "value");
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
