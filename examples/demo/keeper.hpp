// larderd beside the workers: a child process that keeps the segment in order, and what it says that it has done.
#ifndef LARDER_DEMO_KEEPER_HPP
#define LARDER_DEMO_KEEPER_HPP

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace demo {

struct keeper_report {
  std::uint64_t evicted = 0;        // items, before a worker had to
  std::uint64_t pages_moved = 0;    // between sizes of items
  std::uint64_t stripes_grown = 0;  // of the hash table
  std::uint64_t cells_checked = 0;
  std::uint64_t violations = 0;
};

class keeper {
 public:
  // Starts the program for a segment, and returns when that is looked after. `scratch` is where its log and its socket are.
  // Throws if the program cannot be started or ends at once, with what it said.
  keeper(std::filesystem::path program, std::string segment, std::filesystem::path scratch);
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;
  ~keeper();

  [[nodiscard]] pid_t process() const noexcept { return process_; }

  // What it has done so far.
  [[nodiscard]] keeper_report report() const;

  // Lets it end. Throws if it does not end well.
  void end();

 private:
  [[noreturn]] void become_it() const;
  [[nodiscard]] std::string ask(const std::string& path) const;
  void wait_until_it_works();
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path program_;
  std::string segment_;
  std::filesystem::path socket_, log_;
  pid_t process_ = 0;
};

}  // namespace demo

#endif  // LARDER_DEMO_KEEPER_HPP
