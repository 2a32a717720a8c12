#include "daemon/endpoint.hpp"

#include <sys/un.h>

#include <charconv>
#include <string_view>

#include "daemon/units.hpp"

namespace larderd {
namespace {

constexpr std::string_view unix_prefix = "unix:";

[[noreturn]] void fail(const std::string& text) {
  throw bad_value("'" + text + "' is no place for metrics; write unix:/PATH, 127.0.0.1:PORT or [::1]:PORT");
}

}  // namespace

endpoint endpoint::parse(const std::string& text) {
  endpoint made;
  if (text.starts_with(unix_prefix)) {
    made.path = text.substr(unix_prefix.size());
    if (!made.path.starts_with('/') || made.path.size() >= sizeof(sockaddr_un::sun_path)) fail(text);
    return made;
  }
  for (const std::string_view host : {std::string_view("127.0.0.1"), std::string_view("[::1]")}) {
    if (!text.starts_with(std::string(host) + ":")) continue;
    const char* const end = text.data() + text.size();
    const auto [at, failed] = std::from_chars(text.data() + host.size() + 1, end, made.port);
    if (failed != std::errc() || at != end) fail(text);
    made.address = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
    return made;
  }
  fail(text);
}

std::string endpoint::text() const {
  if (!path.empty()) return std::string(unix_prefix) + path;
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace larderd
