// housekeeper: what the daemon does to a segment, as steps that it can interleave. Each is an ordinary operation of an
// attached thread, so the daemon may die in any of them; without it callers do the same for themselves, later.
//
// Knows the public headers only, so that the daemon needs no others of the library.
//
// Thread safety: used by the thread that made it.
#ifndef LARDER_CACHE_HOUSEKEEPING_HPP
#define LARDER_CACHE_HOUSEKEEPING_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "larder/options.hpp"
#include "larder/stats.hpp"

namespace larder::detail {

// How long a step may take before others have their turn.
class time_budget {
 public:
  explicit time_budget(std::chrono::microseconds length) noexcept : end_(clock::now() + length) {}
  [[nodiscard]] bool spent() const noexcept { return clock::now() >= end_; }

 private:
  using clock = std::chrono::steady_clock;
  clock::time_point end_;
};

struct sweep_outcome {
  std::uint64_t removed = 0;     // expired items
  std::uint32_t pages = 0;       // that were looked at
  std::uint32_t obstructed = 0;  // stripes that a stopped process holds: their expired items are still there
  bool finished = true;          // false: the budget is spent, go on soon
};

// What a thread held when it was found dead.
struct reaped_thread {
  std::uint32_t slot = 0;
  std::uint32_t pid = 0;  // as its own PID namespace counts; 0: it died before it said so
  std::uint32_t pins = 0;
  std::uint32_t cells = 0;  // named in its hints, limbo included
  bool held_stripe = false;
};

struct reap_outcome {
  std::vector<reaped_thread> dead;
  bool others = false;  // threads have come or gone since the last look
};

// What a living thread holds. Times are how long each look has seen the same: a lower bound for what is held for long.
struct holding {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // of the slot: with it, names a thread for good
  std::uint32_t pid = 0;
  bool pid_is_ours = false;  // counted in the caller's PID namespace
  milliseconds attached_for{0};
  std::uint32_t pins = 0;
  milliseconds oldest_pin{0};
  std::uint32_t reservations = 0;
  milliseconds oldest_reservation{0};
  std::uint32_t limbo = 0;          // cells that wait for pins to end
  std::uint32_t locked_stripe = 0;  // stripe + 1; 0: none
  milliseconds locked_for{0};
};

// A page that went from one size class to another, and why: first uses of its items per page, in this and past windows.
struct page_move {
  std::uint32_t from_size = 0, to_size = 0;  // bytes of a cell; 0: frames of large items
  double from_worth = 0, to_worth = 0;
  std::uint32_t from_pages = 0, to_pages = 0;  // before
};

struct refill_outcome {
  std::uint64_t evicted = 0;
  std::vector<page_move> moves;
  std::uint32_t active_classes = 0;
  double fill = 1;  // of the emptiest active class: its free cells as a share of the reserve that is wanted, before
};

struct check_outcome {
  std::uint64_t cells = 0;
  std::vector<std::string> violations;  // each names its invariant
  bool round_finished = false;
};

class housekeeper {
 public:
  // Attaches to a segment by an open descriptor of it, which is not consumed. Throws like cache::attach.
  explicit housekeeper(int descriptor);
  housekeeper(const housekeeper&) = delete;
  housekeeper& operator=(const housekeeper&) = delete;
  ~housekeeper();

  // Removes what has expired. A pass that was not finished is gone on with.
  sweep_outcome sweep(const time_budget& budget);

  // Takes back what dead threads held. Cheap while nobody has died: two words of each slot in use.
  reap_outcome reap();

  // Ids of the processes that are attached, of those that are in the caller's PID namespace; its own left out.
  std::vector<std::uint32_t> processes();

  // Frees the cells that nobody owned while they were pinned and that are pinned no more, page by page. After reap found
  // somebody, or now and then. False: the budget is spent, go on soon.
  bool collect_orphans(const time_budget& budget);

  // While no page is free: evicts until every size class in which something is stored has `reserve` (a share, 0 to 1) of
  // its cells free, and large items have places (reserve.hpp); but first gives the class a page of another one that is
  // worth less, as the page mover finds. Nothing where a full cache refuses.
  refill_outcome evict_ahead(double reserve, const time_budget& budget);

  // Gives pages of which all cells are free, and which the class does not need as its reserve, back to all classes.
  // Returns how many.
  std::uint32_t balance_pages(double reserve, const time_budget& budget);

  // Looks at the next `stripes` stripes and lets those grow that are too full. Returns how many grew.
  std::uint32_t tend_tables(std::uint32_t stripes);

  // Checks the next `pages` pages, and the stripes that are as large a part of the table.
  check_outcome check_round(std::uint32_t pages);

  // What every attached thread but this one holds.
  std::vector<holding> look_at_holders();

  [[nodiscard]] larder::stats stats() const noexcept;
  [[nodiscard]] std::uint32_t page_count() const noexcept;
  [[nodiscard]] std::uint32_t stripe_count() const noexcept;

  // Bytes stored since the segment was made, by and by: while it stands still nothing needs to be evicted.
  [[nodiscard]] std::uint64_t inserted() const noexcept;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace larder::detail

#endif  // LARDER_CACHE_HOUSEKEEPING_HPP
