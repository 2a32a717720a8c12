// The one main of every test binary: runs a child's role if it was started as one, else Boost.Test.
//
// Crashes are left to the system (core dump, sanitizer report) and never turned into an exception by Boost.Test.
#define BOOST_TEST_MODULE larder
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#define BOOST_TEST_DEFAULTS_TO_CORE_DUMP
#include <boost/test/included/unit_test.hpp>
#include <cstdio>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/watchdog.hpp"

namespace {

// Arms the watchdog for each test case, so that a hanging one is named.
class guard_each_case : public boost::unit_test::test_observer {
 public:
  void test_unit_start(const boost::unit_test::test_unit& unit) override {
    if (unit.p_type == boost::unit_test::TUT_CASE) support::arm_watchdog(unit.full_name().c_str());
  }
  void test_unit_finish(const boost::unit_test::test_unit& unit, unsigned long) override {
    if (unit.p_type == boost::unit_test::TUT_CASE) support::disarm_watchdog();
  }
};

guard_each_case observer;

bool prepare() {
  std::fprintf(stderr, "seed %llu (repeat with LARDER_TEST_SEED)\n", static_cast<unsigned long long>(support::seed()));
  boost::unit_test::framework::register_observer(observer);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto exit_code = support::run_role(argc, argv)) return *exit_code;
  return boost::unit_test::unit_test_main(&prepare, argc, argv);
}
