#include "tool/repair.hpp"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "cache/cache_impl.hpp"
#include "tool/exit.hpp"
#include "tool/keys.hpp"
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
      throw failure(exit_code::cannot_open,
                    std::string("the repaired segment cannot take the name over: ") + std::strerror(errno),
                    "run this as its owner");
    name_.clear();
  }

 private:
  std::string name_;
};

void require_nobody(const source& from, const image& damaged) {
  if (!from.is_name()) throw failure(exit_code::usage, "only a segment can be repaired", "write its name, not a path");
  if (const std::uint32_t daemon = from.daemon(); daemon != 0)
    throw failure(exit_code::no, "the daemon, process " + std::to_string(daemon) + ", looks after it", "end it first");
  if (const std::size_t processes = count_processes(attached_threads(damaged)); processes != 0)
    throw failure(exit_code::no, "it is used by " + counted(processes, "process"),
                  "end them first; `larder clients` shows them");
}

// Which keyspaces of a damaged segment can be believed, and what the others' generations must not be less than.
class keyspaces {
 public:
  explicit keyspaces(const image& damaged) : memory_(damaged.memory), all_(memory_.geometry().keyspace_count) {
    for (std::uint32_t i = 0; i < all_.size(); ++i) {
      all_[i].generation = memory_.keyspace(i).generation.load(std::memory_order_acquire);
      all_[i].sound = place_of(name(i)) == i;
    }
    stripe_reader reader(damaged);
    for_each_item(reader, damaged, [&](const item_facts& item) {
      if (item.keyspace != 0) look_at(all_[item.keyspace - 1], item.generation);
      return true;
    });
  }

  [[nodiscard]] bool has(const item_facts& item) const { return all_[item.keyspace - 1].sound; }

  // Entries keep their places, those of no use too: what leads to one leads past others.
  void copy_to(const segment& made) const {
    for (std::uint32_t i = 0; i < all_.size(); ++i) {
      made.keyspace(i).name.store(name(i), std::memory_order_relaxed);
      made.keyspace(i).generation.store(all_[i].generation, std::memory_order_relaxed);
    }
  }

 private:
  struct entry {
    std::uint64_t generation = 0;
    bool sound = false;
  };

  [[nodiscard]] std::uint64_t name(std::size_t i) const noexcept {
    return memory_.keyspace(static_cast<std::uint32_t>(i)).name.load(std::memory_order_acquire);
  }

  // Where somebody who has the name finds the entry; none: he would take another one.
  [[nodiscard]] std::optional<std::size_t> place_of(std::uint64_t wanted) const noexcept {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const std::size_t at = (wanted + i) % all_.size();
      if (name(at) == 0) return std::nullopt;
      if (name(at) == wanted) return at;
    }
    return std::nullopt;
  }

  static void look_at(entry& of, std::uint64_t generation) noexcept {
    if (generation <= layout::keyspace_generation(of.generation)) return;
    of.sound = false;
    of.generation = generation + 1;  // so that nothing that there ever was counts as current
  }

  const segment& memory_;
  std::vector<entry> all_;
};

struct closing {
  void operator()(detail::cache_impl* cache) const noexcept { cache->close(); }
};
using open_cache = std::unique_ptr<detail::cache_impl, closing>;

status copy_item(const image& damaged, const item_facts& item, detail::cache_impl& to) {
  detail::store_request request;
  request.options.flags = item.flags;
  if (item.expires()) request.options.ttl = milliseconds(static_cast<milliseconds::rep>(item.ttl_left(damaged.now)));
  request.key = key_in(damaged, item.keyspace, item.key);
  return to.store(request, item.value);
}

repair_outcome copy_items(const image& damaged, detail::cache_impl& to) {
  const keyspaces spaces(damaged);
  spaces.copy_to(to.memory());
  repair_outcome outcome;
  stripe_reader reader(damaged, want::keys_and_values);
  for_each_item(reader, damaged, [&](const item_facts& item) {
    const bool known = item.keyspace == 0 || spaces.has(item);
    if ((known && item.invalidated) || item.is_expired(damaged.now)) return true;
    ++(known && ok(copy_item(damaged, item, to)) ? outcome.kept : outcome.left_behind);
    return true;
  });
  const std::uint64_t evicted = std::min(detail::collect_stats(to.memory()).evictions, outcome.kept);
  outcome.kept -= evicted;
  outcome.left_behind += evicted;
  outcome.damaged_words = reader.damaged_words();
  return outcome;
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
    const open_cache made(detail::cache_impl::make(
        [&] { return segment::create(name.str(), options, damaged.memory.seed()); }, open_options()));
    outcome = copy_items(damaged, *made);
  }
  if (::chown(name.path().c_str(), from.facts().owner, from.facts().group) != 0)
    throw failure(exit_code::cannot_open, "the repaired segment cannot be given to its owner",
                  "run this as its owner or as root");
  name.take_over(from.path());
  return outcome;
}

}  // namespace larder::tool
