// top: a segment as it lives, on the whole terminal. With --json, or where there is no terminal: one look.
#include <locale.h>
#include <ncurses.h>
#include <unistd.h>

#include <algorithm>

#include "tool/commands/commands.hpp"
#include "tool/top/view.hpp"

namespace larder::tool {
namespace {

// ncurses from here to the end of the block, whatever ends it.
class screen {
 public:
  screen() {
    ::setlocale(LC_CTYPE, "");
    window_ = ::newterm(nullptr, stdout, stdin);
    if (window_ == nullptr)
      throw failure(exit_code::cannot_open, "the terminal is of an unknown kind", "set TERM, or use `larder stat`");
    ::set_term(window_);
    ::cbreak();
    ::noecho();
    ::curs_set(0);
    ::keypad(stdscr, TRUE);
  }
  ~screen() {
    ::endwin();
    ::delscreen(window_);
  }
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

 private:
  SCREEN* window_;
};

void run_on_terminal(watcher& watch, std::chrono::milliseconds interval) {
  const screen whole;
  const auto sampling = interval / 2;
  view last = watch.look(std::min(sampling, std::chrono::milliseconds(200)));
  draw(last);
  for (;;) {
    ::timeout(static_cast<int>((interval - sampling).count()));
    const int key = ::getch();
    if (key == 'q' || key == 'Q') return;
    if (key != KEY_RESIZE) last = watch.look(sampling);
    draw(last);
  }
}

document one_look(const view& v) {
  record r("rates");
  r.add("gets", "gets/s", unit::rate, v.now.gets).add("puts", "puts/s", unit::rate, v.now.puts);
  r.add("hit_ratio", "hits", unit::share, v.now.hit_ratio ? field(*v.now.hit_ratio) : field());
  r.add("probe_ns", "probe (ns)", unit::number, v.probe_ns ? field(*v.probe_ns) : field());
  r.add("items", "items", unit::count, v.now.now.items).add("pins", "pins", unit::count, v.now.now.pins);
  r.add("processes", "processes", unit::count, std::uint64_t{count_processes(v.threads)});
  sheet keys{"hottest", "Hottest keys", {{"seen", "SEEN", unit::count}, {"key", "KEY", unit::text}}, {}, false};
  for (const hot_key& each : v.hottest) keys.rows.push_back({each.seen, encoded(each.key, encoding::escaped)});
  return {{r.take(), std::move(keys)}, {}};
}

exit_code top(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const std::chrono::milliseconds interval(asked.has("interval") ? asked.milliseconds("interval") : 1000);
  if (interval.count() < 100 || interval > std::chrono::hours(1))
    fail_usage("--interval of '" + asked.text("interval") + "' is too short or too long", "write 100ms to 1h");
  watcher watch(encoded(from.label(), encoding::escaped), segment);
  if (!asked.json() && to.where.is_for_people() && ::isatty(STDIN_FILENO) == 1) {
    run_on_terminal(watch, interval);
    return exit_code::yes;
  }
  to.show(asked, one_look(watch.look(interval)));
  return exit_code::yes;
}

void declare(po::options_description& options) { add_option(options, "interval", "time between two looks (1s)"); }

}  // namespace

const command top_command{
    "top",
    "SEGMENT",
    1,
    1,
    "Shows a segment as it lives, on the whole terminal",
    "Rates, a sample probe, memory by size class, the hottest keys, and who is attached. q quits. In a\n"
    "pipe, and with --json, it looks once.",
    &declare,
    &top};

}  // namespace larder::tool
