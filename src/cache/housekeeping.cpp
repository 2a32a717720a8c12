#include "cache/housekeeping.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "cache/cache_impl.hpp"
#include "cache/holders.hpp"
#include "cache/integrity_round.hpp"
#include "cache/recovery.hpp"
#include "cache/reserve.hpp"

namespace larder::detail {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;  // of counts and hints, which may be stale

// A stopped process may hold a stripe: the daemon has others to look after.
constexpr milliseconds patience{20};

reaped_thread describe(const segment& memory, std::uint32_t index) noexcept {
  layout::slot& slot = memory.slot(index);
  const auto names = [](const layout::atomic_ref32& word) noexcept { return word.load(relaxed) != layout::no_cell; };
  const layout::atomic_ref32* limbo = slot.limbo();
  reaped_thread dead;
  dead.slot = index;
  dead.pid = slot.pid.load(relaxed);
  dead.pins = static_cast<std::uint32_t>(std::count_if(std::begin(slot.pins), std::end(slot.pins), names));
  dead.cells = static_cast<std::uint32_t>(names(slot.inflight) + names(slot.copy) + names(slot.retiring) +
                                          std::count_if(std::begin(slot.reserved), std::end(slot.reserved), names) +
                                          std::count_if(limbo, limbo + memory.geometry().limbo_capacity, names));
  dead.held_stripe = stripe_locked_by(memory, index) != 0;
  return dead;
}

double worth_per_page(const memory::actor& me, std::uint32_t size_class) noexcept {
  const std::uint32_t pages = me.memory->class_of(size_class).pages.load(relaxed);
  return static_cast<double>(table::worth_of(me, size_class)) / std::max(pages, 1U);
}

// By this thread.
std::uint64_t count_of(const memory::actor& me, layout::counter which) noexcept {
  return me.slot->counters[static_cast<std::uint32_t>(which)].load(relaxed);
}

std::uint32_t cell_size(const memory::actor& me, std::uint32_t size_class) noexcept {
  return size_class == layout::large_class ? 0 : (*me.classes)[size_class].size;
}

}  // namespace

class housekeeper::state {
 public:
  explicit state(int descriptor)
      : cache_(cache_impl::make([&] { return segment::attach(descriptor, platform::access::read_write); },
                                {.lock_timeout = patience})) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { cache_->close(); }

  // Throws when no slot is free; the next step tries again.
  [[nodiscard]] memory::actor& me() {
    thread_record* record = cache_->record();
    if (record == nullptr) throw error(make_error_code(status::detached), "no attach slot is free for the housekeeper");
    return record->me;
  }
  [[nodiscard]] const segment& memory() const noexcept { return cache_->memory(); }

  // Makes room until `wanted` more cells of the class are free; for large items, until there are places enough.
  void refill(std::uint32_t size_class, std::uint64_t wanted, const time_budget& budget, refill_outcome& sums);
  void refill_runs(double reserve, const time_budget& budget, refill_outcome& sums);

  table::sweep_pass pass;
  bool in_pass = false;
  std::uint64_t attached = 0;      // who was, when reap looked last
  std::uint32_t orphans_from = 0;  // page where collect_orphans goes on
  std::uint32_t next_stripe = 0;
  holder_watch holders;
  integrity_round round;

 private:
  // What a store of that size would do: evicts some items of the class, or moves a page to it. False: nothing can be done.
  [[nodiscard]] bool make_room(std::uint32_t size_class, std::size_t size, refill_outcome& sums);

  cache_impl* cache_;
};

housekeeper::housekeeper(int descriptor) : state_(std::make_unique<state>(descriptor)) {
  static_cast<void>(state_->me());
}
housekeeper::~housekeeper() = default;

sweep_outcome housekeeper::sweep(const time_budget& budget) {
  memory::actor& me = state_->me();
  if (!state_->in_pass) state_->pass = table::begin_sweep(false);
  table::sweep_pass& pass = state_->pass;
  const std::uint64_t removed = pass.removed;
  const std::uint32_t pages = pass.pages;
  do {
    state_->in_pass = table::sweep_some(me, pass);
  } while (state_->in_pass && !budget.spent());
  if (!state_->in_pass) memory::reclaim(me);
  recover_met(me);
  return {pass.removed - removed, pass.pages - pages, pass.obstructed_count, !state_->in_pass};
}

