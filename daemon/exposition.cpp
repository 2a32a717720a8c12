#include "daemon/exposition.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string_view>
#include <vector>

namespace larderd {
namespace {

std::string escaped(std::string_view text, bool quotes_too) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || (quotes_too && c == '"')) out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

void head(std::string& out, const std::string& name, std::string_view kind, std::string_view line,
          std::string_view paragraph) {
  out += fmt::format("# HELP {} {}{}. {}\n# TYPE {} {}\n", name, static_cast<char>(std::toupper(line.front())),
                     escaped(line.substr(1), false), escaped(paragraph, false), name, kind);
}

// Counters end in _total and bytes in _bytes, as Prometheus has it.
std::string metric_name(const larder::counter_info& info) {
  std::string name = "larder_" + std::string(info.name);
  if (info.unit == "bytes") name += "_bytes";
  if (info.kind == larder::counter_kind::counter) name += "_total";
  return name;
}

struct daemon_counter {
  std::string_view name;
  std::string_view kind;
  std::string_view line;
  std::string_view paragraph;
  std::uint64_t ward_counters::*value;
};

constexpr daemon_counter daemon_counters[] = {
#define LARDER_DAEMON_COUNTER(name, kind, line, paragraph) {#name, #kind, line, paragraph, &ward_counters::name},
#include "daemon/counters.def"
#undef LARDER_DAEMON_COUNTER
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The names that every exporter uses for itself. Shared memory does not count as the daemon's own.
void add_process(std::string& out) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::uint64_t ignored = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  std::ifstream("/proc/self/statm") >> ignored >> resident >> shared;
  head(out, "process_cpu_seconds_total", "counter", "processor time of the daemon", "User and system time.");
  out += fmt::format("process_cpu_seconds_total {}\n", seconds(used.ru_utime) + seconds(used.ru_stime));
  head(out, "larderd_private_memory_bytes", "gauge", "memory of the daemon itself",
       "Resident pages that it shares with nobody; the segments are not among them.");
  out += fmt::format("larderd_private_memory_bytes {}\n",
                     (resident - shared) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace

std::string exposition(const std::list<ward>& wards) {
  std::string out;
  std::vector<larder::stats> stats;
  std::vector<std::string> labels;
  for (const ward& w : wards) {
    stats.push_back(w.stats());
    labels.push_back("{segment=\"" + escaped(w.name(), true) + "\"}");
  }
  for (const larder::counter_info& info : larder::counters()) {
    const std::string name = metric_name(info);
    head(out, name, info.kind == larder::counter_kind::counter ? "counter" : "gauge", info.line, info.paragraph);
    for (std::size_t i = 0; i < stats.size(); ++i)
      out += fmt::format("{}{} {}\n", name, labels[i], stats[i].*info.value);
  }
  for (const daemon_counter& info : daemon_counters) {
    const std::string name = fmt::format("larderd_{}{}", info.name, info.kind == "counter" ? "_total" : "");
    head(out, name, info.kind, info.line, info.paragraph);
    std::size_t i = 0;
    for (const ward& w : wards) out += fmt::format("{}{} {}\n", name, labels[i++], w.counters().*info.value);
  }
  add_process(out);
  return out;
}

}  // namespace larderd
