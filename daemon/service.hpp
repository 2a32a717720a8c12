// service: the daemon: its segments, its signals, its clock.
//
// One thread does everything, in turns: the chores of the segments when they are due, signals, metrics, names that come
// and go.
#ifndef LARDER_DAEMON_SERVICE_HPP
#define LARDER_DAEMON_SERVICE_HPP

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/death_watch.hpp"
#include "daemon/log.hpp"
#include "daemon/name_watch.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/settings.hpp"
#include "daemon/ward.hpp"
#include "daemon/web_server.hpp"

namespace larderd {

// A segment that was asked for by name cannot be had.
class cannot_start : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class service {
 public:
  // Takes over the segments that are there. Throws cannot_start, settings_error, or what the log or the metrics' socket do.
  explicit service(command_line line);

  // Until SIGTERM or SIGINT.
  void run();

 private:
  enum class eagerness { starting, running };

  void make_segments();
  void make_segment(const std::string& name, const segment_settings& how);
  void look_for_segments(eagerness how);
  void adopt(const std::string& name, eagerness how);
  void complain(const std::string& name, const std::string& what, eagerness how);
  [[nodiscard]] bool is_named(const std::string& name) const;
  [[nodiscard]] bool is_wanted(const std::string& name) const;
  void drop_unwanted();

  void work();
  void watch_processes();
  void work_at(ward::clock::time_point when);
  void wait_for_signal();
  void reload();
  void report();
  void listen();
  void pet_watchdog();
  [[nodiscard]] web_page respond(const std::string& path) const;
  [[nodiscard]] std::string summary() const;

  command_line line_;
  settings settings_;
  log_book log_book_;
  std::shared_ptr<spdlog::logger> log_;
  service_manager manager_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer chores_;
  boost::asio::steady_timer watchdog_;
  std::list<ward> wards_;
  std::map<std::string, std::string> complaints_;  // by segment: why it is not looked after
  std::map<std::string, ino_t> foreign_;           // files that match a pattern and are no segments
  bool look_again_ = false;                        // names have come or gone, or something may be better by now
  ward::clock::time_point next_look_{};
  ward::clock::time_point last_work_{};
  std::optional<name_watch> names_;
  death_watch deaths_;
  std::unique_ptr<web_server> web_;
};

}  // namespace larderd

#endif  // LARDER_DAEMON_SERVICE_HPP
