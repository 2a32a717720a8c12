// What people see on a terminal that scripts do not: units, colours unless NO_COLOR is set, escapes, progress.
#include <unistd.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "support/test.hpp"
#include "tool/tool_process.hpp"

using namespace tool_tests;

namespace {

// What a command writes when its standard output is a terminal.
std::string shown(const std::vector<std::string>& arguments, const environment& more = {}) {
  pseudo_terminal terminal;
  const stream_file in;
  const stream_file error;
  environment all{{"TERM", "xterm"}};
  all.insert(all.end(), more.begin(), more.end());
  support::child tool = start_tool(arguments, {in.descriptor(), terminal.descriptor(), error.descriptor()}, all);
  const std::string text = terminal.take_all();
  BOOST_TEST(tool.wait() == 0);
  BOOST_TEST(error.text() == "");
  return text;
}

bool is_coloured(const std::string& text) { return holds(text, "\033["); }

// Reads a pipe to its end, as slowly as a busy disk.
std::size_t drain_slowly(int descriptor) {
  std::size_t all = 0;
  std::string piece(128 << 10, '\0');
  for (ssize_t got = 0; (got = ::read(descriptor, piece.data(), piece.size())) > 0;) {
    all += static_cast<std::size_t>(got);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)
BOOST_AUTO_TEST_SUITE(on_a_terminal)

BOOST_AUTO_TEST_CASE(numbers_have_units) {
  support::temp_cache sut(2 * support::mebibyte);
  BOOST_TEST(holds(shown({"info", sut.name()}), "2.0 MiB"));
  BOOST_TEST(!holds(run_tool({"info", sut.name()}).out, "MiB"));
  BOOST_TEST(holds(run_tool({"info", sut.name()}).out, "2097152"));
}

BOOST_AUTO_TEST_CASE(there_is_colour_unless_it_is_not_wanted) {
  support::temp_cache sut(2 * support::mebibyte);
  sut->put("key", "value");
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
           {"check", sut.name()}, {"slabs", sut.name()}, {"ls"}, {"stats", sut.name(), "--explain"}}) {
    BOOST_TEST_CONTEXT(line.front()) {
      BOOST_TEST(is_coloured(shown(line)));
      BOOST_TEST(!is_coloured(shown(line, {{"NO_COLOR", "1"}})));
      BOOST_TEST(!is_coloured(shown(line, {{"TERM", "dumb"}})));
      BOOST_TEST(is_coloured(shown(line, {{"NO_COLOR", ""}})));  // as no-color.org has it
    }
    std::vector<std::string> never = line;
    never.insert(never.end(), {"--color", "never"});
    BOOST_TEST(!is_coloured(shown(never)));
  }
}

BOOST_AUTO_TEST_CASE(binary_values_cannot_upset_it) {
  support::temp_cache sut(2 * support::mebibyte);
  sut->put("key", "\033[2Jgone\n");
  BOOST_TEST(holds(shown({"get", sut.name(), "key"}), "\\x1b[2Jgone\\n"));
  BOOST_TEST(!is_coloured(shown({"get", sut.name(), "key"})));
}

BOOST_AUTO_TEST_CASE(a_dump_that_takes_long_shows_its_progress_and_wipes_it) {
  support::temp_cache sut;
  for (int i = 0; i < 6000; ++i) sut->put("key" + std::to_string(i), std::string(1000, 'v'));
  pseudo_terminal terminal;
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const stream_file in;
  support::child tool = start_tool({"dump", sut.name(), "--values"}, {in.descriptor(), ends[1], terminal.descriptor()},
                                   {{"TERM", "xterm"}});
  ::close(ends[1]);
  auto drained = std::async(std::launch::async, [&] { return drain_slowly(ends[0]); });
  const std::string progress = terminal.take_all();
  BOOST_TEST(tool.wait() == 0);
  BOOST_TEST(drained.get() > 6'000'000u);
  ::close(ends[0]);
  BOOST_TEST(holds(progress, "[#"));
  BOOST_TEST(holds(progress, " % "));
  BOOST_TEST(holds(progress, " items"));
  BOOST_TEST(progress.ends_with("\r\033[K"));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
