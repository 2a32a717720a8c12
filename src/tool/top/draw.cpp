#include <ncurses.h>

#include <algorithm>

#include "tool/output/escape.hpp"
#include "tool/output/units.hpp"
#include "tool/top/view.hpp"

namespace larder::tool {
namespace {

// Writes line after line, cut to the screen's width, and stops at its end.
class page {
 public:
  page() { getmaxyx(stdscr, height_, width_); }
  [[nodiscard]] int lines_left() const noexcept { return height_ - 1 - line_; }
  [[nodiscard]] std::size_t width() const noexcept { return static_cast<std::size_t>(std::max(width_, 0)); }
  void write(const std::string& text, attr_t how = A_NORMAL) {
    if (lines_left() < 0) return;
    attron(how);
    mvaddnstr(line_++, 0, text.c_str(), std::max(width_ - 1, 0));
    attroff(how);
  }

 private:
  int height_ = 0;
  int width_ = 0;
  int line_ = 0;
};

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string bar(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "]";
}

void draw_heading(page& to, const view& v) {
  const stats& s = v.now.now;
  const double used = s.pages == 0 ? 0 : 1 - static_cast<double>(s.free_pages) / static_cast<double>(s.pages);
  to.write("larder top  " + v.name + "   " + human_bytes(s.capacity) + ", " + human_share(used) + " of pages used, " +
               counted(s.items, "item") + ", " + counted(count_processes(v.threads), "process"),
           A_BOLD);
  to.write("gets " + right(human_rate(v.now.gets), 8) + "/s   hits " +
           right(v.now.hit_ratio ? human_share(*v.now.hit_ratio) : "-", 7) + "   puts " +
           right(human_rate(v.now.puts), 8) + "/s   erases " + right(human_rate(v.now.erases), 8) + "/s");
  to.write("evictions " + right(human_rate(v.now.evictions), 8) + "/s   expirations " +
           right(human_rate(v.now.expirations), 8) + "/s   page moves " + right(human_rate(v.now.page_moves), 8) +
           "/s   lock waits " + right(human_rate(v.now.lock_waits), 8) + "/s");
  to.write("probe " + (v.probe_ns ? decimal(*v.probe_ns, 0) + " ns a look-up" : std::string("-")) + "   pins " +
           std::to_string(s.pins));
  to.write("");
}

void draw_classes(page& to, const view& v, int lines) {
  to.write("   CELL  PAGES       ITEMS  IN USE", A_DIM);
  std::vector<class_facts> classes = v.memory.classes;
  std::ranges::stable_sort(classes, [](const class_facts& a, const class_facts& b) { return a.pages > b.pages; });
  const std::size_t width = std::clamp<std::size_t>(to.width() > 60 ? to.width() - 50 : 10, 10, 60);
  for (const class_facts& each : classes) {
    if (lines-- <= 0) return;
    const double used = each.cells.used_share();
    to.write(right(each.size_class == layout::large_class ? "large" : std::to_string(each.cell_bytes), 7) +
             right(std::to_string(each.pages), 7) + right(human_count(each.cells.items), 12) + "  " + bar(used, width) +
             ' ' + human_share(used));
  }
}

void draw_hottest(page& to, const view& v, int lines) {
  to.write("");
  to.write("   SEEN   SHARE  HOTTEST KEYS", A_DIM);
  if (v.hottest.empty()) to.write("               (nothing was being read)");
  for (const hot_key& each : v.hottest) {
    if (lines-- <= 0) return;
    to.write(right(std::to_string(each.seen), 7) + right(human_share(each.share), 8) + "  " +
             encoded(each.key, encoding::escaped));
  }
}

void draw_threads(page& to, const view& v) {
  to.write("");
  to.write("    PID   PINS  LIMBO       SINCE  PROCESS", A_DIM);
  for (const attached_thread& thread : v.threads) {
    if (to.lines_left() < 1) return;
    const process_facts process = thread.pid_is_ours ? look_at_process(thread.pid) : process_facts{};
    const std::string waits =
        thread.waits_for_stripe ? "  waits for stripe " + std::to_string(*thread.waits_for_stripe) : "";
    to.write(right(std::to_string(thread.pid), 7) + right(std::to_string(thread.pins), 7) +
                 right(std::to_string(thread.limbo), 7) + right(human_duration(thread.attached_for_ms), 12) + "  " +
                 left(encoded(process.command, encoding::escaped), 20) + waits,
             thread.process == life::dead ? A_REVERSE : A_NORMAL);
  }
}

}  // namespace

void draw(const view& v) {
  erase();
  page to;
  draw_heading(to, v);
  const int third = std::max(2, (to.lines_left() - 6) / 3);
  draw_classes(to, v, third);
  draw_hottest(to, v, third);
  draw_threads(to, v);
  int height = 0;
  [[maybe_unused]] int width = 0;
  getmaxyx(stdscr, height, width);
  attron(A_DIM);
  mvaddnstr(height - 1, 0, "q quits", std::max(width - 1, 0));
  attroff(A_DIM);
  refresh();
}

}  // namespace larder::tool
