#include "tool/report/page.hpp"

#include "tool/output/units.hpp"

namespace larder::tool {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fff; --faint: #6b7280; --line: #e5e7eb;
  --full: #2f6f4f; --half: #d99a2b; --thin: #c65b4a; --free: #e3e8ef; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14181f; --faint: #98a2b3; --line: #2b3340;
  --full: #58b088; --half: #e0b050; --thin: #e07a68; --free: #2a3240; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 880px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem }
table { border-collapse: collapse } td, th { padding: 0 1.5rem 0 0; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums } .faint { color: var(--faint) }
.bad-news { color: var(--thin); font-weight: bold }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: var(--faint) }
rect.full { fill: var(--full) } rect.half { fill: var(--half) } rect.thin { fill: var(--thin) }
rect.free { fill: var(--free) } rect.bad { fill: #d0f }
polyline { fill: none; stroke-width: 2 } .gets { stroke: var(--full) } .puts { stroke: var(--half) }
.evictions { stroke: var(--thin) } span.gets, span.puts, span.evictions { border-bottom: 3px solid }
span.gets { border-color: var(--full) } span.puts { border-color: var(--half) } span.evictions { border-color: var(--thin) }
</style>
)";

std::string heading(std::string_view text) { return "<h2>" + html_text(text) + "</h2>\n"; }

std::string row(std::string_view name, std::string_view value, std::string_view note = {}) {
  return "<tr><th>" + html_text(name) + "</th><td class=\"n\">" + html_text(value) + "</td><td class=\"faint\">" +
         html_text(note) + "</td></tr>\n";
}

std::string summary(const findings& f) {
  const stats& s = f.sums;
  const auto gets = static_cast<double>(s.hits + s.misses);
  std::string out = "<table>\n" + row("capacity", human_bytes(s.capacity)) + row("items", human_count(s.items)) +
                    row("hit ratio", gets == 0 ? "-" : human_share(static_cast<double>(s.hits) / gets)) +
                    row("free pages", human_count(s.free_pages), "of " + human_count(s.pages)) +
                    row("attached", human_count(count_processes(f.threads)),
                        "processes, " + human_count(f.threads.size()) + " threads") +
                    row("age", human_duration(f.age_ms)) + row("made by larder", f.made_by) + "</table>\n";
  if (!f.complaint.empty()) out += "<p class=\"bad-news\">" + html_text(f.complaint) + "</p>\n";
  return out;
}

std::string statistics(const stats& s) {
  std::string out = "<table>\n";
  for (const counter_info& each : counters()) {
    const std::uint64_t value = s.*each.value;
    out += row(each.name, each.unit == "bytes" ? human_bytes(value) : human_count(value), each.line);
  }
  return out + "</table>\n";
}

std::string clients(const std::vector<attached_thread>& threads) {
  if (threads.empty()) return "<p>Nobody is attached.</p>\n";
  std::string out = "<table>\n<tr><th>process</th><th>since</th><th>holds</th></tr>\n";
  for (const attached_thread& thread : threads) {
    out += "<tr><td class=\"n\">" + std::to_string(thread.pid) + "</td><td class=\"n\">" +
           human_duration(thread.attached_for_ms) + "</td><td>" + std::to_string(thread.pins) + " handles</td></tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string page_of(const findings& f) {
  std::string out(head);
  out += "<title>larder: " + html_text(f.name) + "</title></head><body>\n<h1>larder: " + html_text(f.name) + "</h1>\n";
  out += summary(f);
  out += heading("Rates") +
         "<p><span class=\"gets\">gets</span>, <span class=\"puts\">puts</span>, "
         "<span class=\"evictions\">evictions</span> a second</p>\n" +
         draw_rates(f.rates_seen);
  out += heading("Memory map") + "<p class=\"faint\">A square is a slab page; point at it for details.</p>\n" +
         draw_pages(f.memory);
  out += heading("Size classes") + draw_classes(f.memory);
  out += heading("Sizes of values") + draw_spread(f.sizes, scale::bytes);
  out += heading("Time to live") + "<p class=\"faint\">" + human_count(f.without_ttl) + " items do not expire.</p>\n" +
         draw_spread(f.ttls, scale::milliseconds);
  out += heading("Age, in changes of the item's stripe") + draw_spread(f.ages, scale::count);
  out += heading("Attached") + clients(f.threads);
  out += heading("Statistics") + statistics(f.sums);
  return out + "</body></html>\n";
}

}  // namespace larder::tool
