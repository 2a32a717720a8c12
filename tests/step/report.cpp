// The one file that includes Boost.JSON's source, so that nothing has to be linked.
#include "step/report.hpp"

#include <sys/stat.h>

#include <boost/json/src.hpp>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "larder/version.hpp"

namespace step {
namespace {

namespace json = boost::json;

void write(const std::string& name, const json::value& what) {
  const std::string fresh = name + ".new";
  std::ofstream file(fresh);
  file << json::serialize(what) << '\n';
  file.close();
  if (!file || std::rename(fresh.c_str(), name.c_str()) != 0)
    throw std::system_error(errno, std::generic_category(), "writing " + name);
}

json::object of(const tally& found) {
  return {{"instructions", found.instructions},
          {"places", found.places},
          {"deaths", found.deaths},
          {"missed", found.missed},
          {"violations", found.violations},
          {"slowest_seconds", found.slowest},
          {"texts", json::array(found.texts.begin(), found.texts.end())},
          {"way", found.way},
          {"next", found.next},
          {"complete", found.complete}};
}

tally tally_of(const json::object& from) {
  const auto number = [&](const char* name) { return from.at(name).to_number<std::uint64_t>(); };
  tally found;
  found.instructions = number("instructions");
  found.places = number("places");
  found.deaths = number("deaths");
  found.missed = number("missed");
  found.violations = number("violations");
  found.slowest = from.at("slowest_seconds").to_number<double>();
  for (const json::value& text : from.at("texts").as_array()) found.texts.emplace_back(text.as_string());
  found.way = number("way");
  found.next = number("next");
  found.complete = from.at("complete").as_bool();
  return found;
}

json::object rows_of(const tallies& all) {
  json::object rows;
  for (const auto& [name, found] : all) rows[name] = of(found);
  return rows;
}

// The numbers of places mean something for one program only.
std::string program() {
  struct stat info {};
  if (::stat("/proc/self/exe", &info) != 0) return "unknown";
  return std::to_string(info.st_size) + "-" + std::to_string(info.st_mtim.tv_sec);
}

json::object description(const sampling& chosen) {
  return {{"stride", chosen.stride}, {"places", chosen.places}, {"distinct", chosen.distinct},
          {"offset", chosen.offset}, {"states", chosen.states}, {"both_ways", chosen.both_ways}};
}

}  // namespace

void print_head() {
  std::printf("%-75s %12s %10s %10s %7s %10s %10s\n", "operation", "instructions", "places", "deaths", "missed",
              "violations", "slowest/ms");
}

void print_line(const std::string& name, const tally& found) {
  std::printf("%-75s %12" PRIu64 " %10" PRIu64 " %10" PRIu64 " %7" PRIu64 " %10" PRIu64 " %10.0f\n", name.c_str(),
              found.instructions, found.places, found.deaths, found.missed, found.violations, found.slowest * 1000);
  for (const std::string& text : found.texts) std::printf("%s", text.c_str());
  std::fflush(stdout);
}

bool print_end(const tallies& all) {
  tally sum;
  bool complete = true;
  for (const auto& [name, found] : all) {
    sum.instructions += found.instructions;
    sum.places += found.places;
    sum.deaths += found.deaths;
    sum.missed += found.missed;
    sum.violations += found.violations;
    sum.slowest = std::max(sum.slowest, found.slowest);
    complete = complete && found.complete;
  }
  print_line(std::to_string(all.size()) + " operations", sum);
  const bool well = sum.violations == 0 && complete && !all.empty();
  std::printf("%s\n", well ? "every survivor was content" : "NOT every survivor was content");
  return well;
}

void write_json(const std::string& file, const sampling& chosen, const tallies& all) {
  write(file,
        json::object{{"larder", LARDER_VERSION_STRING}, {"sampling", description(chosen)}, {"rows", rows_of(all)}});
}

tallies read_state(const std::string& name, const sampling& chosen) {
  std::ifstream file(name);
  if (!file) return {};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json::value state = json::parse(text);
  if (state.at("program").as_string() != program() || state.at("sampling").as_object() != description(chosen)) {
    throw std::runtime_error(name + " is the state of another program or sampling; remove it, or name another file");
  }
  tallies all;
  for (const auto& [row, found] : state.at("rows").as_object()) all[std::string(row)] = tally_of(found.as_object());
  return all;
}

void write_state(const std::string& file, const sampling& chosen, const tallies& all) {
  write(file, json::object{{"program", program()}, {"sampling", description(chosen)}, {"rows", rows_of(all)}});
}

}  // namespace step
