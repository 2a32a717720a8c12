// Which rows stand alone, and which repairers die after which victims.
#include <algorithm>
#include <stdexcept>

#include "step/row.hpp"

namespace step {
namespace {

using rows_of_a_kind = const std::vector<row>*;

std::vector<rows_of_a_kind> every_list() {
  return {&writing_rows(),   &reading_rows(),    &making_room_rows(),
          &attaching_rows(), &announcing_rows(), &housekeeping_rows()};
}

const row& called(std::string_view name) {
  for (const auto* rows : every_list()) {
    const auto found = std::ranges::find(*rows, name, &row::name);
    if (found != rows->end()) return *found;
  }
  throw std::logic_error("no row is called " + std::string(name));
}

chain joined(std::vector<std::string_view> names, std::size_t max_threads = 0) {
  chain made{"", {}, max_threads};
  for (const std::string_view name : names) {
    if (!made.victims.empty()) made.name += " > ";
    made.name += name;
    made.victims.push_back(&called(name));
  }
  if (max_threads != 0) made.name += ", no slot is free";
  return made;
}

std::vector<chain> all_chains() {
  std::vector<chain> all;
  for (const auto* rows : every_list()) {
    for (const row& r : *rows) all.push_back({std::string(r.name), {&r}});
  }

  // The repairer dies. It was attached when the first one died, and reaps; or it is new, and recovers while it attaches.
  for (const std::string_view first : {"put new",
                                       "put over, same size",
                                       "put over pages",
                                       "put over what lies over pages",
                                       "put, limbo is full",
                                       "put, limbo is full of pinned ones",
                                       "put, grows its stripe",
                                       "put, its buckets are full",
                                       "erase",
                                       "commit",
                                       "put over pages, empties them",
                                       "put, moves a page",
                                       "put, moves a page of runs",
                                       "first use after fork",
                                       "detach with pinned cells in limbo",
                                       "thread exit with a handle out",
                                       "reap orphans",
                                       "put over, somebody listens",
                                       "erase, somebody listens",
                                       "invalidate, somebody listens",
                                       "subscribe"}) {
    all.push_back(joined({first, "reap"}));
  }
  for (const std::string_view first : {"put over, same size", "erase", "put, limbo is full"}) {
    all.push_back(joined({first, "first use after fork"}));
  }
  // The repairer is a writer who waits for the dead one's lock.
  for (const std::string_view first : {"put over, same size", "erase", "housekeeping: table growth", "touch"}) {
    all.push_back(joined({first, "put beside"}));
  }
  // The repairer finds no slot but the dead one's, and takes it over with all that it names.
  for (const std::string_view first : {"put over, same size", "erase", "put over pages", "put, limbo is full", "get",
                                       "put, moves a page", "put over, somebody listens", "subscribe"}) {
    all.push_back(joined({first, "first use after fork"}, 2));
  }

  // A daemon dies, and the next one; or the one that takes back what a writer has left.
  for (const std::string_view first :
       {"daemon: sweep", "daemon: reap", "daemon: evict ahead", "daemon: page move", "daemon: growth"}) {
    all.push_back(joined({first, "daemon: takeover"}));
  }
  for (const std::string_view first : {"put over, same size", "put, limbo is full", "put, moves a page"}) {
    all.push_back(joined({first, "daemon: reap"}));
  }

  // And the next one, too.
  for (const std::string_view first :
       {"put over, same size", "put, limbo is full", "put over pages", "put, moves a page", "erase"}) {
    all.push_back(joined({first, "reap", "reap"}));
    all.push_back(joined({first, "first use after fork", "reap"}));
  }
  all.push_back(joined({"put over, same size", "put beside", "reap"}));
  all.push_back(joined({"put over, same size", "first use after fork", "first use after fork"}, 2));
  return all;
}

}  // namespace

const std::vector<chain>& chains() {
  static const std::vector<chain> all = all_chains();
  return all;
}

}  // namespace step
