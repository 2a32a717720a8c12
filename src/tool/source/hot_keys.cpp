#include "tool/source/hot_keys.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "tool/source/item_copy.hpp"

namespace larder::tool {
namespace {

constexpr std::size_t most_cells = 200'000;  // that are remembered
constexpr auto pause = std::chrono::microseconds(200);

// The key of the item in a cell, if the cell is linked under it now.
std::string key_in(const image& in, layout::cell_ref cell) {
  item_facts facts;
  std::string bytes;
  copied_bytes where;
  const layout::item* item = in.memory.item_at(cell);
  if (!copy_item(in.memory, in.classes, cell, false, facts, bytes, where)) return {};
  const table::place at = table::place_of(in.memory, facts.hash);
  if (table::locate_cell(in.memory, at, cell).item != item) return {};
  return bytes.substr(where.key_at + (facts.keyspace != 0 ? layout::keyspace_prefix_size : 0));
}

}  // namespace

void hot_keys::note(layout::cell_ref cell) {
  if (!in_.memory.in_pages(cell) || (cells_.size() == most_cells && !cells_.contains(cell))) return;
  ++seen_;
  sighting& s = cells_[cell];
  ++s.count;
  if (s.key.empty()) s.key = key_in(in_, cell);
}

void hot_keys::look(std::chrono::milliseconds length) {
  const auto end = std::chrono::steady_clock::now() + length;
  do {
    ++looks_;
    memory::for_each_pin(in_.memory, [&](layout::cell_ref cell) { note(cell); });
    std::this_thread::sleep_for(pause);
  } while (std::chrono::steady_clock::now() < end);
}

std::vector<hot_key> hot_keys::hottest(std::size_t count) const {
  std::map<std::string, std::uint64_t> by_key;  // a key may have been in several cells
  for (const auto& [cell, s] : cells_) {
    if (!s.key.empty()) by_key[s.key] += s.count;
  }
  std::vector<hot_key> all;
  all.reserve(by_key.size());
  for (const auto& [key, times] : by_key)
    all.push_back({times, static_cast<double>(times) / static_cast<double>(std::max<std::uint64_t>(seen_, 1)), key});
  std::ranges::stable_sort(all, [](const hot_key& a, const hot_key& b) { return a.seen > b.seen; });
  all.resize(std::min(all.size(), count));
  return all;
}

void hot_keys::forget() noexcept {
  cells_.clear();
  looks_ = 0;
  seen_ = 0;
}

}  // namespace larder::tool
