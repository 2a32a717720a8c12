// Processes of tests.
//
// A child re-executes the test binary with a role, so that it starts clean and maps segments at addresses of its own.
// Roles are declared where they are used:
//
//   LARDER_CHILD_ROLE(reads_a_key) {
//     auto cache = larder::cache::open(arguments.text(0));
//     support::require(cache.contains("key"), "the key is there");
//     return 0;
//   }
//   support::child reader("reads_a_key", {name});
//   BOOST_TEST(reader.wait() == 0);
//
// child::fork() is for tests of the fork rule only: what it runs must not use Boost.Test.
// A child dies with its parent, and is killed by the destructor.
#ifndef LARDER_TESTS_SUPPORT_CHILD_HPP
#define LARDER_TESTS_SUPPORT_CHILD_HPP

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/eventually.hpp"

namespace support {

// What a child was given by its parent.
class child_arguments {
 public:
  explicit child_arguments(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  [[nodiscard]] const std::string& text(std::size_t i) const { return texts_.at(i); }
  [[nodiscard]] long long number(std::size_t i) const { return std::stoll(texts_.at(i)); }

 private:
  std::vector<std::string> texts_;
};

using child_role = int (*)(const child_arguments&);
bool register_role(std::string_view name, child_role role);

// Runs the role that the command line asks for, with its exit code; nullopt if it asks for none.
[[nodiscard]] std::optional<int> run_role(int argc, char** argv);

// For code in children: ends the process with an explanation unless the condition holds.
void require(bool condition, std::string_view what);

class child {
 public:
  explicit child(std::string_view role, const std::vector<std::string>& arguments = {});
  [[nodiscard]] static child fork(const std::function<int()>& run);

  child(child&& other) noexcept;
  child& operator=(child&&) = delete;
  ~child();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  // The exit code, or minus the number of the signal that ended it. Throws when it takes longer than the deadline.
  int wait(std::chrono::milliseconds deadline = generous);

  [[nodiscard]] bool running();
  void send(int signal) const;
  void kill();          // SIGKILL, and waits for its end
  void stop();          // SIGSTOP, and waits until it has stopped
  void resume() const;  // SIGCONT

 private:
  explicit child(pid_t pid) noexcept : pid_(pid) {}
  void collect(int options);

  pid_t pid_ = -1;
  std::optional<int> result_;
};

}  // namespace support

#define LARDER_CHILD_ROLE(name)                                                                   \
  static int name(const support::child_arguments& arguments);                                     \
  [[maybe_unused]] static const bool name##_is_registered = support::register_role(#name, &name); \
  static int name([[maybe_unused]] const support::child_arguments& arguments)

#endif  // LARDER_TESTS_SUPPORT_CHILD_HPP
