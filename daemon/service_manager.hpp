// What the service manager is told (sd_notify(3)): a datagram to the socket that $NOTIFY_SOCKET names; nothing without it.
// A manager that does not listen is not waited for.
#ifndef LARDER_DAEMON_SERVICE_MANAGER_HPP
#define LARDER_DAEMON_SERVICE_MANAGER_HPP

#include <chrono>
#include <string>
#include <string_view>

namespace larderd {

class service_manager {
 public:
  service_manager();

  // READY=1, RELOADING=1, STOPPING=1, STATUS=text, WATCHDOG=1; lines apart by newlines.
  void tell(std::string_view state) const;

  // How often WATCHDOG=1 is to be told; zero: never.
  [[nodiscard]] std::chrono::milliseconds watchdog_interval() const noexcept { return watchdog_interval_; }

 private:
  std::string address_;
  std::chrono::milliseconds watchdog_interval_{0};
};

}  // namespace larderd

#endif  // LARDER_DAEMON_SERVICE_MANAGER_HPP
