// source: what a command looks at: a segment by its name, or any file of one by its path (a copy, /proc/PID/fd/N).
//
// It is opened for reading and mapped PROT_READ; no lock is taken and no slot used, so nobody can notice. Nothing that is
// read from the mapping is believed: segment::attach tests the header, and whoever reads on tests each value against the
// private copy of the geometry before it is used as an offset.
#ifndef LARDER_TOOL_SOURCE_SOURCE_HPP
#define LARDER_TOOL_SOURCE_SOURCE_HPP

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "memory/memory.hpp"
#include "segment/segment.hpp"

namespace larder::tool {

inline constexpr const char* segment_directory = "/dev/shm";

// What the file system says.
struct file_facts {
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  unsigned permissions = 0;
  std::uint64_t changed_at_ms = 0;  // on the monotonic clock, as far as it reaches back; else 0
};

class source {
 public:
  // A name, or a path if there is a '/' in it. Throws failure(cannot_open).
  [[nodiscard]] static source open(const std::string& name_or_path);

  [[nodiscard]] const std::string& label() const noexcept { return label_; }  // as it was asked for
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // It was named as segments are, not by a path.
  [[nodiscard]] bool is_name() const noexcept { return label_.find('/') == std::string::npos; }
  // Other processes can attach to it now: it has a name in /dev/shm.
  [[nodiscard]] bool is_live() const noexcept { return live_; }
  [[nodiscard]] const file_facts& facts() const noexcept { return facts_; }
  [[nodiscard]] const platform::descriptor& object() const noexcept { return object_; }

  // The header as it stands there, whatever it is; what is missing of it is zero.
  [[nodiscard]] layout::fixed_header header() const noexcept;

  // The process id of the daemon that looks after the segment; 0: there is none that is known.
  [[nodiscard]] std::uint32_t daemon() const noexcept;

 private:
  std::string label_;
  std::string path_;
  bool live_ = false;
  file_facts facts_;
  platform::descriptor object_;
};

// A source that holds a sound header: mapped, with the size classes of its geometry.
struct image {
  larder::segment memory;
  memory::size_classes classes;
  std::uint64_t now = 0;  // milliseconds of the clock that deadlines are compared with

  // Throws failure(cannot_open) or (damaged). `clock`: the time to look at; none: now, or when a copy was made.
  [[nodiscard]] static image of(const source& from, std::optional<std::uint64_t> clock = {});
};

// Throws failure(usage) unless a segment can be called so.
void require_name(std::string_view name);

// Names of the larder segments of this host, sorted; of what can be read.
[[nodiscard]] std::vector<std::string> segment_names();

// "0.1.0"
[[nodiscard]] std::string version_text(std::uint32_t version);

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_SOURCE_HPP
