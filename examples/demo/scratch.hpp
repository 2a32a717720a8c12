// What the demonstration leaves behind: nothing. Everything it makes outside its memory is removed by a destructor, and a
// signal that asks it to stop ends it through those destructors.
#ifndef LARDER_DEMO_SCRATCH_HPP
#define LARDER_DEMO_SCRATCH_HPP

#include <filesystem>
#include <stdexcept>
#include <string>

namespace demo {

// A directory of its own on a disk ($TMPDIR, or else /var/tmp), removed with all that is in it.
class scratch_directory {
 public:
  scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// The name of a segment that no other process uses. The segment of that name, if there is one, is removed at the end.
class scratch_segment {
 public:
  scratch_segment();
  scratch_segment(const scratch_segment&) = delete;
  scratch_segment& operator=(const scratch_segment&) = delete;
  ~scratch_segment();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

class interrupted : public std::runtime_error {
 public:
  interrupted() : std::runtime_error("interrupted") {}
};

// From here on SIGINT, SIGTERM and SIGHUP only leave a note.
void catch_interrupts();

// In a forked child: those signals end it as usual.
void release_interrupts();

// Throws `interrupted` if there is such a note.
void stop_if_interrupted();

}  // namespace demo

#endif  // LARDER_DEMO_SCRATCH_HPP
