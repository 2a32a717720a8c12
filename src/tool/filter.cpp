#include "tool/filter.hpp"

#include "tool/output/units.hpp"

namespace larder::tool {
namespace {

// How many bytes of the pattern stand for one byte of the text, if they match it; 0 if not.
std::size_t match_one(std::string_view pattern, char c) noexcept {
  if (pattern.empty()) return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '\\' && pattern.size() > 1) return pattern[1] == c ? 2 : 0;
  const std::size_t end = pattern[0] == '[' ? pattern.find(']', 2) : std::string_view::npos;
  if (end == std::string_view::npos) return pattern[0] == c ? 1 : 0;
  const bool none_of = pattern[1] == '!' || pattern[1] == '^';
  bool found = false;
  for (std::size_t i = none_of ? 2 : 1; i < end; ++i) {
    const bool is_range = i + 2 < end && pattern[i + 1] == '-';
    found = found || (is_range ? pattern[i] <= c && c <= pattern[i + 2] : pattern[i] == c);
    if (is_range) i += 2;
  }
  return found != none_of ? end + 1 : 0;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  // Goes back to the last star only: its shortest match is as good as any. So at most pattern x text steps.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (const std::size_t step = match_one(pattern.substr(p), text[t]); step != 0) {
      p += step;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

key_filter::key_filter(const request& asked) {
  if (asked.has("prefix")) prefix_ = decoded(asked.text("prefix"), encoding::escaped);
  if (asked.has("glob")) glob_ = asked.text("glob");
  try {
    if (asked.has("regex")) regex_.emplace(asked.text("regex"));
  } catch (const boost::regex_error& e) {
    fail_usage("--regex: " + std::string(e.what()), "write a Perl-compatible expression");
  }
}

bool key_filter::accepts(std::string_view key) const {
  if (!key.starts_with(prefix_)) return false;
  if (glob_ && !matches_glob(*glob_, key)) return false;
  if (!regex_) return true;
  try {
    return boost::regex_search(key.begin(), key.end(), *regex_);
  } catch (const std::runtime_error&) {
    fail_usage("--regex: matching it takes too long on some key", "write a simpler expression");
  }
}

filter::filter(const request& asked) : keys_(asked) {
  const auto limits = [&](range& r, const char* least, const char* most, auto read) {
    if (asked.has(least)) r.least = read(asked.text(least));
    if (asked.has(most)) r.most = read(asked.text(most));
  };
  limits(ttl_, "min-ttl", "max-ttl", parse_milliseconds);
  limits(size_, "min-size", "max-size", parse_bytes);
  limits(age_, "min-age", "max-age", parse_number);
  if (asked.has("class")) cell_ = asked.bytes("class");
  if (asked.has("keyspace-id")) keyspace_ = asked.small_number("keyspace-id");
  only_forever_ = asked.flag("no-ttl");
  expired_ = asked.flag("expired");
  if (asked.flag("hit") && asked.flag("not-hit"))
    fail_usage("--hit and --not-hit exclude each other", "write one of them");
  if (asked.flag("hit") || asked.flag("not-hit")) hit_ = asked.flag("hit");
  everything_ = keys_.is_all() && ttl_.is_all() && size_.is_all() && age_.is_all() && !cell_ && !keyspace_ &&
                !only_forever_ && !hit_;
}

bool filter::accepts(const item_facts& item, std::uint64_t now) const {
  if (!expired_ && (item.invalidated || item.is_expired(now))) return false;
  if (everything_) return true;
  if (only_forever_ && item.expires()) return false;
  if (!ttl_.is_all() && (!item.expires() || !ttl_.holds(item.ttl_left(now)))) return false;
  if (!size_.holds(item.value_size) || !age_.holds(item.age)) return false;
  if (cell_ && *cell_ != item.cell_bytes) return false;
  if (hit_ && *hit_ != item.heat.marked()) return false;
  if (keyspace_ && *keyspace_ != item.keyspace) return false;
  return keys_.accepts(item.key);
}

void declare_key_filter_options(po::options_description& options) {
  add_option(options, "prefix", "keys that begin so (escaped, as keys are shown)");
  add_option(options, "glob", "keys that match a shell pattern like 'user:*'");
  add_option(options, "regex", "keys in which a Perl-compatible expression is found");
}

void declare_filter_options(po::options_description& options) {
  declare_key_filter_options(options);
  add_option(options, "min-ttl", "that live at least so long yet: 250ms, 2s, 30min, 1h");
  add_option(options, "max-ttl", "that live at most so long yet");
  add_flag(options, "no-ttl", "that do not expire");
  add_option(options, "min-size", "with values of at least so many bytes: 100, 4k, 1MiB");
  add_option(options, "max-size", "with values of at most so many bytes");
  add_option(options, "class", "in cells of so many bytes (`larder slabs` lists them)");
  add_option(options, "min-age", "after which at least so many changes of their stripe came");
  add_option(options, "max-age", "after which at most so many changes of their stripe came");
  add_flag(options, "hit", "that were hit since the eviction hand passed");
  add_flag(options, "not-hit", "that were not");
  add_option(options, "keyspace-id", "of the keyspace of this number (0: of none)");
  add_flag(options, "expired", "also those that have expired or were invalidated and are not removed yet");
}

}  // namespace larder::tool
