// ls: all segments of the host, a line for each.
#include <algorithm>

#include "cache/cache_impl.hpp"
#include "tool/commands/commands.hpp"
#include "tool/source/attached.hpp"

namespace larder::tool {
namespace {

const std::vector<column> columns{{"name", "NAME", unit::text},           {"size_bytes", "SIZE", unit::bytes},
                                  {"used", "USED", unit::share},          {"items", "ITEMS", unit::count},
                                  {"hit_ratio", "HITS", unit::share},     {"processes", "PROCESSES", unit::count},
                                  {"daemon_pid", "DAEMON", unit::number}, {"age_ms", "AGE", unit::milliseconds},
                                  {"user", "USER", unit::text},           {"state", "STATE", unit::text}};

field used_share(const stats& now) {
  if (now.pages == 0) return {};
  const double used = 1 - static_cast<double>(now.free_pages) / static_cast<double>(now.pages);
  return {used, used > 0.95 ? tint::strong : tint::none};
}

field hit_ratio(const stats& now) {
  if (now.hits + now.misses == 0) return {};
  const double ratio = static_cast<double>(now.hits) / static_cast<double>(now.hits + now.misses);
  return {ratio, ratio < 0.5 ? tint::warning : tint::good};
}

std::vector<field> line_of(const std::string& name) {
  std::vector<field> line{encoded(name, encoding::escaped), {}, {}, {}, {}, {}, {}, {}, {}, {}};
  try {
    const source from = source::open(name);
    line[1] = from.facts().size;
    line[8] = user_name(from.facts().owner);
    if (const std::uint32_t daemon = from.daemon(); daemon != 0) line[6] = daemon;
    const std::uint64_t created = from.header().created_at_ms;
    const image segment = image::of(from);
    const stats now = detail::collect_stats(segment.memory);
    line[2] = used_share(now);
    line[3] = now.items;
    line[4] = hit_ratio(now);
    line[5] = std::uint64_t{count_processes(attached_threads(segment))};
    line[7] = segment.now > created ? segment.now - created : 0;
    line[9] = {"ok", tint::good};
  } catch (const failure& problem) {
    line[9] = {problem.code() == exit_code::damaged ? "damaged" : "another version", tint::bad};
  }
  return line;
}

exit_code ls(const request& asked, const output& to) {
  sheet segments{"segments", "", columns, {}, false};
  for (const std::string& name : segment_names()) segments.rows.push_back(line_of(name));
  const bool none = segments.rows.empty();
  document all{{std::move(segments)}, {}};
  if (none && !asked.json())
    all = {{}, {"There is no larder segment that you may read; `larder create NAME` makes one."}};
  to.show(asked, all);
  return none ? exit_code::no : exit_code::yes;
}

}  // namespace

const command ls_command{"ls",
                         "",
                         0,
                         0,
                         "Lists the segments of this host",
                         "USED is the share of slab pages in use. Exit code 1: there is none.",
                         nullptr,
                         &ls};

}  // namespace larder::tool
