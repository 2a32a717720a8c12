#include "tool/source/source.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "larder/status.hpp"
#include "tool/exit.hpp"

namespace larder::tool {
namespace {

std::string advice_for(int problem) {
  switch (problem) {
    case ENOENT:
    case ENOTDIR:
      return "see `larder ls` for the segments of this host, or make one by `larder create`";
    case EACCES:
      return "run this as the user it belongs to, or as root";
    case ELOOP:
      return "write the path that the symbolic links lead to";
    default:
      return "write the name of a segment or the path of a copy";
  }
}

[[noreturn]] void fail_to_open(const std::string& label, int problem) {
  throw failure(exit_code::cannot_open, "'" + label + "' cannot be opened: " + std::strerror(problem),
                advice_for(problem));
}

// When the file was changed last, on the monotonic clock. Files from before the start of the host have no such time.
std::uint64_t monotonic_time_of(const timespec& changed) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto ms = [](const timespec& t) { return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000; };
  const std::int64_t at = static_cast<std::int64_t>(platform::exact_now()) - (ms(now) - ms(changed));
  return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

bool is_blank(const layout::fixed_header& header) noexcept {
  const auto* bytes = reinterpret_cast<const char*>(&header);
  return std::all_of(bytes, bytes + sizeof header, [](char c) { return c == 0; });
}

// What is wrong with a header that larder wrote and that does not hold.
std::string damage_of(const layout::fixed_header& header, std::uint64_t size) {
  const layout::geometry& areas = header.areas;
  if (areas.capacity < layout::smallest_capacity || areas.capacity > layout::largest_capacity ||
      areas.slot_count > layout::largest_slot_count)
    return "its capacity or its number of slots is out of range";
  if (areas != layout::plan(areas.capacity, areas.slot_count)) return "its geometry is not that of its capacity";
  if (areas.capacity != size)
    return "it has " + std::to_string(size) + " bytes instead of " + std::to_string(areas.capacity);
  return "the check sum of its header does not match";
}

[[noreturn]] void explain(const source& from, const error& problem) {
  const std::string label = "'" + from.label() + "' ";
  const layout::fixed_header header = from.header();
  if (problem.code() == make_error_code(status::not_a_cache)) {
    if (is_blank(header))
      throw failure(exit_code::cannot_open, label + "is empty so far: its creator died, or is at work still",
                    "wait a moment; if it stays so, remove it with `larder rm --force`");
    throw failure(exit_code::cannot_open, label + "is no larder segment", "see `larder ls` for those of this host");
  }
  if (problem.code() == make_error_code(status::layout_mismatch)) {
    throw failure(exit_code::cannot_open,
                  label + "was made by larder " + version_text(header.version) + " with another layout of memory",
                  "use the tool of that build; `larder info` shows what this one can tell");
  }
  if (problem.code() == make_error_code(status::damaged)) {
    throw failure(exit_code::damaged, label + "is damaged: " + damage_of(header, from.facts().size),
                  "keep a copy if you want to know why, remove it, and let it be made anew");
  }
  throw failure(exit_code::cannot_open, label + "cannot be mapped: " + problem.code().message(),
                "raise the limit of address space (ulimit -v), or end other programs");
}

}  // namespace

void require_name(std::string_view name) {
  const std::string problem = platform::name_problem(name);
  if (!problem.empty()) fail_usage(problem.substr(0, problem.find(';')), "write 1 to 200 characters without a '/'");
}

source source::open(const std::string& name_or_path) {
  source made;
  made.label_ = name_or_path;
  if (made.is_name()) {
    require_name(name_or_path);
  }
  made.path_ = made.is_name() ? std::string(segment_directory) + "/" + name_or_path : name_or_path;
  made.live_ = made.path_.starts_with(std::string(segment_directory) + "/");
  // O_NONBLOCK: a pipe or a device of that name must not hold us up.
  made.object_ = platform::descriptor(::open(made.path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (made.object_.get() < 0) fail_to_open(name_or_path, errno);
  struct stat info {};
  if (::fstat(made.object_.get(), &info) != 0) fail_to_open(name_or_path, errno);
  if (!S_ISREG(info.st_mode))
    throw failure(exit_code::cannot_open, "'" + name_or_path + "' is no file",
                  "write the name of a segment or the path of a copy");
  made.facts_ = {static_cast<std::uint64_t>(info.st_size), info.st_ino, info.st_uid, info.st_gid, info.st_mode & 07777U,
                 monotonic_time_of(info.st_mtim)};
  return made;
}

layout::fixed_header source::header() const noexcept {
  layout::fixed_header header{};
  static_cast<void>(platform::read_at(object_, &header, sizeof header, 0));
  return header;
}

std::uint32_t source::daemon() const noexcept {
  // Asks only; it takes no lock. A daemon locks byte 0 and, to be known by, the byte at 1 + its process id.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 1;
  if (::fcntl(object_.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK || lock.l_start < 1) return 0;
  return static_cast<std::uint32_t>(lock.l_start - 1);
}

image image::of(const source& from, std::optional<std::uint64_t> clock) {
  try {
    larder::segment memory = larder::segment::attach(from.object().get(), platform::access::read_only);
    memory::size_classes classes(memory.geometry());
    const std::uint64_t changed = from.facts().changed_at_ms;
    const std::uint64_t usual = from.is_live() || changed == 0 ? platform::exact_now() : changed;
    return {std::move(memory), std::move(classes), clock.value_or(usual)};
  } catch (const error& problem) {
    explain(from, problem);
  }
}

std::vector<std::string> segment_names() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(segment_directory), &::closedir);
  if (!directory)
    throw failure(exit_code::cannot_open, std::string(segment_directory) + " cannot be read: " + std::strerror(errno),
                  "let it be mounted (mount -t tmpfs); segments lie there");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (!platform::name_problem(name).empty()) continue;
    try {
      const layout::fixed_header header = source::open(name).header();
      if (std::memcmp(header.magic, layout::segment_magic, sizeof header.magic) == 0) names.push_back(name);
    } catch (const failure&) {  // another user's, a directory, or gone meanwhile
    }
  }
  std::ranges::sort(names);
  return names;
}

std::string version_text(std::uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 0xFFU) + "." +
         std::to_string(version & 0xFFU);
}

}  // namespace larder::tool
