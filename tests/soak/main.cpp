// larder_soak: see options.cpp for what it does.
#include <boost/program_options/errors.hpp>
#include <cstdio>
#include <exception>

#include "soak/options.hpp"
#include "soak/supervisor.hpp"
#include "support/child.hpp"

int main(int argc, char** argv) {
  if (const auto exit_code = support::run_role(argc, argv)) return *exit_code;
  try {
    const auto chosen = soak::parse_options(argc, argv);
    return !chosen || soak::supervisor(*chosen).run() ? 0 : 1;
  } catch (const boost::program_options::error& e) {
    std::fprintf(stderr, "larder_soak: %s; --help says what there is\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "larder_soak: %s\n", e.what());
    return 1;
  }
}
