#include "daemon/ward.hpp"

#include <algorithm>

#include "daemon/holder_text.hpp"
#include "larder/larder.hpp"

namespace larderd {

using larder::detail::holding;
using larder::detail::time_budget;
using namespace std::chrono_literals;

namespace {

constexpr auto slice = 5ms;          // what a chore takes at once
constexpr auto settling_time = 2s;   // after threads have come or gone more may
constexpr auto slow_interval = 1s;   // of looking around
constexpr auto retry_interval = 1s;  // after a step has failed
constexpr std::chrono::duration<double, std::milli> briefest_refill{1};
constexpr std::chrono::duration<double, std::milli> laziest_refill{100};
constexpr milliseconds lock_limit{1000};  // a stripe is locked for microseconds, unless its owner is stopped

// When a chore is due again that has its turn every `interval`: at a multiple of it, so that chores, and segments, wake the
// daemon together. Waking up is dearer than the chores of an idle segment.
ward::clock::time_point next_turn(ward::clock::time_point now, ward::clock::duration interval) {
  return now + interval - now.time_since_epoch() % interval;
}

std::string size_name(std::uint32_t cell_size) {
  return cell_size == 0 ? "large items" : "items of up to " + std::to_string(cell_size) + " bytes";
}

}  // namespace

ward::clock::time_point ward::times::earliest() const noexcept {
  return std::min({reap, collect, sweep, refill, slow, check});
}

ward::ward(std::string name, ownership right, std::shared_ptr<spdlog::logger> log)
    : name_(std::move(name)), right_(std::move(right)), log_(std::move(log)), keeper_(right_.descriptor()) {
  const larder::stats now = keeper_.stats();
  log_->info("looked after from now on: {} MiB, {} items, {} other threads attached", now.capacity >> 20, now.items,
             now.attached_threads - 1);
}

ward::clock::time_point ward::work(const settings& how, clock::time_point now) {
  try {
    do_chores(how, now);
  } catch (const larder::error& e) {
    ++counters_.failed_steps;
    log_->error("{}", e.what());
    return now + retry_interval;
  }
  return due_.earliest();
}

void ward::do_chores(const settings& how, clock::time_point now) {
  if (now >= due_.reap) reap(how, now);
  if (now >= due_.sweep) sweep(how, now);
  if (now >= due_.refill) refill(how, now);
  if (now >= due_.collect && keeper_.collect_orphans(time_budget(slice))) due_.collect = clock::time_point::max();
  if (now >= due_.slow) look_around(how, now);
  if (now >= due_.check) check(how, now);
}

void ward::reap(const settings& how, clock::time_point now) {
  const larder::detail::reap_outcome seen = keeper_.reap();
  for (const larder::detail::reaped_thread& dead : seen.dead) {
    ++counters_.reaped_threads;
    counters_.reclaimed_pins += dead.pins;
    due_.collect = now;
    log_->info("a thread of process {} has died; taken back: {} handles, {} cells{}", dead.pid, dead.pins, dead.cells,
               dead.held_stripe ? ", the lock of a stripe" : "");
  }
  if (seen.others) {
    processes_ = keeper_.processes();
    others_ = true;
    others_came_ = now;
  }
  // Of the processes that are known the kernel tells; this is for those that come and die between two looks.
  due_.reap = next_turn(now, now - others_came_ < settling_time ? how.reap_interval : how.reap_interval * 5);
}

void ward::sweep(const settings& how, clock::time_point now) {
  const larder::detail::sweep_outcome done = keeper_.sweep(time_budget(slice));
  counters_.swept_items += done.removed;
  counters_.swept_pages += done.pages;
  if (done.finished) counters_.sweeps_obstructed += done.obstructed != 0 ? 1U : 0U;
  if (done.removed != 0) log_->debug("{} expired items removed from {} pages", done.removed, done.pages);
  due_.sweep = done.finished ? next_turn(now, how.sweep_interval) : now;
}

// Looks often while writers use the reserve up, and seldom while they do not.
void ward::refill(const settings& how, clock::time_point now) {
  const std::uint64_t inserted = keeper_.inserted();
  if (how.reserve <= 0 || inserted == inserted_) {
    // Writers tell what they store in portions: that it stands still for a moment does not mean that they do.
    refill_interval_ = std::min<decltype(refill_interval_)>(refill_interval_ * 2, how.sweep_interval);
    due_.refill = next_turn(now, std::chrono::duration_cast<clock::duration>(refill_interval_));
    return;
  }
  inserted_ = inserted;
  const larder::detail::refill_outcome done = keeper_.evict_ahead(how.reserve, time_budget(slice));
  counters_.evicted_ahead += done.evicted;
  for (const larder::detail::page_move& move : done.moves) {
    ++counters_.pages_moved;
    log_->info("a page went from {} ({} pages, {:.1f} first uses each) to {} ({} pages, {:.1f} first uses each)",
               size_name(move.from_size), move.from_pages, move.from_worth, size_name(move.to_size), move.to_pages,
               move.to_worth);
  }
  // So that about a quarter of the reserve is used up between two looks: a look may come late by more than that.
  const double used = 1 - done.fill;
  const double pace = done.fill <= 0 ? 0 : std::min(0.25 / std::max(used, 0.01), 1.25);
  refill_interval_ = std::clamp(refill_interval_ * pace, briefest_refill, laziest_refill);
  due_.refill = now + std::chrono::duration_cast<clock::duration>(refill_interval_);
}

void ward::look_around(const settings& how, clock::time_point now) {
  counters_.pages_freed += keeper_.balance_pages(how.reserve, time_budget(slice));
  counters_.stripes_grown += keeper_.tend_tables(4096);
  name_holders(how.hold_warning);
  nameless_ = right_.is_nameless();
  due_.slow = next_turn(now, slow_interval);
}

void ward::check(const settings& how, clock::time_point now) {
  if (how.check_period == milliseconds(0)) {
    due_.check = next_turn(now, slow_interval);
    return;
  }
  const larder::detail::check_outcome seen = keeper_.check_round(1);
  counters_.checked_cells += seen.cells;
  counters_.check_rounds += seen.round_finished ? 1U : 0U;
  for (const std::string& what : seen.violations) {
    ++counters_.violations;
    log_->error("damaged: {}; copy the segment for a report, remove it, and let it be made anew", what);
  }
  const auto interval = std::max<clock::duration>(how.check_period / keeper_.page_count(), 1ms);
  due_.check = interval < 1s ? now + interval : next_turn(now, std::chrono::floor<std::chrono::seconds>(interval));
}

void ward::name_holders(milliseconds limit) {
  counters_.long_holders = 0;
  ++looks_;
  if (limit == milliseconds(0)) return;
  for (const holding& h : keeper_.look_at_holders()) {
    const milliseconds held = std::max(h.oldest_pin, h.oldest_reservation);
    if (held < limit && h.locked_for < std::min(limit, lock_limit)) continue;
    ++counters_.long_holders;
    // Named again when it has become twice as long.
    naming& last = named_[{h.slot, h.generation}];
    const milliseconds longest = std::max(held, h.locked_for);
    if (last.look == 0 || longest >= last.held * 2) {
      log_->warn("{}", describe(h));
      last.held = longest;
    }
    last.look = looks_;
  }
  std::erase_if(named_, [this](const auto& entry) { return entry.second.look != looks_; });
}

void ward::report() {
  const larder::stats s = keeper_.stats();
  const double gets = static_cast<double>(std::max<std::uint64_t>(s.hits + s.misses, 1));
  log_->info("{} items, {} of {} pages free, {:.1f} % of {} gets hit, {} threads attached, {} handles held", s.items,
             s.free_pages, s.pages, 100 * static_cast<double>(s.hits) / gets, s.hits + s.misses, s.attached_threads,
             s.pins);
#define LARDER_DAEMON_COUNTER(name, kind, line, paragraph) \
  if (counters_.name != 0) log_->info("{}: {}", line, counters_.name);
#include "daemon/counters.def"
#undef LARDER_DAEMON_COUNTER
  for (const holding& h : keeper_.look_at_holders()) log_->info("{}", describe(h));
}

bool ward::is_forsaken() const { return right_.is_nameless() && keeper_.stats().attached_threads <= 1; }

}  // namespace larderd
