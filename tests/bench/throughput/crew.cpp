#include "crew.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace bench {
namespace {

// What the members and their parent share.
struct meeting_place {
  std::atomic<std::size_t> arrivals{0};  // at barriers, of all members since the start
  std::atomic<bool> failed{false};
};

// Memory that forked processes share: a meeting place, and a number of readings.
class shared_notes {
 public:
  explicit shared_notes(std::size_t readings)
      : bytes_(sizeof(meeting_place) + sizeof(reading) * (readings + 1)), memory_(map(bytes_)) {
    new (memory_) meeting_place;
  }
  shared_notes(const shared_notes&) = delete;
  shared_notes& operator=(const shared_notes&) = delete;
  ~shared_notes() { ::munmap(memory_, bytes_); }

  [[nodiscard]] meeting_place& meeting() const noexcept { return *static_cast<meeting_place*>(memory_); }
  [[nodiscard]] reading& at(std::size_t index) const noexcept {
    return reinterpret_cast<reading*>(static_cast<std::byte*>(memory_) + sizeof(meeting_place))[index];
  }

 private:
  static void* map(std::size_t bytes) {
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::system_category(), "sharing memory with a child");
    return memory;
  }
  std::size_t bytes_;
  void* memory_;
};

// Returns when all members have come here for the `count`th time. Sleeps, so that a member that works alone has the
// machine to itself; members then start within some 100 microseconds of each other.
void wait_at_barrier(meeting_place& meeting, std::size_t count) {
  const std::size_t wanted = count * crew_size;
  meeting.arrivals.fetch_add(1, std::memory_order_acq_rel);
  while (meeting.arrivals.load(std::memory_order_acquire) < wanted) {
    if (meeting.failed.load(std::memory_order_relaxed)) throw std::runtime_error("another process failed");
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

// Forks; the child runs `body` and leaves without returning.
pid_t start(meeting_place& meeting, const std::function<void()>& body) {
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::system_category(), "starting a process");
  if (child > 0) return child;
  int status = 0;
  try {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    body();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "larder_bench: process %d: %s\n", static_cast<int>(::getpid()), e.what());
    meeting.failed.store(true);
    status = 1;
  }
  ::_exit(status);
}

// Waits for so many children and throws if one of them failed.
void wait_for_children(meeting_place& meeting, std::size_t children) {
  for (std::size_t ended = 0; ended < children;) {
    int status = 0;
    if (::wait(&status) < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::system_category(), "waiting for a process");
    }
    ++ended;
    if (status != 0) meeting.failed.store(true);
  }
  if (meeting.failed.load()) throw std::runtime_error("a process of the benchmark failed");
}

}  // namespace

std::vector<std::vector<step_readings>> run_crew(std::size_t rounds, const std::vector<crew_step>& steps,
                                                 const std::function<void(std::size_t)>& warm_up) {
  const std::vector<int> processors = usable_processors();
  const shared_notes notes(rounds * steps.size() * crew_size);
  const auto place = [&](std::size_t round, std::size_t step, std::size_t member) -> reading& {
    return notes.at((round * steps.size() + step) * crew_size + member);
  };
  for (std::size_t member = 0; member < crew_size; ++member) {
    start(notes.meeting(), [&] {
      stay_on(processors[member % processors.size()]);
      warm_up(member);
      for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t step = 0; step < steps.size(); ++step) {
          wait_at_barrier(notes.meeting(), round * steps.size() + step + 1);
          if (((static_cast<unsigned>(steps[step].members) >> member) & 1U) == 0) continue;
          place(round, step, member) = steps[step].run(member);
        }
      }
    });
  }
  wait_for_children(notes.meeting(), crew_size);
  std::vector<std::vector<step_readings>> all(rounds, std::vector<step_readings>(steps.size()));
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t step = 0; step < steps.size(); ++step) {
      for (std::size_t member = 0; member < crew_size; ++member) all[round][step][member] = place(round, step, member);
    }
  }
  return all;
}

reading run_forked(const std::function<reading()>& body) {
  const shared_notes notes(1);
  start(notes.meeting(), [&] { notes.at(0) = body(); });
  wait_for_children(notes.meeting(), 1);
  return notes.at(0);
}

std::vector<int> usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> usable;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return usable;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(static_cast<std::size_t>(processor), &set)) usable.push_back(processor);
  }
  return usable;
}

void stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(processor), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace bench
