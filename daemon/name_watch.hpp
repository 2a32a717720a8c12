// name_watch: tells when a segment appears, goes or is opened (inotify on the directory of the segments).
#ifndef LARDER_DAEMON_NAME_WATCH_HPP
#define LARDER_DAEMON_NAME_WATCH_HPP

#include <sys/inotify.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>
#include <vector>

namespace larderd {

class name_watch {
 public:
  // Calls `changed` with each name that has come or gone or was opened, from now on; with an empty one if there were too many to tell.
  // Throws std::system_error.
  name_watch(boost::asio::io_context& context, std::function<void(const std::string& name)> changed);

  // All names there are now.
  [[nodiscard]] static std::vector<std::string> names();

 private:
  void go_on();
  void tell(std::size_t size) const;

  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void(const std::string& name)> changed_;
  alignas(inotify_event) std::array<char, 4096> events_{};
};

}  // namespace larderd

#endif  // LARDER_DAEMON_NAME_WATCH_HPP
