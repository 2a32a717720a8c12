#include "daemon/web_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <variant>

namespace larderd {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using any_socket = asio::generic::stream_protocol::socket;

constexpr std::chrono::seconds patience{10};  // with a client, from its connection to the last byte
constexpr int most_clients = 32;

// One request and its answer; ends by itself.
class session : public std::enable_shared_from_this<session> {
 public:
  session(any_socket socket, web_server::responder respond, std::shared_ptr<int> clients)
      : socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        respond_(std::move(respond)),
        clients_(std::move(clients)) {
    ++*clients_;
    parser_.body_limit(0);
  }
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() { --*clients_; }

  void run() {
    deadline_.expires_after(patience);
    deadline_.async_wait([self = weak_from_this()](const boost::system::error_code& why) {
      const std::shared_ptr<session> alive = self.lock();
      if (!why && alive) alive->close();
    });
    http::async_read(socket_, buffer_, parser_,
                     [self = shared_from_this()](const boost::system::error_code& why, std::size_t) {
                       if (!why) self->answer();
                     });
  }

 private:
  void answer() {
    const auto& request = parser_.get();
    web_page page{405, "only GET is understood here\n"};
    if (request.method() == http::verb::get || request.method() == http::verb::head)
      page = respond_(std::string(request.target()));
    response_.version(request.version());
    response_.result(page.status);
    response_.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    response_.keep_alive(false);
    response_.content_length(page.text.size());
    if (request.method() != http::verb::head) response_.body() = std::move(page.text);
    http::async_write(socket_, response_,
                      [self = shared_from_this()](const boost::system::error_code&, std::size_t) { self->close(); });
  }

  void close() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
    socket_.close(ignored);
    deadline_.cancel();
  }

  any_socket socket_;
  asio::steady_timer deadline_;
  web_server::responder respond_;
  std::shared_ptr<int> clients_;
  boost::beast::flat_buffer buffer_{8192};
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
};

// A socket that nobody listens to any more.
void remove_left_behind(asio::io_context& context, const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  asio::local::stream_protocol::socket probe(context);
  boost::system::error_code why;
  probe.connect(asio::local::stream_protocol::endpoint(path), why);
  if (why == boost::system::errc::connection_refused) ::unlink(path.c_str());
}

}  // namespace

class web_server::listener : public std::enable_shared_from_this<listener> {
 public:
  listener(asio::io_context& context, const endpoint& at, responder respond)
      : respond_(std::move(respond)), acceptor_(listen_at(context, at)) {}

  void go_on() {
    std::visit(
        [this](auto& open) {
          open.async_accept([self = shared_from_this()](const boost::system::error_code& why, auto socket) {
            if (why == asio::error::operation_aborted) return;
            if (!why && *self->clients_ < most_clients)
              std::make_shared<session>(any_socket(std::move(socket)), self->respond_, self->clients_)->run();
            self->go_on();
          });
        },
        acceptor_);
  }
  void close() {
    boost::system::error_code ignored;
    std::visit([&](auto& open) { open.close(ignored); }, acceptor_);
  }

 private:
  using acceptor = std::variant<asio::local::stream_protocol::acceptor, asio::ip::tcp::acceptor>;

  static acceptor listen_at(asio::io_context& context, const endpoint& at) {
    if (at.path.empty()) return asio::ip::tcp::acceptor(context, {asio::ip::make_address(at.address), at.port});
    remove_left_behind(context, at.path);
    asio::local::stream_protocol::acceptor made(context, asio::local::stream_protocol::endpoint(at.path));
    ::chmod(at.path.c_str(), 0660);
    return made;
  }

  responder respond_;
  acceptor acceptor_;
  std::shared_ptr<int> clients_ = std::make_shared<int>(0);
};

web_server::web_server(asio::io_context& context, const endpoint& at, responder respond)
    : listener_(std::make_shared<listener>(context, at, std::move(respond))), path_(at.path) {
  listener_->go_on();
}

// Only visiting a variant that holds nothing would throw. NOLINTNEXTLINE(bugprone-exception-escape)
web_server::~web_server() {
  listener_->close();
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace larderd
