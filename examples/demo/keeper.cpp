// Starts and ends the process, and reads its metrics over HTTP.
#include "keeper.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "scratch.hpp"

namespace demo {
namespace {

constexpr auto patience = std::chrono::seconds(10);

// The value of a metric in Prometheus's text format, which begins its line; 0 if it is not there.
std::uint64_t metric(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + "{")) return std::stoull(line.substr(line.rfind(' ')));
  }
  return 0;
}

}  // namespace

keeper::keeper(std::filesystem::path program, std::string segment, std::filesystem::path scratch)
    : program_(std::move(program)),
      segment_(std::move(segment)),
      socket_(scratch / "larderd.socket"),
      log_(scratch / "larderd.log"),
      process_(fork()) {
  if (process_ == -1) throw std::system_error(errno, std::generic_category(), "fork");
  if (process_ == 0) become_it();
  try {
    wait_until_it_works();
  } catch (...) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    throw;
  }
}

keeper::~keeper() {
  if (process_ == 0) return;
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

void keeper::become_it() const {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);  // Ctrl-C is for the demonstration, which ends this one
  release_interrupts();
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  const std::string metrics = "unix:" + socket_.string();
  // A round of the integrity check takes half an hour, unless it is to be seen at work.
  execl(program_.c_str(), "larderd", segment_.c_str(), "--metrics", metrics.c_str(), "--check-period", "5s",
        static_cast<char*>(nullptr));
  const std::string why = std::system_category().message(errno) + "\n";
  _exit(write(STDERR_FILENO, why.data(), why.size()) < 0 ? 126 : 127);
}

// The body of the answer, and its head; empty if nobody answers yet.
std::string keeper::ask(const std::string& path) const {
  boost::asio::local::stream_protocol::iostream http(boost::asio::local::stream_protocol::endpoint(socket_.string()));
  if (!http) return {};
  http << "GET " << path << " HTTP/1.0\r\nHost: localhost\r\n\r\n" << std::flush;
  return {std::istreambuf_iterator<char>(http), {}};
}

void keeper::wait_until_it_works() {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (ask("/healthz").find("\r\n\r\nok") == std::string::npos) {
    stop_if_interrupted();
    if (waitpid(process_, nullptr, WNOHANG) != 0) fail("it ended at once");
    if (std::chrono::steady_clock::now() > deadline) fail("it is not ready after 10 seconds");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

keeper_report keeper::report() const {
  const std::string text = ask("/metrics");
  return {.evicted = metric(text, "larderd_evicted_ahead_total"),
          .pages_moved = metric(text, "larderd_pages_moved_total"),
          .stripes_grown = metric(text, "larderd_stripes_grown_total"),
          .cells_checked = metric(text, "larderd_checked_cells_total"),
          .violations = metric(text, "larderd_violations_total")};
}

void keeper::end() {
  kill(process_, SIGTERM);
  int outcome = 0;
  waitpid(process_, &outcome, 0);
  process_ = 0;
  if (outcome != 0) fail("it did not end well");
}

void keeper::fail(const std::string& what) const {
  std::ifstream log(log_);
  const std::string said{std::istreambuf_iterator<char>(log), {}};
  throw std::runtime_error("larderd (" + program_.string() + "): " + what +
                           (said.empty() ? "" : "; it said:\n" + said));
}

}  // namespace demo
