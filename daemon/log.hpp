// The log: one set of sinks, and a logger for each subject (the daemon, each segment) that writes to them.
//
// Levels are for readers: `error` what an operator must do something about; `warning` what they should know, such as a
// process that holds a lock for long; `info` what changed, such as a dead process or a moved page; `debug` each step.
// Standard error that leads to systemd's journal gets each line with its priority before it (sd-daemon(3)), which the journal
// takes off, and no time, of which it has its own.
//
// A warning or error that says the same of the same subject within ten seconds is counted instead of written again.
#ifndef LARDER_DAEMON_LOG_HPP
#define LARDER_DAEMON_LOG_HPP

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "daemon/settings.hpp"

namespace larderd {

// True if standard error is the stream to the journal that $JOURNAL_STREAM names.
[[nodiscard]] bool stderr_is_journal() noexcept;

class log_book {
 public:
  // Throws spdlog::spdlog_ex if the file cannot be written.
  explicit log_book(const log_settings& how);

  // Writes to other places, or in another way, from now on. Opens a file anew in any case: it may have been moved away.
  void change(const log_settings& how);

  [[nodiscard]] std::shared_ptr<spdlog::logger> about(const std::string& subject) const;

 private:
  class switchboard;
  std::shared_ptr<switchboard> sink_;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_LOG_HPP
