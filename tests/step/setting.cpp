#include "step/setting.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "memory/memory.hpp"
#include "support/child.hpp"
#include "table/table.hpp"

namespace step {

namespace layout = larder::layout;
namespace memory = larder::memory;
namespace table = larder::table;

namespace {

constexpr std::size_t cell_size = 900;  // the largest of cells in pages of 8 KiB hold such a value

void store_the_usual(crash::stage& s) {
  s.hand.put_range(0, small_keys, small_size);
  for (std::size_t key = small_keys; key < over_pages; ++key) s.hand.put(key, run_size);
  s.hand.put(over_pages, several_pages);
  s.hand.increment(some_counter);
  s.hand.increment(some_counter + 1);
  s.hand.append(some_stream, 100);
  s.hand.append(some_stream + 1, run_size);
  s.hand.put(near_key(), small_size);
}

void hold_the_small_ones(crash::stage& s) {
  for (std::size_t key = 0; key < small_keys; ++key) s.hand.hold(key);
}

// More than a limbo holds is retired while it is pinned, and then left behind.
void leave_orphans(crash::stage& s) {
  store_the_usual(s);
  hold_the_small_ones(s);
  s.hand.put_range(0, small_keys, small_size);
  s.hand.release();
}

void store_expired(crash::stage& s) {
  store_the_usual(s);
  for (std::size_t key = 100; key < 140; ++key) s.hand.put_expired(key, small_size);
}

void fill_a_stripe(crash::stage& s) {
  const std::uint32_t stripe = place_of(0).stripe;
  while (table::wanted_buckets(me(), stripe) == 0) s.hand.put(key_that_grows(s), 16);
}

// Which keys fill two buckets of a stripe of four, and which key then finds both its buckets full.
struct spill_plan {
  std::uint32_t stripe = 0;
  std::vector<std::size_t> first;
  std::size_t last = 0;
};

constexpr std::uint32_t buckets_to_spill = 4;

std::vector<std::size_t> keys_of_bucket(std::uint32_t stripe, std::uint32_t bucket) {
  std::vector<std::size_t> found;
  for (std::size_t key = 0; key < crash::most_keys; ++key) {
    const table::place at = place_of(key);
    if (at.stripe == stripe && table::primary_bucket(at.tag, buckets_to_spill) == bucket) found.push_back(key);
  }
  return found;
}

std::optional<spill_plan> plan_in(std::uint32_t stripe, std::uint32_t bucket) {
  std::vector<std::size_t> here = keys_of_bucket(stripe, bucket);
  if (here.size() <= layout::words_per_bucket) return std::nullopt;
  const auto other = [](std::size_t key) { return table::alternate_bucket(place_of(key).tag, buckets_to_spill); };
  spill_plan plan{stripe, {}, here[layout::words_per_bucket]};
  std::vector<std::size_t> there = keys_of_bucket(stripe, other(plan.last));
  if (there.size() < layout::words_per_bucket) return std::nullopt;
  here.resize(layout::words_per_bucket);
  there.resize(layout::words_per_bucket);
  plan.first = here;
  plan.first.insert(plan.first.end(), there.begin(), there.end());
  for (const std::size_t key : here) {
    if (other(key) != other(plan.last)) return plan;  // one of those in the bucket can go
  }
  return std::nullopt;
}

spill_plan plan_a_spill() {
  for (std::uint32_t stripe = 0; stripe < me().memory->geometry().stripe_count(); ++stripe) {
    for (std::uint32_t bucket = 0; bucket < buckets_to_spill; ++bucket) {
      if (auto plan = plan_in(stripe, bucket)) return *plan;
    }
  }
  throw std::runtime_error("no keys fill two buckets");
}

void fill_two_buckets(crash::stage& s) {
  const spill_plan plan = plan_a_spill();
  support::require(table::resize(me(), plan.stripe, buckets_to_spill) == table::resized::done, "a stripe grows");
  for (const std::size_t key : plan.first) s.hand.put(key, 16);
}

std::size_t fill_with(crash::stage& s, std::size_t size) {
  std::size_t key = 0;
  while (has_room(size)) s.hand.put(key++, size);
  return key;
}

void fill_with_cells_and_use(crash::stage& s) {
  const std::size_t count = fill_with(s, cell_size);
  for (std::size_t key = 0; key < count; key += 2) static_cast<void>(s.cache->get(crash::key_of(key)));
}

void fill_with_runs(crash::stage& s) { fill_with(s, run_size); }

void store_in_a_keyspace(crash::stage& s) {
  store_the_usual(s);
  larder::keyspace space = s.cache->keyspace(keyspace_name);
  for (int i = 0; i < keyspace_items; ++i)
    support::require(ok(space.put(keyspace_key(i), keyspace_value(i))), "an item of a keyspace is stored");
}

}  // namespace

crash::scribe& watched(crash::stage& s) {
  s.hand.watch_with({.begin = &larder_step_begin, .end = &larder_step_end});
  return s.hand;
}

std::size_t near_key() { return neighbour_of(some_key, 60); }

memory::actor& me() { return larder::detail::this_thread->me; }

table::place place_of(std::size_t key) {
  const larder::segment& segment = *me().memory;
  return table::place_of(segment, {crash::key_of(key)});
}

std::size_t neighbour_of(std::size_t key, std::size_t from) {
  const std::uint32_t stripe = place_of(key).stripe;
  while (place_of(from).stripe != stripe) ++from;
  return from;
}

bool has_room(std::size_t size) {
  const layout::item_shape shape(crash::key_of(100).size(), false, false, false, size);
  const layout::cell_ref cell = memory::allocate(me(), layout::item_size(shape, size), me().slot->inflight);
  if (cell == layout::no_cell) return false;
  memory::free_cell(me(), cell);
  memory::clear_hint(me().slot->inflight);
  return true;
}

std::size_t key_that_grows(crash::stage& s) {
  std::size_t key = neighbour_of(0, 0);
  while (s.hand.notes().now(key) != crash::content{}) key = neighbour_of(0, key + 1);
  return key;
}

std::size_t key_that_spills() { return plan_a_spill().last; }

setting usual() { return {.prepare = store_the_usual}; }
setting usual_with_pins() { return {.prepare = store_the_usual, .beside = hold_the_small_ones}; }
setting with_orphans() { return {.prepare = leave_orphans}; }
setting with_expired_items() { return {.prepare = store_expired}; }
setting stripe_about_to_grow() { return {.prepare = fill_a_stripe, .keys = crash::most_keys}; }
setting bucket_about_to_spill() { return {.prepare = fill_two_buckets, .keys = crash::most_keys}; }
setting full_of_cells() { return {.prepare = fill_with_cells_and_use, .evicts = true, .keys = 1024}; }
setting full_of_runs() { return {.prepare = fill_with_runs, .evicts = true, .keys = 512}; }
setting with_keyspace() { return {.prepare = store_in_a_keyspace}; }

std::string keyspace_key(int i) { return "item/" + std::to_string(i); }
std::string keyspace_value(int i) { return "the value of item " + std::to_string(i); }

}  // namespace step
