// libFuzzer target: attach, dump, check and the other looks at a segment whose bytes were changed.
//
// An input is a list of patches: offset (24 bits), length - 1 (3 bits of the next byte), bytes. They are applied to a sound
// segment of 1 MiB in an anonymous file, which is looked at as the tool does it and then made sound again. Most offsets
// lead to the structures before the pages, some to the pages: the highest bit tells.
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_impl.hpp"
#include "larder/larder.hpp"
#include "table/change_reader.hpp"
#include "tool/exit.hpp"
#include "tool/item_lines.hpp"
#include "tool/source/attached.hpp"
#include "tool/source/checking.hpp"
#include "tool/source/hot_keys.hpp"
#include "tool/source/items.hpp"
#include "tool/source/memory_map.hpp"

// The check pauses before it looks again. Nobody else is there, so it need not.
extern "C" int nanosleep(const timespec*, timespec*) { return 0; }
extern "C" int clock_nanosleep(clockid_t, int, const timespec*, timespec*) { return 0; }

namespace {

using namespace larder::tool;

// The file, mapped for changing; and what it holds when it is sound.
class patient {
 public:
  patient() : descriptor_(::memfd_create("fuzz", 0)) {
    const std::string name = "larder-fuzz-" + std::to_string(::getpid());
    {
      auto cache = larder::cache::create(name, {.capacity = larder::min_capacity, .huge_pages = false});
      const larder::subscription writes_go_to_the_ring = cache.subscribe();
      cache.keyspace("users").put("key", "value");
      for (int i = 0; i < 100; ++i) {
        larder::put_options options;
        if (i % 3 == 0) options.ttl = std::chrono::hours(1);
        if (i % 5 == 0) options.flags = 7;
        cache.put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'), options);
      }
      cache.put(std::string(larder::max_key_size, 'k'), "");
      cache.put("large", std::string(9'000, 'l'));
    }
    sound_.resize(larder::min_capacity);
    larder::segment segment = larder::segment::open(name, larder::platform::access::read_only);
    std::memcpy(sound_.data(), segment.base(), sound_.size());
    areas_ = segment.geometry();
    larder::cache::remove(name);
    if (::write(descriptor_, sound_.data(), sound_.size()) != static_cast<ssize_t>(sound_.size())) std::abort();
    bytes_ =
        static_cast<std::uint8_t*>(::mmap(nullptr, sound_.size(), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0));
  }

  void patch(const std::uint8_t* data, std::size_t size) {
    while (size > 4) {
      const std::uint32_t word =
          data[0] | static_cast<std::uint32_t>(data[1]) << 8 | static_cast<std::uint32_t>(data[2]) << 16;
      const std::uint64_t limit = (word & 0x80'0000U) != 0 ? sound_.size() : areas_.pages;
      const std::size_t at = (word & 0x7F'FFFFU) % limit;
      const std::size_t length = std::min({std::size_t{data[3] & 7U} + 1, size - 4, sound_.size() - at});
      std::memcpy(bytes_ + at, data + 4, length);
      changed_.emplace_back(at, length);
      data += 4 + length;
      size -= 4 + length;
    }
  }
  void heal() {
    for (const auto& [at, length] : changed_) std::memcpy(bytes_ + at, sound_.data() + at, length);
    changed_.clear();
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
  std::string sound_;
  larder::layout::geometry areas_{};
  std::uint8_t* bytes_ = nullptr;
  std::vector<std::pair<std::size_t, std::size_t>> changed_;
};

void dump(const image& in) {
  stripe_reader reader(in, want::keys_and_values);
  item_lines lines({.format = line_format::json, .values = true});
  std::string out;
  std::size_t written = 0;
  for_each_item(reader, in, [&](const item_facts& item) {
    out.clear();
    lines.append(out, item, in.now);
    written += out.size();
    return true;
  });
  if (written > 16 * larder::min_capacity) std::abort();  // more than there can be
}

// As a subscriber does, but that it never waits.
void read_changes(const image& in) {
  const larder::layout::geometry& areas = in.memory.geometry();
  const std::uint64_t next = larder::table::change_ring::of_changes(in.memory).next.load();
  larder::table::change_reader reader(in.memory, next - areas.change_count);
  using outcome = larder::table::change_reader::outcome;
  std::size_t key_bytes = 0;
  for (std::uint32_t i = 0; i < 2 * areas.change_count; ++i) {
    const outcome found = reader.read();
    if (found == outcome::nothing || found == outcome::pending) break;
    if (found == outcome::found) key_bytes += encoded(reader.key(), encoding::escaped).size();
  }
  if (key_bytes > 8 * areas.change_count * larder::max_key_size) std::abort();  // more than there can be
}

void look(const std::string& path) {
  const source from = source::open(path);
  const image in = image::of(from);
  dump(in);
  static_cast<void>(map_memory(in));
  static_cast<void>(attached_threads(in));
  static_cast<void>(larder::detail::collect_stats(in.memory));
  hot_keys hot(in);
  hot.look(std::chrono::milliseconds(0));
  static_cast<void>(hot.hottest(10));
  read_changes(in);
  static_cast<void>(check_image(in));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static patient sick;
  sick.patch(data, size);
  try {
    look(sick.path());
  } catch (const failure&) {  // it refused, and said why
  }
  sick.heal();
  return 0;
}
