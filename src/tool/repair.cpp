#include "tool/repair.hpp"

#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "larder/cache.hpp"
#include "tool/exit.hpp"
#include "tool/output/units.hpp"
#include "tool/source/attached.hpp"
#include "tool/source/items.hpp"

namespace larder::tool {
namespace {

// The new segment's name until it is whole; gone with this object, unless it took over.
class passing_name {
 public:
  explicit passing_name(std::string name) : name_(std::move(name)) {}
  ~passing_name() {
    if (!name_.empty()) static_cast<void>(platform::remove_name(name_));
  }
  passing_name(const passing_name&) = delete;
  passing_name& operator=(const passing_name&) = delete;

  [[nodiscard]] const std::string& str() const noexcept { return name_; }
  [[nodiscard]] std::string path() const { return std::string(segment_directory) + "/" + name_; }

  void take_over(const std::string& path_of_old) {
    if (::rename(path().c_str(), path_of_old.c_str()) != 0)
      throw failure(exit_code::cannot_open, std::string("the repaired segment cannot take the name over: ") +
                                                std::strerror(errno) + "; run this as its owner");
    name_.clear();
  }

 private:
  std::string name_;
};

void require_nobody(const source& from, const image& damaged) {
  if (!from.is_name()) throw failure(exit_code::usage, "only a segment can be repaired; write its name, not a path");
  if (const std::uint32_t daemon = from.daemon(); daemon != 0)
    throw failure(exit_code::no, "the daemon, process " + std::to_string(daemon) + ", looks after it; end it first");
  if (const std::size_t processes = count_processes(attached_threads(damaged)); processes != 0)
    throw failure(exit_code::no,
                  "it is used by " + counted(processes, "process") + "; end them first (`larder clients`)");
}

void copy_items(const image& damaged, larder::cache& to, repair_outcome& outcome) {
  stripe_reader reader(damaged, want::keys_and_values);
  for_each_item(reader, damaged, [&](const item_facts& item) {
    if (item.invalidated || item.is_expired(damaged.now)) return true;
    put_options options;
    options.flags = item.flags;
    if (item.expires()) options.ttl = milliseconds(static_cast<milliseconds::rep>(item.ttl_left(damaged.now)));
    const bool kept = item.keyspace == 0 && ok(to.put(item.key, item.value, options));
    ++(kept ? outcome.kept : outcome.left_behind);
    return true;
  });
  outcome.damaged_words = reader.damaged_words();
}

}  // namespace

repair_outcome repair(const source& from, const image& damaged) {
  require_nobody(from, damaged);
  create_options options;
  options.capacity = damaged.memory.geometry().capacity;
  options.max_threads = damaged.memory.geometry().slot_count;
  options.permissions = from.facts().permissions & 0666U;
  if (damaged.memory.refuses_when_full()) options.when_full = full_policy::refuse;
  passing_name name(".larder-repair-" + std::to_string(::getpid()));
  repair_outcome outcome;
  {
    larder::cache made = larder::cache::create(name.str(), options);
    copy_items(damaged, made, outcome);
  }
  if (::chown(name.path().c_str(), from.facts().owner, from.facts().group) != 0)
    throw failure(exit_code::cannot_open,
                  "the repaired segment cannot be given to its owner; run this as its owner or as root");
  name.take_over(from.path());
  return outcome;
}

}  // namespace larder::tool
