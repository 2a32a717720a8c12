// The results as JSON: the machine, the options, and every round of every series. The one file that includes
// Boost.JSON's source, so that nothing has to be linked.
#include <sys/utsname.h>

#include <boost/json/src.hpp>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "crew.hpp"
#include "larder/version.hpp"
#include "suites.hpp"

namespace bench {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

boost::json::object machine() {
  utsname system{};
  ::uname(&system);
  return {{"processor", processor_name()},
          {"usable_processors", usable_processors().size()},
          {"kernel", system.release},
          {"architecture", system.machine}};
}

boost::json::array all_series(const results& measured) {
  boost::json::array list;
  for (const series& s : measured.all()) {
    list.push_back({{"name", s.name},
                    {"unit", s.unit},
                    {"median", median(s.rounds)},
                    {"rounds", boost::json::array(s.rounds.begin(), s.rounds.end())}});
  }
  return list;
}

}  // namespace

void write_json(const options& chosen, const results& measured) {
  boost::json::array notes;
  for (const std::string& note : measured.notes()) notes.emplace_back(note);
  const boost::json::object document = {{"larder", LARDER_VERSION_STRING}, {"machine", machine()},
                                        {"quick", chosen.quick},           {"pages", chosen.huge_pages ? "2m" : "4k"},
                                        {"rounds", chosen.rounds},         {"notes", notes},
                                        {"series", all_series(measured)}};
  std::ofstream file(chosen.json);
  file << boost::json::serialize(document) << '\n';
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "writing " + chosen.json);
}

}  // namespace bench
