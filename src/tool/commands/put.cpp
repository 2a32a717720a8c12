// put, erase, touch: what any process may do to a cache, from the command line. These attach as such a process does.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "larder/cache.hpp"
#include "tool/commands/commands.hpp"
#include "tool/keys.hpp"

namespace larder::tool {
namespace {

std::string standard_input() {
  std::string all;
  char piece[65536];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw failure(exit_code::cannot_open, std::string("standard input cannot be read: ") + std::strerror(errno),
                    "redirect it, or write the value behind the key");
    if (got == 0) return all;
    all.append(piece, static_cast<std::size_t>(got));
  }
}

// As any process does, once what there is has been looked at: that tells best why something cannot be opened.
larder::cache attach(const request& asked) {
  const source from = asked.open_source();
  if (!from.is_name()) fail_usage("only a live segment can be changed", "write its name, not a path");
  static_cast<void>(asked.open_image(from));
  return larder::cache::open(asked.word(0));
}

// A cache or a keyspace of it.
class target {
 public:
  explicit target(const request& asked) : cache_(attach(asked)) {
    if (asked.has("keyspace")) keyspace_ = cache_.keyspace(asked.text("keyspace"));
  }
  template <class Act>
  auto with(Act act) {
    return keyspace_ ? act(*keyspace_) : act(cache_);
  }

 private:
  larder::cache cache_;
  std::optional<larder::keyspace> keyspace_;
};

const char* advice_for(status what) {
  switch (what) {
    case status::exists:
      return "erase the key first, or leave out --add";
    case status::version_mismatch:
      return "see `larder get --meta` for the version that the item has now";
    case status::no_space:
      return "end who holds what is in the way; `larder clients` shows who does";
    case status::too_large:
      return "store less, or make a larger segment";
    case status::timed_out:
      return "continue or end the stopped process; `larder clients` shows which one holds the key's stripe";
    case status::detached:
      return "end other users of the segment; `larder clients` shows who has all the slots for threads";
    case status::damaged:
      return "see `larder check` for what is wrong, and `larder check --repair` for what can be kept";
    default:
      return "see `larder clients` for who uses the segment";
  }
}

exit_code tell(const request& asked, const output& to, status what) {
  if (asked.json()) {
    record r("result");
    r.add("status", "", unit::text, std::string(to_string(what)));
    to.show(asked, {{r.take()}, {}});
  } else if (!ok(what) && what != status::not_found) {
    throw failure(what == status::damaged ? exit_code::damaged : exit_code::no, std::string(to_string(what)),
                  advice_for(what));
  }
  return ok(what) ? exit_code::yes : what == status::damaged ? exit_code::damaged : exit_code::no;
}

exit_code put(const request& asked, const output& to) {
  const std::string key = key_of(asked, asked.word(1));
  put_options options;
  if (asked.has("ttl")) options.ttl = larder::milliseconds(asked.milliseconds("ttl"));
  if (asked.has("flags")) options.flags = asked.small_number("flags");
  std::string value = asked.words().size() > 2 ? asked.word(2) : standard_input();
  if (asked.has("value-encoding")) value = decoded(value, parse_encoding(asked.text("value-encoding")));
  if (int{asked.flag("add")} + asked.flag("replace") + asked.has("cas") > 1)
    fail_usage("--add, --replace and --cas exclude each other", "write one of them");
  return tell(asked, to, target(asked).with([&](auto& in) {
    if (asked.flag("add")) return in.add(key, value, options);
    if (asked.flag("replace")) return in.replace(key, value, options);
    if (asked.has("cas")) return in.cas(key, static_cast<larder::version>(asked.number("cas")), value, options);
    return in.put(key, value, options);
  }));
}

exit_code erase(const request& asked, const output& to) {
  const bool has_keys = asked.words().size() > 1;
  if (asked.flag("all") == has_keys)
    fail_usage(has_keys ? "--all leaves no keys to name" : "no key is named", "write the keys to erase, or --all");
  if (asked.flag("all")) {
    if (asked.has("keyspace")) {
      attach(asked).keyspace(asked.text("keyspace")).invalidate();
      return tell(asked, to, status::ok);
    }
    return tell(asked, to, attach(asked).clear());
  }
  target in(asked);
  status result = status::ok;
  for (std::size_t i = 1; i < asked.words().size(); ++i) {
    const std::string key = key_of(asked, asked.word(i));
    const status one = in.with([&](auto& cache) { return cache.erase(key); });
    if (!ok(one)) result = one;
  }
  return tell(asked, to, result);
}

exit_code touch(const request& asked, const output& to) {
  const std::string key = key_of(asked, asked.word(1));
  const auto ttl = asked.word(2) == "forever" ? forever : larder::milliseconds(parse_milliseconds(asked.word(2)));
  return tell(asked, to, target(asked).with([&](auto& in) { return in.touch(key, ttl); }));
}

void declare_put(po::options_description& options) {
  declare_key_options(options);
  add_option(options, "ttl", "how long it lives: 250ms, 2s, 30min, 1h, 7d (forever)");
  add_option(options, "flags", "a number that is kept with the item (0)");
  add_option(options, "value-encoding", "how the value is written: escaped, hex, base64 or text (text)");
  add_flag(options, "add", "only if the key is not there");
  add_flag(options, "replace", "only if the key is there");
  add_option(options, "cas", "only if the item has this version still");
}

void declare_erase(po::options_description& options) {
  declare_key_options(options);
  add_flag(options, "all", "erase everything; with --keyspace everything in it");
}

}  // namespace

const command put_command{
    "put", "SEGMENT KEY [VALUE]", 2, 3, "Stores a value", "Without VALUE it is read from standard input.", &declare_put,
    &put};
const command erase_command{"erase",
                            "SEGMENT [KEY...]",
                            1,
                            10'000,
                            "Erases keys, or everything",
                            "Exit code 1: a key was not there.",
                            &declare_erase,
                            &erase};
const command touch_command{"touch",
                            "SEGMENT KEY TTL",
                            3,
                            3,
                            "Gives an item a new time to live",
                            "TTL is like 250ms, 2s, 30min, 1h, 7d, or forever.",
                            &declare_key_options,
                            &touch};

}  // namespace larder::tool
