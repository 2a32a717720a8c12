// How a thread and what it holds are named to people.
#ifndef LARDER_DAEMON_HOLDER_TEXT_HPP
#define LARDER_DAEMON_HOLDER_TEXT_HPP

#include <string>

#include "cache/housekeeping.hpp"

namespace larderd {

// "process 17 (php-fpm, stopped), attached for 12 s, holds 3 handles, one for 8.2 s; the lock of stripe 4 for 2.0 s"
[[nodiscard]] std::string describe(const larder::detail::holding& h);

}  // namespace larderd

#endif  // LARDER_DAEMON_HOLDER_TEXT_HPP
