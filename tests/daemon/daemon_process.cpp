#include "daemon/daemon_process.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace daemon_tests {
namespace {

// Arguments: where its output goes, the notify socket, the watchdog's microseconds, and a command.
LARDER_CHILD_ROLE(becomes_larderd) {
  const int log = ::open(arguments.text(0).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::setenv("NOTIFY_SOCKET", arguments.text(1).c_str(), 1);
  if (arguments.text(2) != "0") ::setenv("WATCHDOG_USEC", arguments.text(2).c_str(), 1);
  std::vector<std::string> texts;
  for (std::size_t i = 4; i < 4 + static_cast<std::size_t>(arguments.number(3)); ++i)
    texts.push_back(arguments.text(i));
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  return 127;
}

support::child start(const std::string& log, const std::string& manager, const daemon_process::surroundings& in,
                     const std::vector<std::string>& arguments) {
  std::vector<std::string> command = in.run_by;
  command.push_back(LARDERD_PATH);
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> all{log, manager, std::to_string(in.watchdog_microseconds), std::to_string(command.size())};
  all.insert(all.end(), command.begin(), command.end());
  return support::child("becomes_larderd", all);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

std::vector<std::string> with_metrics(std::vector<std::string> arguments, const std::string& place) {
  arguments.insert(arguments.end(), {"--metrics", place});
  return arguments;
}

}  // namespace

temp_directory::temp_directory() {
  char path[] = "/tmp/larderd-test-XXXXXX";
  if (::mkdtemp(path) == nullptr) throw std::system_error(errno, std::system_category(), "mkdtemp");
  path_ = path;
}

temp_directory::~temp_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

notify_socket::notify_socket(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const sockaddr_un address = address_of(path);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::system_category(), "binding the notify socket");
}

notify_socket::~notify_socket() { ::close(socket_); }

std::string notify_socket::told() {
  char message[4096];
  for (ssize_t size = 0; (size = ::recv(socket_, message, sizeof message, 0)) > 0;) {
    told_.append(message, static_cast<std::size_t>(size));
    told_ += '\n';
  }
  return told_;
}

daemon_process::daemon_process(std::vector<std::string> arguments, const surroundings& in)
    : manager_(directory_.file("notify")),
      process_(
          start(directory_.file("log"), directory_.file("notify"), in,
                with_metrics(std::move(arguments), in.metrics.empty() ? "unix:" + metrics_socket() : in.metrics))) {}

daemon_process& daemon_process::await_ready() {
  const bool ready = support::eventually(
      support::generous, [&] { return manager_.told().find("READY=1") != std::string::npos || !process_.running(); });
  if (!ready || !process_.running()) throw std::runtime_error("larderd did not start: " + log());
  return *this;
}

bool daemon_process::says(const std::string& text) {
  return support::eventually(support::generous, [&] { return log().find(text) != std::string::npos; });
}

daemon_process::answer daemon_process::get(const std::string& path, const char* method) const {
  namespace http = boost::beast::http;
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::socket socket(context);
  socket.connect(boost::asio::local::stream_protocol::endpoint(metrics_socket()));
  http::request<http::empty_body> request(http::string_to_verb(method), path, 11);
  request.set(http::field::host, "localhost");
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  return {response.result_int(), response.body()};
}

double daemon_process::metric(const std::string& name, const std::string& segment) const {
  std::istringstream lines(get("/metrics").body);
  const std::string start = name + "{segment=\"" + segment + "\"} ";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) return std::stod(line.substr(start.size()));
  }
  return 0;
}

int daemon_process::end() {
  process_.send(SIGTERM);
  return process_.wait();
}

outcome run_daemon(const std::vector<std::string>& arguments) {
  const temp_directory directory;
  support::child process = start(directory.file("log"), "", {}, arguments);
  const int exit_code = process.wait();
  return {exit_code, read_file(directory.file("log"))};
}

}  // namespace daemon_tests
