// slabs: how full the pages are and how much of them is lost to rounding: each size class, and a map of all pages.
#include <algorithm>

#include "tool/commands/commands.hpp"
#include "tool/source/items.hpp"
#include "tool/source/memory_map.hpp"

namespace larder::tool {
namespace {

tint tint_of(double used) { return used >= 0.75 ? tint::good : used >= 0.25 ? tint::warning : tint::bad; }

// What is told of the cells of a class, and of those of a page.
const std::vector<column> cell_columns{{"cells", "CELLS", unit::count},      {"items", "ITEMS", unit::count},
                                       {"arrays", "ARRAYS", unit::count},    {"moving", "MOVING", unit::count},
                                       {"free", "FREE", unit::count},        {"used", "USED", unit::share},
                                       {"rounding", "ROUNDING", unit::share}};

void append_cells(std::vector<field>& row, const cell_counts& cells, double rounding) {
  const double used = cells.used_share();
  for (const std::uint64_t count : {cells.all, cells.items, cells.arrays, cells.moving, cells.free})
    row.emplace_back(count);
  row.emplace_back(used, tint_of(used));
  row.emplace_back(rounding);
}

sheet class_sheet(const memory_map& map) {
  sheet classes{
      "classes", "Size classes", {{"cell_bytes", "CELL", unit::bytes}, {"pages", "PAGES", unit::count}}, {}, false};
  classes.columns.insert(classes.columns.end(), cell_columns.begin(), cell_columns.end());
  classes.columns.push_back({"kind", "", unit::text});
  for (const class_facts& each : map.classes) {
    std::vector<field>& row = classes.rows.emplace_back(std::vector<field>{each.cell_bytes, each.pages});
    append_cells(row, each.cells, each.rounding);
    row.emplace_back(each.size_class == layout::large_class ? "frames of large items" : "", tint::faint);
  }
  return classes;
}

sheet page_sheet(const memory_map& map) {
  sheet pages{"pages",
              "Pages",
              {{"page", "PAGE", unit::number}, {"state", "STATE", unit::text}, {"class", "CLASS", unit::number}},
              {},
              false};
  pages.columns.insert(pages.columns.end(), cell_columns.begin(), cell_columns.end());
  for (std::size_t i = 0; i < map.pages.size(); ++i) {
    const page_facts& page = map.pages[i];
    std::vector<field>& row = pages.rows.emplace_back(
        std::vector<field>{std::uint64_t{i}, std::string(name_of(page.state)), page.size_class});
    append_cells(row, page.cells, page.rounding);
  }
  return pages;
}

// A character a page: its tenths in use, 9 for a full one.
std::string drawing_of(const memory_map& map, const terminal& where) {
  const std::size_t width = where.width() > 20 ? where.width() - 10 : 60;
  std::string out = where.tinted("Map", tint::strong) +
                    "  a digit is a page: tenths in use; . free; d draining; o changing hands; ? damaged\n";
  for (std::size_t i = 0; i < map.pages.size(); ++i) {
    if (i % width == 0) {
      const std::string number = std::to_string(i);
      out += (i == 0 ? "" : "\n") + std::string(8 - std::min<std::size_t>(number.size(), 8), ' ') + number + "  ";
    }
    const page_facts& page = map.pages[i];
    const double used = page.cells.used_share();
    switch (page.state) {
      case layout::page_state::free:
        out += where.tinted(".", tint::faint);
        break;
      case layout::page_state::owned:
        out += 'o';
        break;
      case layout::page_state::draining:
        out += where.tinted("d", tint::strong);
        break;
      case layout::page_state::cells:
      case layout::page_state::large:
        out += where.tinted(std::string(1, static_cast<char>('0' + std::min(9, static_cast<int>(used * 10)))),
                            tint_of(used));
        break;
      default:
        out += where.tinted("?", tint::bad);
    }
  }
  return out + '\n';
}

exit_code slabs(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  memory_map map = map_memory(segment);
  stripe_reader reader(segment);
  add_rounding(map, segment, reader);
  document all{{class_sheet(map)}, {}};
  if (asked.json() || asked.flag("pages")) all.sheets.push_back(page_sheet(map));
  if (!asked.json()) all.notes.push_back("\n" + drawing_of(map, to.where));
  to.show(asked, all);
  return end_of(reader);
}

void declare(po::options_description& options) { add_flag(options, "pages", "a line for every page, too"); }

}  // namespace

const command slabs_command{
    "slabs",
    "SEGMENT",
    1,
    1,
    "Shows how memory is used: size classes and pages",
    "MOVING cells are being written, or wait for the last reader. ROUNDING is the share of the\n"
    "items' cells that their bytes leave unused.",
    &declare,
    &slabs};

}  // namespace larder::tool
