// dump: the items of a segment, one a line, in the order of their stripes and hashes. So the hash of the last one is a
// cursor: where it is gone on from, items that were there throughout are shown once.
#include <cstdio>
#include <optional>

#include "tool/commands/commands.hpp"
#include "tool/filter.hpp"
#include "tool/item_lines.hpp"
#include "tool/keys.hpp"
#include "tool/progress.hpp"
#include "tool/source/items.hpp"

namespace larder::tool {
namespace {

line_style style_of(const request& asked, const output& to) {
  line_style style;
  const std::string format = asked.has("output") ? asked.text("output") : "text";
  if (format != "text" && format != "csv" && format != "json")
    fail_usage("--output is not '" + format + "'", "write text, csv or json");
  style.format = asked.json() || format == "json" ? line_format::json
                 : format == "csv"                ? line_format::csv
                                                  : line_format::text;
  style.bytes_as = bytes_shown_as(asked);
  style.keys_only = asked.flag("keys-only");
  style.values = asked.flag("values");
  style.for_people = to.where.is_for_people();
  return style;
}

std::uint64_t cursor_of(const request& asked) {
  const std::string text = asked.text("cursor");
  const std::string bytes = text.size() == 16 ? decoded(text, encoding::hex) : "";
  if (bytes.size() != sizeof(std::uint64_t))
    fail_usage("'" + text + "' is no cursor", "write what an earlier dump ended with");
  std::uint64_t hash = 0;
  for (const char c : bytes) hash = hash << 8 | static_cast<unsigned char>(c);
  return hash;
}

class dumping {
 public:
  dumping(const request& asked, const output& to, const image& in)
      : to_(to),
        in_(in),
        filter_(asked),
        style_(style_of(asked, to)),
        lines_(style_),
        reader_(in, style_.values ? want::keys_and_values : want::keys),
        limit_(asked.has("limit") ? asked.number("limit") : ~std::uint64_t{0}) {
    if (asked.has("cursor")) after_ = cursor_of(asked);
  }

  exit_code run() {
    lines_.append_heading(to_.out.text());
    const std::uint32_t stripes = in_.memory.geometry().stripe_count();
    progress bar(stripes);
    bool more = false;
    for (std::uint32_t i = after_ ? in_.memory.stripe_of(*after_) : 0; i < stripes && to_.out.wanted() && !more; ++i) {
      more = !show_stripe(i);
      bar.reach(i, shown_);
    }
    end(more);
    return end_of(reader_);
  }

 private:
  // False: the limit is reached and there may be more.
  bool show_stripe(std::uint32_t stripe) {
    const bool goes_on = after_ && stripe == in_.memory.stripe_of(*after_);
    for (const item_facts& item : reader_.read(stripe)) {
      if ((goes_on && item.hash <= *after_) || !filter_.accepts(item, in_.now)) continue;
      if (shown_ == limit_) return false;
      lines_.append(to_.out.text(), item, in_.now);
      to_.out.settle();
      last_ = item.hash;
      ++shown_;
    }
    return true;
  }

  void end(bool more) {
    const std::string cursor = more && shown_ > 0 ? hexadecimal(last_) : "";
    const bool is_json = style_.format == line_format::json;
    if (!cursor.empty() && is_json) to_.out.text() += R"({"cursor":")" + cursor + "\"}\n";
    to_.out.flush();
    if (!cursor.empty() && !is_json)
      std::fprintf(stderr, "larder: there is more: go on with --cursor %s\n", cursor.c_str());
  }

  const output& to_;
  const image& in_;
  filter filter_;
  line_style style_;
  item_lines lines_;
  stripe_reader reader_;
  std::uint64_t limit_;
  std::optional<std::uint64_t> after_;
  std::uint64_t shown_ = 0;
  std::uint64_t last_ = 0;
};

exit_code dump(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  return dumping(asked, to, segment).run();
}

void declare(po::options_description& options) {
  declare_filter_options(options);
  add_flag(options, "keys-only", "nothing but keys");
  add_flag(options, "values", "values, too");
  add_option(options, "output,o", "text, csv, or json: an object a line (text)");
  declare_encoding_options(options);
  add_option(options, "limit", "at most so many items");
  add_option(options, "cursor", "go on where an earlier dump with --limit ended");
}

}  // namespace

const command dump_command{
    "dump",
    "SEGMENT",
    1,
    1,
    "Shows the items of a segment",
    "One item a line. Every item that is there throughout is shown exactly once, however busy the cache is; none is\n"
    "torn. AGE counts the changes of the item's stripe since it was stored (the time is not kept). HEAT is 0 to 3: 1 "
    "for\n"
    "a hit since the eviction hand passed, 2 for an item that has proved itself.",
    &declare,
    &dump};

}  // namespace larder::tool
