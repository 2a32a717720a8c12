#include "daemon/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace larderd {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

long long number(const std::string& text) {
  long long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

service_manager::service_manager() : address_(variable("NOTIFY_SOCKET")) {
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) address_.clear();
  const std::string meant_for = variable("WATCHDOG_PID");
  if (meant_for.empty() || number(meant_for) == ::getpid())
    watchdog_interval_ =
        std::chrono::milliseconds(number(variable("WATCHDOG_USEC")) / 2000);  // twice as often as asked
}

void service_manager::tell(std::string_view state) const {
  if (address_.empty()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';  // an abstract name
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  static_cast<void>(::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&to), size));
  ::close(socket);
}

}  // namespace larderd
