#include "daemon/death_watch.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace larderd {

void death_watch::watch(const std::vector<std::uint32_t>& processes) {
  std::erase_if(watched_,
                [&](const auto& entry) { return std::ranges::find(processes, entry.first) == processes.end(); });
  for (const std::uint32_t process : processes) {
    if (watched_.contains(process)) continue;
    // Not by <sys/pidfd.h>, which C++ cannot use in glibc 2.36.
    const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(process), 0));
    if (descriptor < 0) continue;  // it has ended, or there are too many open files: the next look at its token tells
    auto [at, made] = watched_.try_emplace(process, context_, descriptor);
    at->second.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, process](const boost::system::error_code& why) {
                            if (why) return;
                            watched_.erase(process);
                            ended_();
                          });
  }
}

}  // namespace larderd
