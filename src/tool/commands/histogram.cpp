// histogram: how times to live, ages or sizes are spread over the items.
#include "tool/commands/commands.hpp"
#include "tool/filter.hpp"
#include "tool/source/items.hpp"
#include "tool/source/spread.hpp"

namespace larder::tool {
namespace {

constexpr std::size_t bar_width = 50;

unit unit_of(const std::string& what) {
  if (what == "ttl") return unit::milliseconds;
  if (what == "age") return unit::count;
  if (what == "size") return unit::bytes;
  fail_usage("'" + what + "' has no histogram", "write ttl, age or size");
}

std::uint64_t number_of(const std::string& what, const item_facts& item, std::uint64_t now) {
  if (what == "ttl") return item.ttl_left(now);
  return what == "age" ? item.age : item.value_size;
}

exit_code histogram(const request& asked, const output& to) {
  const std::string& what = asked.word(1);
  const unit in = unit_of(what);
  const source from = asked.open_source();
  const image segment = asked.open_image(from);
  const filter chosen(asked);
  spread numbers;
  std::uint64_t without = 0;
  stripe_reader reader(segment);
  for_each_item(reader, segment, [&](const item_facts& item) {
    if (!chosen.accepts(item, segment.now)) return true;
    if (what == "ttl" && !item.expires()) {
      ++without;
    } else {
      numbers.add(number_of(what, item, segment.now));
    }
    return true;
  });
  sheet buckets{
      "buckets",
      "",
      {{"from", "FROM", in}, {"items", "ITEMS", unit::count}, {"share", "SHARE", unit::share}, {"bar", "", unit::text}},
      {},
      false};
  for (std::size_t i = numbers.first(); i <= numbers.last() && numbers.all() != 0; ++i) {
    const std::uint64_t count = numbers.count(i);
    const std::string bar(count * bar_width / numbers.largest(), '#');
    buckets.rows.push_back(
        {spread::least_in(i), count, static_cast<double>(count) / static_cast<double>(numbers.all()), bar});
  }
  if (asked.json()) {
    buckets.columns.pop_back();
    for (auto& row : buckets.rows) row.pop_back();
  }
  record sums("all");
  sums.add("items", "items", unit::count, numbers.all() + without);
  if (what == "ttl") sums.add("without", "that do not expire", unit::count, without);
  to.show(asked, {{std::move(buckets), sums.take()}, {}});
  return end_of(reader);
}

}  // namespace

const command histogram_command{
    "histogram",
    "SEGMENT ttl|age|size",
    2,
    2,
    "Shows how times to live, ages or sizes are spread",
    "A bucket goes from its FROM to the next one's. Ages are counted in changes of the item's\n"
    "stripe, since the time of storing is not kept.",
    &declare_filter_options,
    &histogram};

}  // namespace larder::tool
