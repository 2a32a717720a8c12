// The exact output of the commands on a fixed segment. What differs from run to run (names, ids, clocks, the order that the
// random seed of the hash gives) is taken out first. LARDER_UPDATE_GOLDEN=1 writes the files anew.
#include <algorithm>
#include <boost/regex.hpp>
#include <cstdlib>
#include <string>

#include "support/test.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;

namespace {

struct golden {
  const char* file;
  std::vector<std::string> command;  // the segment's name comes second
  bool sorted = false;
};

std::ostream& operator<<(std::ostream& out, const golden& g) { return out << g.file; }

const golden goldens[] = {
    {"info.txt", {"info"}},
    {"info.json", {"info", "--json"}},
    {"stats.txt", {"stats"}},
    {"stats_explained.txt", {"stats", "--explain"}},
    {"get.txt", {"get", "user:1"}},
    {"get.json", {"get", "user:1", "--json"}},
    {"get_meta.txt", {"get", "user:1", "--meta"}},
    {"dump.txt", {"dump", "--values"}, true},
    {"dump.csv", {"dump", "--values", "--output", "csv"}, true},
    {"dump.json", {"dump", "--values", "--json"}, true},
    {"dump_hex.txt", {"dump", "--values", "--keys-only", "--hex"}, true},
    {"dump_base64.txt", {"dump", "--values", "--keys-only", "--base64"}, true},
    {"bigkeys.txt", {"bigkeys", "--limit", "3"}},
    {"histogram_size.txt", {"histogram", "size"}},
    {"histogram_size.json", {"histogram", "size", "--json"}},
    {"slabs.txt", {"slabs"}},
    {"check.txt", {"check"}},
    {"check.json", {"check", "--json"}},
    {"clients.txt", {"clients"}},
};

void fill(larder::cache& cache) {
  cache.put("user:1", "Ada Lovelace", {.flags = 7});
  cache.put("user:2", "Charles Babbage");
  cache.put("page:/", std::string(3000, 'h'));
  cache.put(std::string("binary\0\xff\n", 9), std::string("\x01\x02 , \"quoted\" \\", 15));
  cache.put("large", std::string(30'000, 'l'));
  for (int i = 0; i < 20; ++i) cache.put("item" + std::to_string(i), std::string(100, 'i'));
}

// Puts the same in the place of what differs.
std::string without_accidents(std::string text, const std::string& name) {
  static const std::pair<boost::regex, std::string> accidents[] = {
      {boost::regex(R"~(^(id|layout|layout of this build) +[0-9a-f]{16}\b)~"), "$1 ID"},
      {boost::regex(R"~("(id|fingerprint|expected_fingerprint)":"[0-9a-f]{16}")~"), R"~("$1":"ID")~"},
      {boost::regex(R"~((made at \(clock\)) +\d+)~"), "$1 CLOCK"},
      {boost::regex(R"~("created_at_ms":\d+)~"), R"~("created_at_ms":CLOCK)~"},
      {boost::regex(R"~((owner) +\w+)~"), "$1 USER"},
      {boost::regex(R"~("user":"\w+")~"), R"~("user":"USER")~"},
      {boost::regex(R"~("(version|age_changes)":\d+)~"), R"~("$1":N)~"},
      {boost::regex(R"~((^version|changes of its stripe\)) +\d+)~"), "$1 N"},
      {boost::regex(R"~(readers use full fences +\w+|"full_fences":\w+)~"), "FENCES"},
      // lines of dump: age and version are the fifth and sixth column
      {boost::regex(R"~(^( +\S+ +\d+ +\d+ +\d+) +\d+ +\d+( +\d+ +\d+ +\d  ))~"), "$1 N N$2"},
      {boost::regex(R"~(^([^\n]*,\d*,\d+,\d+,\d+),\d+,\d+(,\d+,\d+,\d,))~"), "$1,N,N$2"}};
  for (std::size_t at = 0; (at = text.find(name)) != std::string::npos;) text.replace(at, name.size(), "NAME");
  for (const auto& [what, instead] : accidents) text = boost::regex_replace(text, what, instead);
  return text;
}

std::string sorted_lines(const std::string& text) {
  std::vector<std::string> lines = lines_of(text);
  std::ranges::sort(lines);
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(output)

BOOST_DATA_TEST_CASE(a_fixed_segment_is_shown_as_it_always_was, boost::unit_test::data::make(goldens), wanted) {
  support::temp_name name;
  {
    auto cache = larder::cache::create(name.str(), support::small(2 * support::mebibyte));
    fill(cache);
  }
  std::vector<std::string> line = wanted.command;
  line.insert(line.begin() + 1, name.str());
  const outcome told = run_tool(line);
  std::string text = without_accidents(told.out, name.str());
  if (wanted.sorted) text = sorted_lines(text);
  const std::string path = std::string(LARDER_GOLDEN_DIR) + "/" + wanted.file;
  if (std::getenv("LARDER_UPDATE_GOLDEN") != nullptr) write_file(path, text);
  BOOST_TEST(text == read_file(path));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
