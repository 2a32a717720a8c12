// check: every invariant of a segment that can be seen from outside, by its number in the code.
#include <algorithm>

#include "tool/commands/commands.hpp"
#include "tool/repair.hpp"
#include "tool/source/checking.hpp"

namespace larder::tool {
namespace {

struct invariant {
  std::uint64_t number;
  bool seen;
  const char* text;
};
constexpr invariant invariants[] = {
#define LARDER_INVARIANT(number, seen, text) {number, (seen) != 0, text},
#include "tool/invariants.def"
#undef LARDER_INVARIANT
};

sheet invariant_sheet(const check_report& found) {
  sheet all{"invariants",
            "",
            {{"invariant", "INVARIANT", unit::text},
             {"result", "RESULT", unit::text},
             {"violations", "FOUND", unit::count},
             {"text", "", unit::text}},
            {},
            false};
  for (const invariant& each : invariants) {
    const auto count = static_cast<std::uint64_t>(
        std::count_if(found.violations.begin(), found.violations.end(),
                      [&](const violation& v) { return static_cast<std::uint64_t>(v.invariant) == each.number; }));
    const field result = count != 0  ? field("fail", tint::bad)
                         : each.seen ? field("pass", tint::good)
                                     : field("not seen", tint::faint);
    all.rows.push_back(
        {"I" + std::to_string(each.number), result, each.seen ? field(count) : field(), {each.text, tint::faint}});
  }
  return all;
}

sheet violation_sheet(const check_report& found, std::uint64_t limit) {
  sheet all{
      "violations", "Violations", {{"invariant", "INVARIANT", unit::text}, {"what", "WHAT", unit::text}}, {}, false};
  for (const violation& v : found.violations) {
    if (all.rows.size() == limit) break;
    all.rows.push_back({{"I" + std::to_string(v.invariant), tint::bad}, v.what});
  }
  return all;
}

sheet count_sheet(const check_report& found) {
  record r("counts", "Looked at");
  r.add("items", "items", unit::count, found.items);
  r.add("cells_linked", "cells of items and arrays", unit::count, found.cells_linked);
  r.add("cells_owned", "cells on their way", unit::count, found.cells_owned);
  r.add("cells_free", "free cells", unit::count, found.cells_free);
  r.add("pages_used", "pages in use", unit::count, found.pages_used);
  r.add("pages_free", "free pages", unit::count, found.pages_free);
  return r.take();
}

sheet repair_sheet(const repair_outcome& outcome) {
  record r("repair", "Repaired");
  r.add("kept", "items kept", unit::count, outcome.kept);
  r.add("left_behind", "items left behind", unit::count, outcome.left_behind);
  r.add("damaged_words", "words that named no item", unit::count, outcome.damaged_words);
  return r.take();
}

exit_code check(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const check_report found = check_image(segment);
  const std::uint64_t limit = asked.has("limit") ? asked.number("limit") : 20;
  document all{{invariant_sheet(found), count_sheet(found)}, {}};
  if (!found.sound() || asked.json()) all.sheets.push_back(violation_sheet(found, limit));
  const bool repaired = !found.sound() && asked.flag("repair");
  if (repaired) all.sheets.push_back(repair_sheet(repair(from, segment)));
  if (found.sound() && !asked.json()) all.notes.push_back("\n" + to.where.tinted("The segment is sound.", tint::good));
  to.show(asked, all);
  if (found.sound() || repaired) return exit_code::yes;
  throw failure(exit_code::damaged,
                "'" + from.label() + "' is damaged: " + counted(found.violations.size(), "violation"),
                "keep a copy if you want to know why, and let it be made anew, or add --repair");
}

void declare(po::options_description& options) {
  add_option(options, "limit", "show so many violations (20)");
  add_flag(options, "repair", "make a damaged segment anew from what is whole, if nobody uses it");
}

}  // namespace

const command check_command{
    "check",
    "SEGMENT",
    1,
    1,
    "Checks every invariant that can be seen from outside",
    "On a busy segment, what seems broken counts only if three looks see it. Exit code 4: one does\n"
    "not hold. A segment whose header is damaged cannot be repaired.",
    &declare,
    &check};

}  // namespace larder::tool
