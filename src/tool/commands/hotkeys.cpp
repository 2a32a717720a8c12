// hotkeys: the items that are read most now.
#include <chrono>

#include "tool/commands/commands.hpp"
#include "tool/source/hot_keys.hpp"

namespace larder::tool {
namespace {

exit_code hotkeys(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  hot_keys watch(segment);
  watch.look(asked.duration(std::chrono::seconds(2)));
  sheet keys{"keys",
             "",
             {{"seen", "SEEN", unit::count}, {"share", "SHARE", unit::share}, {"key", "KEY", unit::text}},
             {},
             false};
  for (const hot_key& each : watch.hottest(asked.has("limit") ? asked.number("limit") : 20))
    keys.rows.push_back({each.seen, each.share, encoded(each.key, encoding::escaped)});
  const bool none = keys.rows.empty();
  record looks("looks");
  looks.add("looks", "looks at all pins", unit::count, watch.looks());
  looks.add("seen", "pins seen", unit::count, watch.seen());
  document all{{std::move(keys), looks.take()}, {}};
  if (none && !asked.json()) all = {{}, {"No item was being read in " + human_count(watch.looks()) + " looks."}};
  to.show(asked, all);
  return none ? exit_code::no : exit_code::yes;
}

void declare(po::options_description& options) {
  add_option(options, "for", "look for so long: 500ms, 10s (2s)");
  add_option(options, "limit", "show so many (20)");
}

}  // namespace

const command hotkeys_command{
    "hotkeys",
    "SEGMENT",
    1,
    1,
    "Shows the items that are read most now",
    "Looks at the pins some thousand times a second: SEEN is how often an item was found being\n"
    "read, SHARE the part of all sightings. Exit code 1: nothing was being read.",
    &declare,
    &hotkeys};

}  // namespace larder::tool