reap_outcome housekeeper::reap() {
  memory::actor& me = state_->me();
  const segment& memory = *me.memory;
  reap_outcome all;
  std::uint64_t attached = 0;  // a digest of who is
  const std::uint32_t used = memory::used_slots(memory);
  for (std::uint32_t i = 0; i < used; ++i) {
    const layout::slot_word seen{memory.slot(i).state.load(std::memory_order_acquire)};
    if (i == me.slot_index || seen.state() == layout::slot_state::free) continue;
    attached = attached * 0x9E37'79B9'7F4A'7C15U + (seen.bits ^ std::uint64_t{i} << 48);
    if (!is_lost(memory, i, seen)) continue;
    const reaped_thread dead = describe(memory, i);
    if (recover(me, i)) all.dead.push_back(dead);
  }
  all.others = std::exchange(state_->attached, attached) != attached;
  if (!all.dead.empty()) {
    memory::reclaim(me);
    state_->orphans_from = 0;
  }
  return all;
}

std::vector<std::uint32_t> housekeeper::processes() {
  memory::actor& me = state_->me();
  const platform::process_identity ours = platform::this_process();
  std::vector<std::uint32_t> all;
  memory::for_each_used_slot(*me.memory, [&](const layout::slot& slot) {
    const std::uint32_t pid = slot.pid.load(relaxed);
    if (slot.pid_space.load(relaxed) == ours.pid_space && pid != ours.pid && pid != 0) all.push_back(pid);
  });
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool housekeeper::collect_orphans(const time_budget& budget) {
  memory::actor& me = state_->me();
  const std::uint32_t pages = me.memory->geometry().page_count;
  for (; state_->orphans_from < pages; ++state_->orphans_from) {
    if (budget.spent()) return false;
    memory::adopt_orphans_of(me, state_->orphans_from);
  }
  memory::orphan_limbo(me);  // what is pinned still must not fill this thread's limbo
  state_->orphans_from = 0;
  return true;
}

bool housekeeper::state::make_room(std::uint32_t size_class, std::size_t size, refill_outcome& sums) {
  memory::actor& actor = me();
  std::array<std::uint32_t, layout::max_classes> before{};
  for (std::uint32_t c = 0; c < actor.classes->count(); ++c) before[c] = memory().class_of(c).pages.load(relaxed);
  const std::uint64_t moved = count_of(actor, layout::counter::page_moves);
  const bool made = table::make_room(actor, size);
  memory::reclaim(actor);  // what it keeps for this thread's next item is for everybody
  if (count_of(actor, layout::counter::page_moves) == moved) return made;
  page_move& move = sums.moves.emplace_back();
  for (std::uint32_t c = 0; c < actor.classes->count(); ++c) {
    // Writers may move pages meanwhile; then the class that lost one is named, if not for this move.
    if (c == size_class || memory().class_of(c).pages.load(relaxed) >= before[c]) continue;
    move.from_size = cell_size(actor, c);
    move.from_pages = before[c];
    move.from_worth = worth_per_page(actor, c);
  }
  move.to_size = cell_size(actor, size_class);
  move.to_pages = before[size_class];
  move.to_worth = worth_per_page(actor, size_class);
  return made;
}

void housekeeper::state::refill(std::uint32_t size_class, std::uint64_t wanted, const time_budget& budget,
                                refill_outcome& sums) {
  memory::actor& actor = me();
  const memory::cell_class& cells = (*actor.classes)[size_class];
  for (std::uint64_t freed = 0; freed < wanted && !budget.spent();) {
    const std::uint64_t evicted = count_of(actor, layout::counter::evictions);
    const std::size_t moves = sums.moves.size();
    if (!make_room(size_class, cells.size, sums)) return;
    freed += sums.moves.size() > moves ? cells.count : count_of(actor, layout::counter::evictions) - evicted;
  }
}

void housekeeper::state::refill_runs(double reserve, const time_budget& budget, refill_outcome& sums) {
  memory::actor& actor = me();
  run_places places = count_run_places(actor, reserve);
  if (places.wanted == 0) return;
  sums.fill = std::min(sums.fill, static_cast<double>(places.free) / static_cast<double>(places.wanted));
  const std::size_t size = places.length * memory().geometry().frame_size() - layout::cell_shift;
  while (places.free < places.wanted && !budget.spent() && make_room(layout::large_class, size, sums))
    places = count_run_places(actor, reserve);
}

refill_outcome housekeeper::evict_ahead(double reserve, const time_budget& budget) {
  memory::actor& me = state_->me();
  refill_outcome sums;
  if (me.memory->refuses_when_full() || !memory::has_no_free_page(*me.memory)) return sums;
  const std::uint64_t before = count_of(me, layout::counter::evictions);
  const auto is_to_be_refilled = [&](std::uint32_t size_class) noexcept {
    return me.memory->class_of(size_class).pages.load(relaxed) != 0 && is_active(me, size_class);
  };
  if (is_to_be_refilled(layout::large_class)) {
    ++sums.active_classes;
    state_->refill_runs(reserve, budget, sums);
  }
  free_counts free;
  count_free(me, free);
  for (std::uint32_t c = layout::large_class + 1; c < me.classes->count(); ++c) {
    if (!is_to_be_refilled(c)) continue;
    ++sums.active_classes;
    const std::uint64_t wanted = wanted_free(me, c, reserve);
    sums.fill = std::min(sums.fill, static_cast<double>(free[c]) / static_cast<double>(wanted));
    if (free[c] < wanted) state_->refill(c, wanted - free[c], budget, sums);
  }
  sums.evicted = count_of(me, layout::counter::evictions) - before;
  recover_met(me);
  return sums;
}

std::uint32_t housekeeper::balance_pages(double reserve, const time_budget& budget) {
  memory::actor& me = state_->me();
  const segment& memory = *me.memory;
  free_counts free;
  count_free(me, free);
  std::uint32_t given = 0;
  for (std::uint32_t page = 0; page < memory.geometry().page_count && !budget.spent(); ++page) {
    const layout::page_word word = memory::word_of(memory, page);
    if (word.state() != layout::page_state::cells && word.state() != layout::page_state::large) continue;
    const std::uint32_t size_class = word.size_class();
    const std::uint32_t cells = memory::cells_in(me, page);
    const bool large = size_class == layout::large_class;
    const std::uint64_t kept = large ? 0 : wanted_free(me, size_class, reserve) * 2;
    if (free[size_class] < cells + kept || memory::free_cells(me, page) != cells) continue;
    if (!table::drain_window(me, page, 1)) continue;
    memory::set_free(me, page);
    memory::clear_page_hint(me);
    free[size_class] -= cells;
    ++given;
  }
  recover_met(me);
  return given;
}

std::uint32_t housekeeper::tend_tables(std::uint32_t stripes) {
  memory::actor& me = state_->me();
  const std::uint32_t count = me.memory->geometry().stripe_count();
  std::uint32_t grown = 0;
  for (std::uint32_t i = 0; i < std::min(stripes, count); ++i) {
    const std::uint32_t stripe = state_->next_stripe++ % count;
    if (table::wanted_buckets(me, stripe) == 0) continue;
    const std::uint64_t before = table::table_word_of(*me.memory, stripe).bits;
    table::tend_stripe(me, stripe);
    grown += table::table_word_of(*me.memory, stripe).bits != before ? 1U : 0U;
  }
  recover_met(me);
  return grown;
}

check_outcome housekeeper::check_round(std::uint32_t pages) { return state_->round.step(state_->me(), pages); }

std::vector<holding> housekeeper::look_at_holders() {
  return state_->holders.look(state_->memory(), state_->me().slot_index);
}

larder::stats housekeeper::stats() const noexcept { return collect_stats(state_->memory()); }
std::uint32_t housekeeper::page_count() const noexcept { return state_->memory().geometry().page_count; }
std::uint32_t housekeeper::stripe_count() const noexcept { return state_->memory().geometry().stripe_count(); }
std::uint64_t housekeeper::inserted() const noexcept { return state_->memory().header().inserted.load(relaxed); }

}  // namespace larder::detail
