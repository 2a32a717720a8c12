// death_watch: tells at once when one of some processes ends (pidfds). A matter of speed only: the token of each thread says
// the same to whoever looks next, and looking is all there is for processes of other PID namespaces.
#ifndef LARDER_DAEMON_DEATH_WATCH_HPP
#define LARDER_DAEMON_DEATH_WATCH_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace larderd {

class death_watch {
 public:
  // Calls `ended` after one of the processes has ended.
  death_watch(boost::asio::io_context& context, std::function<void()> ended)
      : context_(context), ended_(std::move(ended)) {}

  // Watches these from now on, in the place of those before. Process ids of the daemon's PID namespace.
  void watch(const std::vector<std::uint32_t>& processes);

 private:
  boost::asio::io_context& context_;
  std::function<void()> ended_;
  std::map<std::uint32_t, boost::asio::posix::stream_descriptor> watched_;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_DEATH_WATCH_HPP
