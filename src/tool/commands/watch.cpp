// watch: the changes of a segment as they happen, one a line; and how many went by too fast to be shown.
//
// The only looking command that attaches as any process does: whoever changes something must see in the segment that
// somebody wants to know. Nobody waits for it.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>

#include "larder/cache.hpp"
#include "larder/changes.hpp"
#include "tool/commands/commands.hpp"
#include "tool/filter.hpp"
#include "tool/keys.hpp"

namespace larder::tool {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_sleep{200};  // then it looks whether anybody still reads what it writes

volatile sig_atomic_t interrupted = 0;

// From here on SIGINT and SIGTERM end the command as if it were done.
void end_on_interruption() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  for (const int each : {SIGINT, SIGTERM}) ::sigaction(each, &action, nullptr);
}

// Says what an item's value is at this moment, without a trace in the cache.
class value_reader {
 public:
  explicit value_reader(const image& in) : in_(in), reader_(in, want::keys_and_values) {}

  // Of the version that the change tells of; nullopt: it is gone already.
  std::optional<std::string_view> value_of(const change& what) {
    if (what.kind != change_kind::stored || what.keyspace > in_.memory.geometry().keyspace_count) return std::nullopt;
    const table::lookup_key key = key_in(in_, static_cast<std::uint32_t>(what.keyspace), what.key);
    const item_facts* item = find_item(reader_, in_, key);
    if (item == nullptr || item->version != static_cast<std::uint64_t>(what.version)) return std::nullopt;
    return item->value;
  }

 private:
  const image& in_;
  stripe_reader reader_;
};

class watching {
 public:
  watching(const request& asked, const output& to, const image& in)
      : to_(to), name_(asked.word(0)), json_(asked.json()), bytes_as_(bytes_shown_as(asked)), keys_(asked) {
    if (asked.has("limit")) limit_ = asked.number("limit");
    if (asked.has("for")) end_ = clock::now() + asked.duration({});
    if (asked.flag("values")) values_.emplace(in);
  }

  exit_code run(subscription& changes) {
    tell_that_it_listens();
    while (shown_ < limit_ && interrupted == 0 && to_.out.wanted() && clock::now() < end_) {
      std::optional<change> next = changes.next();
      if (!next) {
        to_.out.flush();
        if (!to_.out.is_read()) break;
        next = changes.wait(time_left());
      }
      if (next) show(*next);
    }
    tell_sums(changes.missed());
    return shown_ == 0 ? exit_code::no : exit_code::yes;
  }

 private:
  [[nodiscard]] std::chrono::milliseconds time_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock::now());
    return std::clamp(left, std::chrono::milliseconds(0), longest_sleep);
  }

  // Whoever reads the cache after this has come is told of every change to what it has read.
  void tell_that_it_listens() {
    std::string& out = to_.out.text();
    if (json_) {
      append_json(out += "{\"watching\":", encoded(name_, encoding::escaped));
      out += "}\n";
    } else {
      out += to_.where.tinted("CHANGE         VERSION  SPACE  KEY", tint::faint) + '\n';
    }
    to_.out.flush();
  }

  void show(const change& what) {
    const bool of_a_key = what.kind != change_kind::missed && what.kind != change_kind::invalidated;
    if (of_a_key && !keys_.accepts(what.key)) return;
    const std::optional<std::string_view> value = values_ ? values_->value_of(what) : std::nullopt;
    json_ ? append_object(what, value) : append_line(what, value);
    to_.out.settle();
    if (what.kind != change_kind::missed) ++shown_;
  }

  void append_line(const change& what, std::optional<std::string_view> value) {
    char columns[64];
    std::string& out = to_.out.text();
    if (what.kind == change_kind::missed) {
      out += to_.where.tinted("missed       " + counted(what.count, "change") + " of any keys", tint::warning) + '\n';
      return;
    }
    std::snprintf(columns, sizeof columns, "%-11.11s %10llu  %5llu  ", std::string(to_string(what.kind)).c_str(),
                  static_cast<unsigned long long>(what.version), static_cast<unsigned long long>(what.keyspace));
    out += columns;
    append_encoded(out, what.key, bytes_as_);
    if (value) append_encoded(out += " = ", *value, bytes_as_);
    out += '\n';
  }

  void append_object(const change& what, std::optional<std::string_view> value) {
    const auto text_of_bytes = [&](std::string_view bytes) { append_json(to_.out.text(), encoded(bytes, bytes_as_)); };
    std::string& out = to_.out.text();
    (out += R"({"change":")" + std::string(to_string(what.kind))) += '"';
    if (what.kind == change_kind::missed) {
      out += ",\"count\":" + std::to_string(what.count) + "}\n";
      return;
    }
    out += ",\"key\":";
    text_of_bytes(what.key);
    out += ",\"keyspace\":" + std::to_string(what.keyspace) +
           ",\"version\":" + std::to_string(static_cast<std::uint64_t>(what.version));
    if (values_) {
      out += ",\"value\":";
      value ? text_of_bytes(*value) : static_cast<void>(out += "null");
    }
    out += "}\n";
  }

  void tell_sums(std::uint64_t missed) {
    if (json_) {
      to_.out.text() += R"({"shown":)" + std::to_string(shown_) + ",\"missed\":" + std::to_string(missed) + "}\n";
      to_.out.flush();
    } else {
      to_.out.flush();
      std::fprintf(stderr, "larder: %s shown, %s missed\n", counted(shown_, "change").c_str(),
                   human_count(missed).c_str());
    }
  }

  const output& to_;
  std::string name_;
  bool json_;
  encoding bytes_as_;
  key_filter keys_;
  std::optional<value_reader> values_;
  std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
  clock::time_point end_ = clock::time_point::max();
  std::uint64_t shown_ = 0;
};

exit_code watch(const request& asked, const output& to) {
  const source from = asked.open_source();
  if (!from.is_name()) fail_usage("only a live segment changes", "write its name, not a path");
  const image segment = asked.open_image(from);
  watching seen(asked, to, segment);
  larder::cache cache = larder::cache::open(asked.word(0));
  subscription changes = cache.subscribe();
  end_on_interruption();
  return seen.run(changes);
}

void declare(po::options_description& options) {
  declare_key_filter_options(options);
  declare_encoding_options(options);
  add_flag(options, "values", "the value that was stored, too, if it is still there");
  add_option(options, "limit", "end after so many changes");
  add_option(options, "for", "end after so long: 500ms, 10s, 1h");
}

}  // namespace

const command watch_command{
    "watch",
    "SEGMENT",
    1,
    1,
    "Shows changes as they happen",
    "One change a line: stored, erased, expired, evicted, or a keyspace invalidated. If they come faster than they\n"
    "are shown, a line says how many were missed. It goes on until it is interrupted, or nobody reads what it\n"
    "writes. It attaches as any other process does. Exit code 1: nothing changed.",
    &declare,
    &watch};

}  // namespace larder::tool
