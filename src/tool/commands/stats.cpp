// stats: every statistic of a segment, as declared in larder/counters.def; with --explain what each one means.
#include "cache/cache_impl.hpp"
#include "tool/commands/commands.hpp"

namespace larder::tool {
namespace {

unit unit_of(std::string_view name) { return name == "bytes" ? unit::bytes : unit::count; }

// Breaks a paragraph into lines of the terminal's width, indented.
std::string wrapped(std::string_view paragraph, std::size_t width) {
  constexpr std::string_view indent = "    ";
  std::string out;
  std::size_t column = 0;
  while (!paragraph.empty()) {
    const std::size_t end = std::min(paragraph.find(' '), paragraph.size());
    if (column == 0 || column + 1 + end > width) {
      if (column != 0) out += '\n';
      out += indent;
      column = indent.size();
    } else {
      out += ' ';
      ++column;
    }
    out += paragraph.substr(0, end);
    column += end;
    paragraph.remove_prefix(std::min(end + 1, paragraph.size()));
  }
  return out + '\n';
}

void explain(const stats& now, const output& to) {
  for (const counter_info& each : counters()) {
    std::string& out = to.out.text();
    out += to.where.tinted(std::string(each.name), tint::strong) + ": " +
           text_of({now.*each.value}, unit_of(each.unit), to.where.is_for_people()) + ' ' + std::string(each.unit) +
           ", " + std::string(each.line) + '\n' + wrapped(each.paragraph, std::min<std::size_t>(to.where.width(), 100));
  }
}

exit_code show_stats(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const stats now = detail::collect_stats(segment.memory);
  if (asked.flag("explain") && !asked.json()) {
    explain(now, to);
    return exit_code::yes;
  }
  if (asked.json()) {
    record r("stats");
    for (const counter_info& each : counters())
      r.add(std::string(each.name), std::string(each.name), unit_of(each.unit), now.*each.value);
    to.show(asked, {{r.take()}, {}});
    return exit_code::yes;
  }
  sheet all{"stats",
            "",
            {{"name", "NAME", unit::text}, {"value", "VALUE", unit::count}, {"line", "", unit::text}},
            {},
            false};
  for (const counter_info& each : counters()) {
    const std::string value = text_of({now.*each.value}, unit_of(each.unit), to.where.is_for_people());
    all.rows.push_back({std::string(each.name), value, {std::string(each.line), tint::faint}});
  }
  to.show(asked, {{std::move(all)}, {}});
  return exit_code::yes;
}

void declare(po::options_description& options) {
  add_flag(options, "explain", "tell what each number means and what to do");
}

}  // namespace

const command stats_command{"stats",
                            "SEGMENT",
                            1,
                            1,
                            "Shows all statistics of a segment",
                            "Counters are sums since the segment was made; gauges are of now.",
                            &declare,
                            &show_stats};

}  // namespace larder::tool
