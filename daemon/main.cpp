// larderd: keeps larder segments in order. See settings.hpp for what it can be told, service.hpp for what it does.
#include <cstdio>
#include <exception>

#include "daemon/service.hpp"
#include "larder/version.hpp"

namespace {

// Exit codes, as of the `larder` tool: 2 usage, 3 a segment cannot be had, 1 anything else.
int run(int argc, char** argv) {
  const larderd::command_line line = larderd::read_command_line(argc, argv);
  switch (line.what) {
    case larderd::request::help:
      std::fputs(larderd::help_text().c_str(), stdout);
      return 0;
    case larderd::request::version:
      std::puts("larderd " LARDER_VERSION_STRING);
      return 0;
    case larderd::request::check_config:
      static_cast<void>(larderd::load(line));
      std::puts("larderd: the settings are right");
      return 0;
    case larderd::request::run:
      larderd::service(line).run();
      return 0;
  }
  return 1;
}

// Why it ends: an error in the journal, too.
int fail(int exit_code, const std::exception& why) {
  std::fprintf(stderr, "%slarderd: %s\n", larderd::stderr_is_journal() ? "<3>" : "", why.what());
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const larderd::settings_error& e) {
    return fail(2, e);
  } catch (const larderd::cannot_start& e) {
    return fail(3, e);
  } catch (const std::exception& e) {
    return fail(1, e);
  }
}
