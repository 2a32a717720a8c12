// report: everything about a segment in one HTML file that can be sent to somebody.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "tool/commands/commands.hpp"
#include "tool/report/page.hpp"
#include "tool/source/items.hpp"

namespace larder::tool {
namespace {

constexpr int looks = 40;

void look_at_items(stripe_reader& reader, const image& segment, findings& f) {
  for_each_item(reader, segment, [&](const item_facts& item) {
    if (item.invalidated || item.is_expired(segment.now)) return true;
    f.sizes.add(item.value_size);
    f.ages.add(item.age);
    item.expires() ? f.ttls.add(item.ttl_left(segment.now)) : static_cast<void>(++f.without_ttl);
    return true;
  });
  f.complaint = complaint_of(reader);
}

findings find(const request& asked, const source& from, const image& segment, stripe_reader& reader) {
  findings f;
  f.name = encoded(from.label(), encoding::escaped);
  const layout::fixed_header header = from.header();
  f.made_by = version_text(header.version);
  f.age_ms = segment.now > header.created_at_ms ? segment.now - header.created_at_ms : 0;
  if (from.is_live()) {
    const std::chrono::milliseconds length = asked.duration(std::chrono::seconds(2));
    rate_meter meter(segment);
    for (int i = 0; i < looks; ++i) {
      std::this_thread::sleep_for(length / looks);
      f.rates_seen.push_back(meter.look());
    }
  }
  f.sums = detail::collect_stats(segment.memory);
  f.memory = map_memory(segment);
  f.threads = attached_threads(segment);
  look_at_items(reader, segment, f);
  return f;
}

exit_code report(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  stripe_reader reader(segment);
  const std::string html = page_of(find(asked, from, segment, reader));
  if (!asked.has("output")) {
    if (asked.json()) {
      record r("report");
      r.add("html", "", unit::text, html);
      to.show(asked, {{r.take()}, {}});
    } else {
      to.out.text() += html;
    }
    return end_of(reader);
  }
  const std::string path = asked.text("output");
  const platform::descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0)
    throw failure(exit_code::cannot_open, "'" + path + "' cannot be written: " + std::strerror(errno),
                  "choose another path");
  writer out(file.get());
  out.text() = html;
  out.flush();
  if (asked.json()) {
    record r("report");
    r.add("path", "", unit::text, encoded(path, encoding::escaped));
    to.show(asked, {{r.take()}, {}});
  }
  return end_of(reader);
}

void declare(po::options_description& options) {
  add_option(options, "output,o", "write to this file (standard output)");
  add_option(options, "for", "look at rates for so long (2s)");
}

}  // namespace

const command report_command{
    "report",
    "SEGMENT",
    1,
    1,
    "Writes all about a segment into one HTML file",
    "Memory map, size classes, histograms, rates, who is attached, statistics. The file needs no\n"
    "other and no network.",
    &declare,
    &report};

}  // namespace larder::tool
