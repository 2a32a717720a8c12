// Programs of the host that tests check the daemon's work with, where they are installed.
#ifndef LARDER_TESTS_DAEMON_SHELL_HPP
#define LARDER_TESTS_DAEMON_SHELL_HPP

#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string>

namespace daemon_tests {

// What a shell command writes, its errors included, and its exit code behind it.
[[nodiscard]] std::string output_of(const std::string& command);

// Why a case that needs these programs is skipped, if it is.
[[nodiscard]] boost::test_tools::assertion_result are_installed(std::initializer_list<const char*> programs);

}  // namespace daemon_tests

#endif  // LARDER_TESTS_DAEMON_SHELL_HPP
