// endpoint: where the metrics are served: a Unix socket, or a port of the loopback interface.
#ifndef LARDER_DAEMON_ENDPOINT_HPP
#define LARDER_DAEMON_ENDPOINT_HPP

#include <cstdint>
#include <string>

namespace larderd {

struct endpoint {
  std::string path;     // of a Unix socket; empty: a port
  std::string address;  // 127.0.0.1 or ::1
  std::uint16_t port = 0;

  // unix:/PATH, 127.0.0.1:PORT or [::1]:PORT. Throws bad_value.
  [[nodiscard]] static endpoint parse(const std::string& text);
  [[nodiscard]] std::string text() const;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_ENDPOINT_HPP
