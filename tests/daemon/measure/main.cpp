// larderd_measure: what the daemon costs and how quick it is, against its goals. For quiet machines; not part of the tests.
//
//     larderd_measure PATH-OF-LARDERD [--quick]
//
// Exit code 1: a goal was missed.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "larder/larder.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool all_met = true;

void tell(const char* what, double value, const char* unit, double goal) {
  const bool met = value <= goal;
  all_met = all_met && met;
  std::printf("%-62s %10.3f %-6s goal %8.3f  %s\n", what, value, unit, goal, met ? "met" : "MISSED");
  std::fflush(stdout);
}

// A segment of this program's own.
class temp_segment {
 public:
  explicit temp_segment(std::size_t capacity)
      : name_("larder-measure-" + std::to_string(::getpid()) + "-" + std::to_string(next++)),
        cache_(larder::cache::create(name_, {.capacity = capacity})) {}
  ~temp_segment() { larder::cache::remove(name_); }
  temp_segment(const temp_segment&) = delete;
  temp_segment& operator=(const temp_segment&) = delete;
  [[nodiscard]] const std::string& name() const { return name_; }
  larder::cache* operator->() { return &cache_; }

 private:
  static inline int next = 0;
  std::string name_;
  larder::cache cache_;
};

class daemon_process {
 public:
  daemon_process(const std::string& program, std::vector<std::string> arguments) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  ~daemon_process() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  daemon_process(const daemon_process&) = delete;
  daemon_process& operator=(const daemon_process&) = delete;

  // Seconds on a processor.
  [[nodiscard]] double processor_time() const {
    require_running();
    std::uint64_t nanoseconds = 0;
    std::ifstream("/proc/" + std::to_string(pid_) + "/schedstat") >> nanoseconds;
    return static_cast<double>(nanoseconds) / 1e9;
  }
  // MiB that are no segment's: of its own, and of programs and libraries.
  [[nodiscard]] double memory() const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/status");
    double kib = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("RssAnon:") || line.starts_with("RssFile:")) kib += std::stod(line.substr(8));
    }
    return kib / 1024;
  }
  // Per cent of a processor, over a while.
  [[nodiscard]] double load_during(milliseconds length) const {
    const double before = processor_time();
    std::this_thread::sleep_for(length);
    return (processor_time() - before) / std::chrono::duration<double>(length).count() * 100;
  }

 private:
  void require_running() const {
    if (::waitpid(pid_, nullptr, WNOHANG) == 0) return;
    std::fputs("larderd has ended\n", stderr);
    std::exit(2);
  }

  pid_t pid_;
};

std::string key_of(std::size_t i) { return "key-" + std::to_string(i); }

void measure_idle(const std::string& program, milliseconds length) {
  std::vector<std::unique_ptr<temp_segment>> segments;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) {
    segments.push_back(std::make_unique<temp_segment>(std::size_t{16} << 20));
    (*segments.back())->put("key", "value");
    names.push_back(segments.back()->name());
  }
  const daemon_process daemon(program, names);
  std::this_thread::sleep_for(milliseconds(4000));
  tell("10 idle segments, each with a user: processor", daemon.load_during(length), "%", 0.1);
  tell("10 idle segments: memory that is no segment's", daemon.memory(), "MiB", 10);
}

// p99.9 of gets of `count` keys, in nanoseconds, until `end`.
double slow_gets(larder::cache& cache, std::size_t count, clock_type::time_point end) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(key_of(i));
  // Touched here, so that what is measured is not how the kernel finds memory for it.
  std::vector<std::uint32_t> times(std::size_t{1} << 25, 1);
  std::size_t measured = 0;
  for (std::size_t i = 0; measured < times.size(); i = (i + 7919) % count) {
    const auto before = clock_type::now();
    static_cast<void>(cache.get(keys[i]));
    const auto after = clock_type::now();
    times[measured++] = static_cast<std::uint32_t>((after - before).count());
    if (after >= end) break;
  }
  times.resize(measured);
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 999 / 1000);
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

void measure_million(const std::string& program, milliseconds length, std::size_t items) {
  temp_segment cache(std::size_t{512} << 20);
  const std::string value(100, 'v');
  constexpr std::size_t lasting = 100'000;
  for (std::size_t i = 0; i < items; ++i) cache->put(key_of(i), value, {.ttl = std::chrono::hours(1)});
  const daemon_process daemon(program, {cache.name(), "--check-period", "off"});
  std::this_thread::sleep_for(milliseconds(4000));
  tell("live items, nothing expires: processor", daemon.load_during(length), "%", 0.2);
  const double idle = slow_gets(*cache.operator->(), lasting, clock_type::now() + length);
  // All but the lasting ones expire within one second.
  const auto start = clock_type::now();
  const milliseconds lead(static_cast<milliseconds::rep>(items / 200 + 2000));
  for (std::size_t i = lasting; i < items; ++i) {
    const auto left = std::chrono::duration_cast<milliseconds>(start + lead - clock_type::now());
    cache->put(key_of(i), value, {.ttl = left + milliseconds(i % 1000)});
  }
  std::this_thread::sleep_until(start + lead);
  double busy = 0;
  std::thread reader([&] { busy = slow_gets(*cache.operator->(), lasting, start + lead + milliseconds(1500)); });
  const double before = daemon.processor_time();
  while (cache->stats().items > lasting) std::this_thread::sleep_for(milliseconds(5));
  const double took = std::chrono::duration<double>(clock_type::now() - (start + lead + milliseconds(1000))).count();
  tell("all but 100,000 expire in one second: memory free after", took, "s", 1);
  reader.join();
  tell("  p99.9 of a get beside that, against its idle value", busy / idle, "times", 3);
  std::printf("  (%.0f ns against %.0f ns; the daemon took %.2f s for %zu items)\n", busy, idle,
              daemon.processor_time() - before, items - lasting);
}

