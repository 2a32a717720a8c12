// bigkeys: the items that take the most memory.
#include <algorithm>

#include "tool/commands/commands.hpp"
#include "tool/filter.hpp"
#include "tool/source/items.hpp"

namespace larder::tool {
namespace {

struct big_item {
  std::uint64_t cell_bytes, value_bytes;
  std::string key;
};

// A heap of the largest ones so far, the smallest of them on top.
class largest {
 public:
  explicit largest(std::size_t count) : count_(count) {}
  void offer(const item_facts& item) {
    if (count_ == 0 || (all_.size() == count_ && !beats(item, all_.front()))) return;
    all_.push_back({item.cell_bytes, item.value_size, std::string(item.key)});
    std::ranges::push_heap(all_, &is_larger);
    if (all_.size() <= count_) return;
    std::ranges::pop_heap(all_, &is_larger);
    all_.pop_back();
  }
  [[nodiscard]] std::vector<big_item> take() {
    std::ranges::sort(all_, &is_larger);
    return std::move(all_);
  }

 private:
  static bool beats(const item_facts& a, const big_item& b) noexcept {
    return std::tuple(a.cell_bytes, a.value_size, a.key) >
           std::tuple(b.cell_bytes, b.value_bytes, std::string_view(b.key));
  }
  static bool is_larger(const big_item& a, const big_item& b) {
    return std::tuple(a.cell_bytes, a.value_bytes, a.key) > std::tuple(b.cell_bytes, b.value_bytes, b.key);
  }
  std::size_t count_;
  std::vector<big_item> all_;
};

exit_code bigkeys(const request& asked, const output& to) {
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const filter chosen(asked);
  largest found(asked.has("limit") ? asked.number("limit") : 20);
  std::uint64_t all_bytes = 0;
  stripe_reader reader(segment);
  for_each_item(reader, segment, [&](const item_facts& item) {
    if (!chosen.accepts(item, segment.now)) return true;
    all_bytes += item.cell_bytes;
    found.offer(item);
    return true;
  });
  sheet items{"items",
              "",
              {{"cell_bytes", "MEMORY", unit::bytes},
               {"share", "SHARE", unit::share},
               {"value_bytes", "VALUE", unit::bytes},
               {"key", "KEY", unit::text}},
              {},
              false};
  for (const big_item& item : found.take()) {
    const double share =
        static_cast<double>(item.cell_bytes) / static_cast<double>(std::max<std::uint64_t>(all_bytes, 1));
    items.rows.push_back({item.cell_bytes, share, item.value_bytes, encoded(item.key, encoding::escaped)});
  }
  to.show(asked, {{std::move(items)}, {}});
  return end_of(reader);
}

void declare(po::options_description& options) {
  declare_filter_options(options);
  add_option(options, "limit", "so many (20)");
}

}  // namespace

const command bigkeys_command{"bigkeys",
                              "SEGMENT",
                              1,
                              1,
                              "Shows the items that take the most memory",
                              "MEMORY is the cell with its header and rounding; SHARE is of all items looked at.",
                              &declare,
                              &bigkeys};

}  // namespace larder::tool
