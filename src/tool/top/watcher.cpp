#include <chrono>

#include "tool/keys.hpp"
#include "tool/top/view.hpp"

namespace larder::tool {
namespace {

constexpr std::size_t hottest_shown = 20;
constexpr std::uint32_t stripes_tried = 64;  // for an item to probe with
constexpr int probes = 32;

}  // namespace

watcher::watcher(std::string name, const image& in) : name_(std::move(name)), in_(in), meter_(in), hot_(in) {}

view watcher::look(std::chrono::milliseconds sampling) {
  hot_.forget();
  hot_.look(sampling);
  view v;
  v.name = name_;
  v.probe_ns = probe();
  v.memory = map_memory(in_);
  v.hottest = hot_.hottest(hottest_shown);
  v.threads = attached_threads(in_);
  v.now = meter_.look();
  return v;
}

// Times the look-up of an item's key: from the hash to the cell, as any reader does it, but for the pin.
std::optional<double> watcher::probe() {
  stripe_reader reader(in_);
  const std::uint32_t stripes = in_.memory.geometry().stripe_count();
  for (std::uint32_t i = 0; i < stripes_tried; ++i) {
    next_stripe_ = (next_stripe_ + 1) % stripes;
    const std::span<const item_facts> items = reader.read(next_stripe_);
    if (items.empty()) continue;
    const std::string key(items.front().key);
    const std::uint32_t keyspace = items.front().keyspace;
    const layout::cell_ref cell = items.front().cell;
    std::uint64_t found = 0;
    const auto before = std::chrono::steady_clock::now();
    for (int n = 0; n < probes; ++n) {
      const table::place at = table::place_of(in_.memory, key_in(in_, keyspace, key));
      found += table::locate_cell(in_.memory, at, cell).item != nullptr ? 1U : 0U;
    }
    const double all = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - before).count();
    if (found != 0) return all / probes;
  }
  return std::nullopt;
}

}  // namespace larder::tool
