#include "daemon/service.hpp"

#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "daemon/exposition.hpp"
#include "larder/larder.hpp"
#include "larder/version.hpp"

namespace larderd {

using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 1s;  // for segments that are wanted and cannot be had
constexpr auto stale_after = 5s;    // /healthz: the chores are late

std::string path_of(const std::string& segment) { return std::string(segment_directory) + "/" + segment; }

// Gives a segment to the owner and the group that its section names.
void give_away(const std::string& name, const segment_settings& how) {
  if (how.owner.empty() && how.group.empty()) return;
  const passwd* user = how.owner.empty() ? nullptr : ::getpwnam(how.owner.c_str());
  const uid_t uid = user != nullptr ? user->pw_uid : static_cast<uid_t>(-1);
  const ::group* team = how.group.empty() ? nullptr : ::getgrnam(how.group.c_str());
  const gid_t gid = team != nullptr ? team->gr_gid : static_cast<gid_t>(-1);
  if (::chown(path_of(name).c_str(), uid, gid) == 0) return;
  const int why = errno;
  larder::cache::remove(name);  // or the next start would take it for a segment that is as it was asked for
  throw std::system_error(why, std::system_category(), "giving '" + name + "' to " + how.owner + ":" + how.group);
}

}  // namespace

service::service(command_line line)
    : line_(std::move(line)),
      settings_(load(line_)),
      log_book_(settings_.log),
      log_(log_book_.about("larderd")),
      signals_(context_, SIGTERM, SIGINT, SIGHUP),
      chores_(context_),
      watchdog_(context_),
      deaths_(context_, [this] {
        for (ward& w : wards_) w.hurry();
        work_at(ward::clock::now());
      }) {
  signals_.add(SIGUSR1);
  log_->info("larderd " LARDER_VERSION_STRING " starts, process {}", ::getpid());
  names_.emplace(context_, [this](const std::string& name) {
    if (!name.empty() && !is_wanted(name)) return;
    look_again_ = true;
    for (ward& w : wards_) w.hurry();
    work_at(ward::clock::now());
  });
  make_segments();
  look_for_segments(eagerness::starting);
  listen();
}

void service::run() {
  wait_for_signal();
  pet_watchdog();
  manager_.tell("READY=1\nSTATUS=" + summary());
  work();
  context_.run();
  manager_.tell("STOPPING=1");
  web_.reset();
  wards_.clear();
  log_->info("larderd ends");
}

// --- Segments ---------------------------------------------------------------------------------------------------------

void service::make_segments() {
  for (const auto& [name, how] : settings_.sections) {
    if (how.create) make_segment(name, how);
  }
}

void service::make_segment(const std::string& name, const segment_settings& how) {
  struct stat info {};
  if (::stat(path_of(name).c_str(), &info) == 0) return;
  try {
    { const larder::cache made = larder::cache::create(name, how.options); }
    give_away(name, how);
    log_->info("made the segment '{}' of {} MiB", name, how.options.capacity >> 20);
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::file_exists) return;  // somebody else was quicker
    throw cannot_start("the segment '" + name + "' cannot be made: " + e.what());
  }
}

bool service::is_named(const std::string& name) const {
  return std::ranges::find(settings_.segments, name) != settings_.segments.end();
}

bool service::is_wanted(const std::string& name) const {
  const auto matches = [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; };
  return is_named(name) || std::ranges::any_of(settings_.patterns, matches);
}

void service::look_for_segments(eagerness how) {
  look_again_ = false;
  for (const std::string& name : name_watch::names()) {
    if (is_wanted(name)) adopt(name, how);
  }
  const auto gone = [](const ward& w) { return w.is_forsaken(); };
  for (const ward& w : wards_) {
    if (gone(w)) log_->info("'{}' was removed and nobody uses it any more", w.name());
  }
  wards_.remove_if(gone);
  for (const std::string& name : settings_.segments) {
    const bool there = std::ranges::any_of(wards_, [&](const ward& w) { return w.name() == name; });
    if (!there && !complaints_.contains(name))
      complain(name, "nobody has made it yet; it is waited for", eagerness::running);
  }
}

void service::adopt(const std::string& name, eagerness how) {
  struct stat info {};
  if (::lstat(path_of(name).c_str(), &info) != 0) return;
  if (std::ranges::any_of(wards_, [&](const ward& w) { return w.inode() == info.st_ino; })) return;
  const bool by_name = is_named(name);
  if (const auto known = foreign_.find(name); known != foreign_.end() && known->second == info.st_ino && !by_name)
    return;
  try {
    static_cast<void>(larder::cache_view::open(name));  // before anything of it is touched: is it a segment at all?
    wards_.emplace_back(name, ownership::take(name), log_book_.about(name));
    complaints_.erase(name);
    foreign_.erase(name);
  } catch (const owned_by_another& e) {
    complain(name, e.what(), how);
  } catch (const std::system_error& e) {
    if (e.code() != larder::status::not_a_cache || by_name) {
      complain(name, e.what(), how);
    } else {
      foreign_[name] = info.st_ino;
      log_->info("{}", e.what());
    }
  }
}

