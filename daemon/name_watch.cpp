#include "daemon/name_watch.hpp"

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "daemon/ownership.hpp"

namespace larderd {
namespace {

int open_watch() {
  const int made = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (made < 0 ||
      ::inotify_add_watch(made, segment_directory, IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_OPEN) < 0)
    throw std::system_error(errno, std::system_category(), std::string("watching ") + segment_directory);
  return made;
}

}  // namespace

name_watch::name_watch(boost::asio::io_context& context, std::function<void(const std::string& name)> changed)
    : descriptor_(context, open_watch()), changed_(std::move(changed)) {
  go_on();
}

std::vector<std::string> name_watch::names() {
  std::vector<std::string> all;
  std::error_code why;
  for (const auto& entry : std::filesystem::directory_iterator(segment_directory, why)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored) && !entry.is_symlink(ignored)) all.push_back(entry.path().filename().string());
  }
  return all;
}

void name_watch::go_on() {
  descriptor_.async_read_some(boost::asio::buffer(events_),
                              [this](const boost::system::error_code& why, std::size_t size) {
                                if (why) return;
                                tell(size);
                                go_on();
                              });
}

void name_watch::tell(std::size_t size) const {
  for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
    const auto& event = *reinterpret_cast<const inotify_event*>(events_.data() + at);
    // Nameless events are those of the directory itself, which this program opens, too.
    if (event.len != 0) changed_(event.name);
    if ((event.mask & IN_Q_OVERFLOW) != 0) changed_({});
    at += sizeof(inotify_event) + event.len;
  }
}

}  // namespace larderd
