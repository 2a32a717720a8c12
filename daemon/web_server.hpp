// web_server: GET /metrics and GET /healthz, over HTTP on a Unix socket or a port of the loopback interface.
#ifndef LARDER_DAEMON_WEB_SERVER_HPP
#define LARDER_DAEMON_WEB_SERVER_HPP

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "daemon/endpoint.hpp"

namespace larderd {

struct web_page {
  unsigned status = 200;
  std::string text;
};

class web_server {
 public:
  // Makes the text for a path; status 404 for those there are not.
  using responder = std::function<web_page(const std::string& path)>;

  // Listens from now on. Throws boost::system::system_error. A socket that a dead daemon left behind is replaced.
  web_server(boost::asio::io_context& context, const endpoint& at, responder respond);
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;
  ~web_server();

 private:
  class listener;
  std::shared_ptr<listener> listener_;
  std::string path_;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_WEB_SERVER_HPP