// A segment that was asked for by name must be had at the start. Later, and for patterns, it is said once.
void service::complain(const std::string& name, const std::string& what, eagerness how) {
  if (is_named(name) && how == eagerness::starting) throw cannot_start(what);
  std::string& before = complaints_[name];
  if (before != what) log_->warn("'{}': {}", name, what);
  before = what;
}

void service::drop_unwanted() {
  wards_.remove_if([this](const ward& w) { return !is_wanted(w.name()); });
  std::erase_if(complaints_, [this](const auto& entry) { return !is_wanted(entry.first); });
}

// --- Turns ------------------------------------------------------------------------------------------------------------

void service::work() {
  const auto now = ward::clock::now();
  last_work_ = now;
  // Those without a name are let go of when their last user ends, of which nobody tells.
  const bool unsettled = !complaints_.empty() || std::ranges::any_of(wards_, &ward::is_nameless);
  if (look_again_ || (unsettled && now >= next_look_)) {
    look_for_segments(eagerness::running);
    next_look_ = now + look_interval;
  }
  auto next = now + 1h;
  if (unsettled) next = next_look_;
  for (ward& w : wards_) next = std::min(next, w.work(settings_, now));
  watch_processes();
  work_at(next);
}

// Those of all segments, when some have come or gone.
void service::watch_processes() {
  bool others = false;
  for (ward& w : wards_) others = w.has_others() || others;
  if (!others) return;
  std::vector<std::uint32_t> all;
  for (const ward& w : wards_) all.insert(all.end(), w.processes().begin(), w.processes().end());
  deaths_.watch(all);
}

void service::work_at(ward::clock::time_point when) {
  chores_.expires_at(when);  // in the place of what was planned before
  chores_.async_wait([this](const boost::system::error_code& why) {
    if (!why) work();
  });
}

void service::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& why, int signal) {
    if (why) return;
    if (signal == SIGTERM || signal == SIGINT) {
      context_.stop();
      return;
    }
    if (signal == SIGHUP) reload();
    if (signal == SIGUSR1) report();
    wait_for_signal();
  });
}

void service::reload() {
  manager_.tell("RELOADING=1");
  log_->info("reading the settings again");
  try {
    settings fresh = load(line_);
    const bool elsewhere = fresh.metrics != settings_.metrics;
    log_book_.change(fresh.log);
    settings_ = std::move(fresh);
    if (elsewhere) listen();
    drop_unwanted();
    make_segments();
    look_again_ = true;
    work_at(ward::clock::now());
    log_->info("the settings are in force");
  } catch (const std::exception& e) {
    log_->error("reloading: {}; what went before goes on", e.what());
  }
  manager_.tell("READY=1\nSTATUS=" + summary());
}

void service::report() {
  log_->info("status: {}", summary());
  for (ward& w : wards_) w.report();
  for (const auto& [name, why] : complaints_) log_->info("'{}' is not looked after: {}", name, why);
}

void service::listen() {
  web_.reset();
  if (settings_.metrics.empty()) return;
  web_ = std::make_unique<web_server>(context_, endpoint::parse(settings_.metrics),
                                      [this](const std::string& path) { return respond(path); });
  log_->info("metrics at {}", settings_.metrics);
}

void service::pet_watchdog() {
  if (manager_.watchdog_interval() == 0ms) return;
  manager_.tell("WATCHDOG=1");
  watchdog_.expires_after(manager_.watchdog_interval());
  watchdog_.async_wait([this](const boost::system::error_code& why) {
    if (!why) pet_watchdog();
  });
}

web_page service::respond(const std::string& path) const {
  if (path == "/metrics") return {200, exposition(wards_)};
  if (path != "/healthz") return {404, "there are /metrics and /healthz\n"};
  std::string trouble;
  if (!wards_.empty() && ward::clock::now() - last_work_ > stale_after) trouble += "the chores are late\n";
  for (const ward& w : wards_) {
    if (w.counters().violations != 0) trouble += w.name() + " is damaged\n";
  }
  for (const auto& [name, why] : complaints_) {
    if (is_named(name)) trouble += name + ": " + why + "\n";
  }
  return trouble.empty() ? web_page{200, "ok\n"} : web_page{503, trouble};
}

std::string service::summary() const {
  return std::to_string(wards_.size()) + " segments looked after, " + std::to_string(complaints_.size()) +
         " waited for";
}

}  // namespace larderd
