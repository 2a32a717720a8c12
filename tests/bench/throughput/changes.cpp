// One process: what notices of changes cost a writer, and a subscriber.
#include <cstdio>
#include <memory>

#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr std::size_t value_size = 100;
constexpr std::size_t items = 100'000;

// Announces a few, then reads them: so few that none is overtaken.
double time_notices(larder_cache& larder, std::span<const key_index> indices, block& b) {
  larder::subscription feed = larder.subscribe();
  block_timer timer;
  for (std::size_t at = 0; at + b.writes() <= indices.size(); at += b.writes()) {
    const std::span<const key_index> some = indices.subspan(at, b.writes());
    fill(larder, some, b);
    std::size_t told = 0;
    timer.time(some.size(), [&] {
      while (feed.next()) ++told;
    });
    demand(told == some.size() && feed.missed() == 0, "a subscriber was not told of every change");
  }
  return timer.ns_per_operation();
}

}  // namespace

void run_changes(const context& ctx) {
  const std::string name = "changes/100k/100B/";
  block b(value_size);
  turns plan(ctx.chosen, ctx.into);
  std::unique_ptr<larder_cache> larder;
  std::vector<key_index> indices;
  plan.add(name + "put, nobody subscribed", "ns", [&] { return fill(*larder, indices, b); });
  plan.add(name + "put, one subscribed", "ns", [&] {
    const larder::subscription feed = larder->subscribe();
    return fill(*larder, indices, b);
  });
  plan.add(name + "notice read", "ns", [&] { return time_notices(*larder, indices, b); });
  if (plan.empty()) return;
  larder = std::make_unique<larder_cache>(std::size_t{128} << 20, ctx.chosen.huge_pages);
  fill(*larder, in_order(0, items), b);
  plan.run("changes", ctx.chosen.rounds, [&](std::size_t round) {
    indices = draw(distribution::uniform, 0, items, ctx.chosen.quick ? 65'536 : 393'216, round);
  });
  table lines({"ns per operation", "larder"});
  for (const char* series : {"put, nobody subscribed", "put, one subscribed", "notice read"}) {
    if (ctx.into.median_of(name + series)) lines.row({series, cell(ctx.into.median_of(name + series), 1)});
  }
  std::printf("\nNotices of changes\n%s", lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace bench
