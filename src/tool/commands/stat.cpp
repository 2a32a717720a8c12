// stat: a line of rates every second, as vmstat has it.
#include <array>
#include <chrono>
#include <thread>

#include "tool/commands/commands.hpp"
#include "tool/source/rates.hpp"

namespace larder::tool {
namespace {

const std::vector<column> columns{{"gets", "GETS/s", unit::rate},
                                  {"hit_ratio", "HITS", unit::share},
                                  {"puts", "PUTS/s", unit::rate},
                                  {"erases", "ERASES/s", unit::rate},
                                  {"evictions", "EVICT/s", unit::rate},
                                  {"expirations", "EXPIRE/s", unit::rate},
                                  {"page_moves", "MOVES/s", unit::rate},
                                  {"lock_waits", "WAITS/s", unit::rate},
                                  {"items", "ITEMS", unit::count},
                                  {"free_pages", "FREEPAGES", unit::count},
                                  {"attached_threads", "THREADS", unit::count},
                                  {"pins", "PINS", unit::count}};

constexpr std::size_t width = 10;
constexpr std::uint64_t lines_per_heading = 20;

std::vector<field> fields_of(const rates& r) {
  return {r.gets,
          r.hit_ratio ? field(*r.hit_ratio) : field(),
          r.puts,
          r.erases,
          r.evictions,
          r.expirations,
          r.page_moves,
          r.lock_waits,
          r.now.items,
          r.now.free_pages,
          r.now.attached_threads,
          r.now.pins};
}

void append_right(std::string& out, const std::string& text) {
  out += std::string(width > text.size() ? width - text.size() : 1, ' ') + text;
}

// Rates are told to the nearest whole number; so they fit their columns.
void append_line(std::string& out, const rates& r, bool for_people) {
  const std::vector<field> fields = fields_of(r);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool is_plain_rate = columns[i].in == unit::rate && !for_people;
    append_right(out, is_plain_rate ? decimal(std::get<double>(fields[i].value), 0)
                                    : text_of(fields[i], columns[i].in, for_people));
  }
  out += '\n';
}

exit_code stat(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const bool once = asked.words().size() < 2;
  const std::chrono::milliseconds length(once ? 1000 : parse_seconds(asked.word(1)));
  if (length.count() < 10 || length > std::chrono::hours(24))
    fail_usage("an interval of '" + asked.word(1) + "' is too short or too long", "write 10ms to 24h, like 500ms or 2");
  const std::uint64_t count = asked.words().size() > 2 ? parse_number(asked.word(2)) : once ? 1 : 0;
  rate_meter meter(segment);
  for (std::uint64_t i = 0; (count == 0 || i < count) && to.out.wanted(); ++i) {
    std::this_thread::sleep_for(length);
    const rates r = meter.look();
    if (asked.json()) {
      sheet one{"stat", "", columns, {fields_of(r)}, true};
      to.show(asked, {{std::move(one)}, {}});
      continue;
    }
    std::string heading;
    for (const column& c : columns) append_right(heading, c.heading);
    if (i % lines_per_heading == 0) to.out.text() += to.where.tinted(heading, tint::faint) + '\n';
    append_line(to.out.text(), r, to.where.is_for_people());
    to.out.flush();
  }
  return exit_code::yes;
}

}  // namespace

const command stat_command{
    "stat",
    "SEGMENT [INTERVAL [COUNT]]",
    1,
    3,
    "Shows rates, a line every INTERVAL",
    "INTERVAL is in seconds, or like 500ms. Without it one second is looked at; without COUNT it\n"
    "goes on until it is interrupted. HITS is of the gets in the interval.",
    nullptr,
    &stat};

}  // namespace larder::tool