void measure_reaping(const std::string& program, int rounds) {
  temp_segment cache(std::size_t{16} << 20);
  cache->put("key", "value");
  const daemon_process daemon(program, {cache.name()});
  std::this_thread::sleep_for(milliseconds(500));
  double slowest = 0;
  for (int i = 0; i < rounds; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const larder::read_handle held = cache->get("key");
      for (;;) ::pause();
    }
    while (cache->stats().pins == 0) std::this_thread::sleep_for(milliseconds(1));
    ::kill(child, SIGKILL);
    const auto before = clock_type::now();
    while (cache->stats().pins != 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    slowest = std::max(slowest, std::chrono::duration<double, std::milli>(clock_type::now() - before).count());
    ::waitpid(child, nullptr, 0);
  }
  tell("from SIGKILL until its handles are taken back: slowest", slowest, "ms", 100);
}

// What larderd says of itself: a metric, summed over its segments.
double metric(const std::string& socket_path, const std::string& name) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, socket_path.c_str(), sizeof to.sun_path - 1);
  std::string answer;
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      ::write(socket, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char part[4096];
    for (ssize_t size = 0; (size = ::read(socket, part, sizeof part)) > 0;)
      answer.append(part, static_cast<std::size_t>(size));
  }
  ::close(socket);
  std::istringstream lines(answer);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + "{")) sum += std::stod(line.substr(line.find("} ") + 2));
  }
  return sum;
}

// One writer of new keys into a full segment, so many a second, in portions of a millisecond.
void put_at_rate(larder::cache& cache, std::size_t& key, std::size_t rate, milliseconds length) {
  const std::string value(100, 'v');
  const auto start = clock_type::now();
  for (std::size_t done = 0;;) {
    const auto passed = std::chrono::duration<double>(clock_type::now() - start);
    if (passed >= length) return;
    const auto wanted = static_cast<std::size_t>(passed.count() * static_cast<double>(rate));
    for (; done < wanted; ++done) cache.put(key_of(key++), value);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void measure_ahead(const std::string& program, milliseconds length, std::size_t rate) {
  temp_segment cache(std::size_t{64} << 20);
  std::size_t key = 0;
  for (const std::string value(100, 'v'); cache->stats().evictions < 10'000;) cache->put(key_of(key++), value);
  const std::string socket = "/tmp/" + cache.name() + ".metrics";
  const daemon_process daemon(program, {cache.name(), "--metrics", "unix:" + socket});
  put_at_rate(*cache.operator->(), key, rate, milliseconds(1000));
  const std::string name = "larderd_evicted_ahead_total";
  const double ahead = metric(socket, name);
  const std::uint64_t all = cache->stats().evictions;
  const double before = daemon.processor_time();
  put_at_rate(*cache.operator->(), key, rate, length);
  const auto evicted = static_cast<double>(cache->stats().evictions - all);
  const std::string what = std::to_string(rate / 1000) + ",000 puts a second into a full segment: evicted by puts";
  tell(what.c_str(), 100 - 100 * (metric(socket, name) - ahead) / evicted, "%", 1);
  std::printf("  (of %.0f evictions; the daemon took %.1f %% of a processor)\n", evicted,
              (daemon.processor_time() - before) / std::chrono::duration<double>(length).count() * 100);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc == 3 && std::string(argv[2]) == "--quick";
  if (argc < 2 || (argc == 3 && !quick) || argc > 3) {
    std::fputs("usage: larderd_measure PATH-OF-LARDERD [--quick]\n", stderr);
    return 2;
  }
  measure_idle(argv[1], quick ? milliseconds(3000) : milliseconds(20'000));
  measure_reaping(argv[1], quick ? 10 : 50);
  for (const std::size_t rate : {20'000U, 100'000U, 500'000U})
    measure_ahead(argv[1], quick ? milliseconds(2000) : milliseconds(10'000), rate);
  measure_million(argv[1], quick ? milliseconds(3000) : milliseconds(10'000), 1'000'000);
  std::puts(all_met ? "all goals met" : "a goal was missed");
  return all_met ? 0 : 1;
}
