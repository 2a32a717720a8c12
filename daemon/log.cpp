#include "daemon/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>

namespace larderd {
namespace {

using spdlog::details::null_mutex;

// The message as a JSON string.
class json_message final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string text =
        boost::json::serialize(boost::json::string_view(message.payload.data(), message.payload.size()));
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

// The priority as the journal wants to be told.
class priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const int number = message.level >= spdlog::level::err    ? LOG_ERR
                       : message.level == spdlog::level::warn ? LOG_WARNING
                       : message.level == spdlog::level::info ? LOG_INFO
                                                              : LOG_DEBUG;
    for (const char c : {'<', static_cast<char>('0' + number), '>'}) out.push_back(c);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<priority>(); }
};

// The subject is the daemon's name or a segment's, which is a file name without quotes or control characters.
std::unique_ptr<spdlog::formatter> formatter_of(const log_settings& how) {
  auto made = std::make_unique<spdlog::pattern_formatter>();
  const bool to_journal = how.to == "stderr" && stderr_is_journal();
  const std::string start = to_journal ? "%<" : "";
  made->add_flag<json_message>('*').add_flag<priority>('<');
  if (how.json) {
    made->set_pattern(start + R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","subject":"%n","message":%*})");
  } else if (to_journal) {
    made->set_pattern(start + "%n: %v");
  } else if (how.to == "syslog") {
    made->set_pattern("%n: %v");
  } else {
    made->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %n: %v");
  }
  return made;
}

spdlog::sink_ptr place_of(const log_settings& how) {
  if (how.to == "stderr") return std::make_shared<spdlog::sinks::stderr_sink_st>();
  if (how.to == "syslog") return std::make_shared<spdlog::sinks::syslog_sink_st>("larderd", LOG_PID, LOG_DAEMON, true);
  return std::make_shared<spdlog::sinks::rotating_file_sink_st>(how.to, how.file_size, how.files);
}

}  // namespace

bool stderr_is_journal() noexcept {
  const char* const stream = std::getenv("JOURNAL_STREAM");  // device:inode, in decimal
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

// All loggers write here: leaves out what was just said, and passes on the rest.
class log_book::switchboard final : public spdlog::sinks::base_sink<null_mutex> {
 public:
  void connect(const log_settings& how) {
    spdlog::sink_ptr made = place_of(how);
    made->set_formatter(formatter_of(how));
    place_ = std::move(made);
    set_level(spdlog::level::from_str(how.level));
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.level < spdlog::level::warn) {
      place_->log(message);
      place_->flush();
      return;
    }
    const std::string subject(message.logger_name.data(), message.logger_name.size());
    const std::string text(message.payload.data(), message.payload.size());
    said& before = recent_[subject + '\0' + text];
    if (message.time - before.at < quiet) {
      ++before.left_out;
      return;
    }
    if (before.left_out > 0) {
      const std::string again = text + " (and " + std::to_string(before.left_out) + " times more)";
      place_->log({message.time, message.source, message.logger_name, message.level, again});
    } else {
      place_->log(message);
    }
    before = {message.time, 0};
    if (recent_.size() > most_recent)
      std::erase_if(recent_, [&](const auto& entry) { return message.time - entry.second.at >= quiet; });
    place_->flush();
  }
  void flush_() override { place_->flush(); }

 private:
  static constexpr std::chrono::seconds quiet{10};
  static constexpr std::size_t most_recent = 128;
  struct said {
    spdlog::log_clock::time_point at{};
    std::uint64_t left_out = 0;
  };

  spdlog::sink_ptr place_;
  std::map<std::string, said> recent_;
};

log_book::log_book(const log_settings& how) : sink_(std::make_shared<switchboard>()) { sink_->connect(how); }

void log_book::change(const log_settings& how) { sink_->connect(how); }

std::shared_ptr<spdlog::logger> log_book::about(const std::string& subject) const {
  auto made = std::make_shared<spdlog::logger>(subject, sink_);
  made->set_level(spdlog::level::trace);  // the switchboard decides
  return made;
}

}  // namespace larderd
