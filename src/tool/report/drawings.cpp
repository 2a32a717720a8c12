// The drawings of the report: SVG, with a title on everything that a mouse may point at. Colours are classes of the page's
// style sheet.
#include <algorithm>

#include "tool/output/units.hpp"
#include "tool/report/page.hpp"

namespace larder::tool {
namespace {

constexpr double width = 860;

std::string number(double n) { return decimal(n, 1); }

std::string svg(double height, const std::string& content, std::string_view label) {
  return R"(<svg viewBox="0 0 )" + number(width) + ' ' + number(height) + R"(" role="img" aria-label=")" +
         html_text(label) + R"(">)" + content + "</svg>\n";
}

std::string rectangle(double x, double y, double w, double h, std::string_view kind, std::string_view title) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(std::max(w, 0.0)) + "\" height=\"" +
         number(std::max(h, 0.0)) + "\" class=\"" + std::string(kind) + "\"><title>" + html_text(title) +
         "</title></rect>";
}

std::string text(double x, double y, std::string_view anchor, std::string_view what) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) + "\">" +
         html_text(what) + "</text>";
}

std::string_view kind_of(const page_facts& page) {
  if (page.state == layout::page_state::free) return "free";
  if (page.state > layout::page_state::draining) return "bad";
  const double used = page.cells.used_share();
  return used >= 0.75 ? "full" : used >= 0.25 ? "half" : "thin";
}

std::string in_scale(std::uint64_t n, scale in) {
  switch (in) {
    case scale::bytes:
      return human_bytes(n);
    case scale::milliseconds:
      return human_duration(n);
    case scale::count:
      break;
  }
  return human_count(n);
}

}  // namespace

std::string draw_pages(const memory_map& map) {
  constexpr double side = 10;
  constexpr auto per_row = static_cast<std::size_t>(width / side);
  std::string content;
  for (std::size_t i = 0; i < map.pages.size(); ++i) {
    const page_facts& page = map.pages[i];
    const std::string title = "page " + std::to_string(i) + ": " + std::string(name_of(page.state)) + ", " +
                              human_share(page.cells.used_share()) + " of " + std::to_string(page.cells.all) +
                              " cells used";
    const std::size_t row = i / per_row;
    content += rectangle(static_cast<double>(i % per_row) * side, static_cast<double>(row) * side, side - 1.5,
                         side - 1.5, kind_of(page), title);
  }
  const std::size_t rows = (map.pages.size() + per_row - 1) / per_row;
  return svg(static_cast<double>(std::max<std::size_t>(rows, 1)) * side, content, "memory map");
}

std::string draw_classes(const memory_map& map) {
  constexpr double line = 18;
  constexpr double left = 90;
  constexpr double bar = width - left - 120;
  std::uint64_t most = 1;
  for (const class_facts& each : map.classes) most = std::max(most, each.pages);
  std::string content;
  double y = 0;
  for (const class_facts& each : map.classes) {
    const double all = bar * static_cast<double>(each.pages) / static_cast<double>(most);
    const std::string name = each.size_class == layout::large_class ? "large" : human_bytes(each.cell_bytes);
    const std::string title = name + ": " + counted(each.pages, "page") + ", " + human_count(each.cells.items) +
                              " cells of items, " + human_share(each.cells.used_share()) + " used";
    content += text(left - 8, y + 12, "end", name) + rectangle(left, y + 2, all, line - 5, "free", title) +
               rectangle(left, y + 2, all * each.cells.used_share(), line - 5, "full", title) +
               text(left + all + 6, y + 12, "start", counted(each.pages, "page"));
    y += line;
  }
  return svg(std::max(y, line), content, "size classes");
}

std::string draw_spread(const spread& of, scale in) {
  if (of.all() == 0) return "<p>None.</p>\n";
  constexpr double height = 150;
  constexpr double foot = 18;
  const std::size_t first = of.first();
  const std::size_t count = of.last() - first + 1;
  const double step = std::min(60.0, width / static_cast<double>(count));
  const std::size_t label_every = static_cast<std::size_t>(64 / step) + 1;
  std::string content;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t items = of.count(first + i);
    const double h = (height - foot) * static_cast<double>(items) / static_cast<double>(of.largest());
    const std::string from = in_scale(spread::least_in(first + i), in);
    const double x = static_cast<double>(i) * step;
    content +=
        rectangle(x, height - foot - h, step - 2, h, "full", "from " + from + ": " + human_count(items) + " items");
    if (i % label_every == 0) content += text(x, height - 4, "start", from);
  }
  return svg(height, content, "histogram");
}

std::string draw_rates(const std::vector<rates>& seen) {
  if (seen.size() < 2) return "<p>The segment was looked at once.</p>\n";
  constexpr double height = 160;
  double most = 1;
  for (const rates& r : seen) most = std::max({most, r.gets, r.puts, r.evictions});
  const auto line = [&](std::string_view kind, double rates::*of) {
    std::string points;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      points += number(static_cast<double>(i) * width / static_cast<double>(seen.size() - 1)) + ',' +
                number(height - 4 - (height - 20) * (seen[i].*of) / most) + ' ';
    }
    return "<polyline class=\"" + std::string(kind) + "\" points=\"" + points + "\"/>";
  };
  return svg(height,
             line("gets", &rates::gets) + line("puts", &rates::puts) + line("evictions", &rates::evictions) +
                 text(0, 12, "start", human_rate(most) + "/s"),
             "rates");
}

}  // namespace larder::tool
