// The metrics in the text format of Prometheus, made from the two declarations of counters.
#ifndef LARDER_DAEMON_EXPOSITION_HPP
#define LARDER_DAEMON_EXPOSITION_HPP

#include <list>
#include <string>

#include "daemon/ward.hpp"

namespace larderd {

[[nodiscard]] std::string exposition(const std::list<ward>& wards);

}  // namespace larderd

#endif  // LARDER_DAEMON_EXPOSITION_HPP
