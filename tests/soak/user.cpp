#include "soak/user.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "support/sealed_value.hpp"
#include "support/temp_cache.hpp"

namespace soak {

using larder::milliseconds;
using larder::status;

namespace {

constexpr std::size_t most_held = 24;
constexpr std::size_t most_reserved = 4;

}  // namespace

holding::holding(std::size_t key, larder::read_handle handle)
    : key_(key), handle_(std::move(handle)), bytes_(handle_.view()) {}

void holding::look_again(board& notes) const {
  notes.handles.fetch_add(1);
  if (handle_.view() != bytes_) notes.complain(name_of(key_) + ": bytes behind a handle have changed");
}

void judge(board& notes, std::size_t key, std::string_view value, std::uint64_t oldest) {
  const std::optional<std::uint64_t> number = support::unsealed(name_of(key), value);
  const std::string wrong = number ? notes.records[key].read(*number, oldest) : "a value is torn, or another key's";
  if (!wrong.empty()) notes.complain(name_of(key) + ": " + wrong);
}

// Weights in parts of a thousand, more or less.
const user::kind user::kinds[] = {
    {&user::look, 300},
    {&user::look_at_many, 30},
    {&user::hold, 100},
    {&user::look_again, 60},
    {&user::look_through_a_view, 1},
    {&user::visit, 1},
    {&user::put, 230},
    {&user::put_in_place, 50},
    {&user::put_if, 40},
    {&user::cas, 40},
    {&user::remake, 20},
    {&user::touch, 30},
    {&user::erase, 40},
    {&user::count, 50},
    {&user::sweep, 1},
    {&user::reap, 1},
    {&user::check, 1},
    {&user::empty, 1},
};

user::user(board& notes, std::string segment, larder::cache& cache, std::size_t lane, bool patient)
    : notes_(notes),
      segment_(std::move(segment)),
      cache_(cache),
      keyspace_(cache.keyspace(keyspace_name)),
      lane_(notes.lanes[lane]),
      lane_index_(lane),
      patient_(patient),
      random_(notes.births.fetch_add(1)) {}

user::~user() {
  let_go();
  lane_.owner.store(0);
}

void user::act() {
  static const unsigned all = std::accumulate(std::begin(kinds), std::end(kinds), 0U,
                                              [](unsigned sum, const kind& k) { return sum + k.weight; });
  auto chosen = static_cast<unsigned>(random_.number(all));
  const kind* at = std::begin(kinds);
  for (; chosen >= at->weight; ++at) chosen -= at->weight;
  (this->*at->call)();
}

void user::let_go() {
  look_again();
  held_.clear();
  reserved_.clear();
}

std::vector<holding> user::give_one_away() {
  std::vector<holding> given;
  if (held_.empty()) return given;
  given.push_back(std::move(held_.back()));
  held_.pop_back();
  return given;
}

void user::drop_inherited() noexcept {
  held_.clear();
  reserved_.clear();
}

template <class Call>
auto user::during(Call what) {
  lane_.in_call.store(1);
  auto result = what();
  lane_.in_call.store(0);
  lane_.operations.fetch_add(1, std::memory_order_relaxed);
  return result;
}

template <class Call>
auto user::call(std::size_t key, Call what) {
  return during([&] { return is_in_keyspace(key) ? what(keyspace_) : what(cache_); });
}

std::size_t user::any_key() {
  const std::size_t keys = roomy() ? roomy_keys_per_lane : keys_per_lane;
  return random_.number(lane_count) * keys_per_lane + random_.number(keys);
}

std::size_t user::my_key() {
  return lane_index_ * keys_per_lane + random_.number(roomy() ? roomy_keys_per_lane : keys_per_lane);
}

std::size_t user::my_plain_key() {
  const std::size_t key = my_key();
  return is_in_keyspace(key) ? key - 1 : key;
}

// Mostly small. Those of a roomy round all fit at once, whatever they are.
std::size_t user::any_size() {
  const std::uint64_t percent = random_.number(100);
  if (percent < 70) return support::smallest_sealed_value + random_.number(600);
  if (roomy() || percent < 92) return support::smallest_sealed_value + random_.number(4000);
  return support::smallest_sealed_value + random_.number(percent < 99 ? 40'000 : 400'000);
}

// --- Looking ----------------------------------------------------------------------------------------------------------

void user::look() {
  const std::size_t key = any_key();
  record& known = notes_.records[key];
  const std::string name = name_of(key);
  const std::uint64_t oldest = known.oldest();
  const std::optional<std::uint64_t> before = known.certain();
  const larder::read_handle found = call(key, [&](auto& in) { return in.get(name); });
  if (found) return judge(notes_, key, found.view(), oldest);
  if (before && known.certain() == before) notes_.misses.fetch_add(1);
}

void user::look_at_many() {
  std::array<std::size_t, 12> keys;
  std::array<std::string, keys.size()> names;
  std::array<std::string_view, keys.size()> views;
  std::array<std::uint64_t, keys.size()> oldest;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    do keys[i] = any_key();
    while (is_in_keyspace(keys[i]));
    views[i] = names[i] = name_of(keys[i]);
    oldest[i] = notes_.records[keys[i]].oldest();
  }
  std::array<larder::read_handle, keys.size()> found;
  during([&] { return cache_.multi_get(views, found); });
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (found[i]) judge(notes_, keys[i], found[i].view(), oldest[i]);
  }
}

void user::hold() {
  const std::size_t key = any_key();
  const std::string name = name_of(key);
  const std::uint64_t oldest = notes_.records[key].oldest();
  larder::read_handle found = call(key, [&](auto& in) { return in.get(name); });
  if (!found) return;
  judge(notes_, key, found.view(), oldest);
  holding held(key, std::move(found));
  if (held_.size() < most_held) {
    held_.push_back(std::move(held));
  } else {
    holding& old = held_[random_.number(held_.size())];
    old.look_again(notes_);
    old = std::move(held);
  }
}

void user::look_again() {
  for (const holding& each : held_) each.look_again(notes_);
}

void user::look_through_a_view() {
  const larder::cache_view view = larder::cache_view::open(segment_);
  for (int i = 0; i < 50; ++i) {
    std::size_t key = any_key();
    if (is_in_keyspace(key)) --key;
    const std::uint64_t oldest = notes_.records[key].oldest();
    const std::optional<std::string> found = during([&] { return view.get_copy(name_of(key)); });
    if (found) judge(notes_, key, *found, oldest);
  }
}

// Every item is somebody's, and whole.
void user::visit() {
  const auto look_at = [this](const larder::item_view& item) {
    if (!item.key.starts_with("key/")) return true;
    if (!support::unsealed(item.key, item.value))
      notes_.complain(std::string(item.key) + ": for_each shows a torn value");
    return notes_.over.load() == 0;
  };
  during([&] {
    cache_.for_each(look_at);
    return true;
  });
}

// --- Storing ----------------------------------------------------------------------------------------------------------

bool user::is_done(std::size_t key, status outcome, status expected) {
  if (outcome == status::ok) return true;
  const bool may_be =
      outcome == expected || (outcome == status::timed_out && !patient_) || (outcome == status::no_space && !roomy());
  if (!may_be) notes_.complain(name_of(key) + ": a call answers " + std::string(to_string(outcome)));
  return false;
}

void user::settle(std::size_t key, change what, status outcome, status expected) {
  record& known = notes_.records[key];
  if (is_done(key, outcome, expected)) {
    known.acknowledged.store(what.bits());
  } else {
    known.refused.store(what.number);
  }
}

template <class Call>
void user::store(std::size_t key, std::size_t size, status expected, Call what) {
  record& known = notes_.records[key];
  const change next{change::from(known.begun.load()).number + 1, true};
  const std::string name = name_of(key);
  const std::string value = support::sealed_value(name, next.number, size);
  const bool mortal = random_.one_in(8);
  const larder::put_options options{.ttl = mortal ? milliseconds(random_.number(400)) : larder::forever};
  if (mortal) known.mortal.store(1);
  known.begun.store(next.bits());
  const status outcome = call(key, [&](auto& in) { return what(in, name, value, options); });
  settle(key, next, outcome, expected);
  if (outcome == status::ok && !mortal) known.mortal.store(0);
}

void user::put() {
  store(my_key(), any_size(), status::ok, [](auto& in, const auto& name, const auto& value, const auto& options) {
    return in.put(name, value, options);
  });
}

// Reservations stay open for some calls; what is in flight begins with the commit.
void user::put_in_place() {
  if (reserved_.size() < most_reserved) {
    const std::size_t key = my_key();
    const std::size_t size = any_size();
    const std::string name = name_of(key);
    larder::result<larder::reservation> room = call(key, [&](auto& in) { return in.reserve(name, size); });
    if (is_done(key, room.error(), status::ok)) reserved_.push_back({key, size, std::move(*room)});
  }
  if (reserved_.empty() || random_.one_in(2)) return;
  std::swap(reserved_[random_.number(reserved_.size())], reserved_.back());
  opened mine = std::move(reserved_.back());
  reserved_.pop_back();
  if (random_.one_in(4)) return;  // abandoned
  record& known = notes_.records[mine.key];
  const change next{change::from(known.begun.load()).number + 1, true};
  const std::string value = support::sealed_value(name_of(mine.key), next.number, mine.size);
  std::ranges::copy(std::as_bytes(std::span(value)), mine.room.bytes().begin());
  known.begun.store(next.bits());
  const status outcome = during([&] { return mine.room.commit(); });
  settle(mine.key, next, outcome, status::ok);
  if (outcome == status::ok) known.mortal.store(0);
}

void user::put_if() {
  if (random_.one_in(2)) {
    store(my_key(), any_size(), status::exists, [](auto& in, const auto& name, const auto& value, const auto& options) {
      return in.add(name, value, options);
    });
  } else {
    store(my_key(), any_size(), status::not_found,
          [](auto& in, const auto& name, const auto& value, const auto& options) {
            return in.replace(name, value, options);
          });
  }
}

// Nobody else changes the key, so the version is the one that was read as long as the item is there.
void user::cas() {
  const std::size_t key = my_key();
  const std::string name = name_of(key);
  const larder::read_handle old = call(key, [&](auto& in) { return in.get(name); });
  if (!old) return;
  store(key, any_size(), status::not_found, [&](auto& in, const auto& called, const auto& value, const auto& options) {
    return in.cas(called, old.version(), value, options);
  });
}

// The same value in another item.
void user::remake() {
  const std::size_t key = my_plain_key();
  const std::string name = name_of(key);
  const bool front = random_.one_in(2);
  is_done(key, during([&] { return front ? cache_.prepend(name, "") : cache_.append(name, ""); }), status::not_found);
}

void user::touch() {
  const std::size_t key = my_key();
  const std::string name = name_of(key);
  const bool mortal = random_.one_in(4);
  if (mortal) notes_.records[key].mortal.store(1);
  const milliseconds ttl = mortal ? milliseconds(random_.number(400)) : larder::forever;
  const status outcome = call(key, [&](auto& in) { return in.touch(name, ttl); });
  if (is_done(key, outcome, status::not_found) && !mortal) notes_.records[key].mortal.store(0);
}

void user::erase() {
  const std::size_t key = my_key();
  record& known = notes_.records[key];
  const change next{change::from(known.begun.load()).number + 1, false};
  const std::string name = name_of(key);
  known.begun.store(next.bits());
  const status outcome = call(key, [&](auto& in) { return in.erase(name); });
  if (is_done(key, outcome, status::not_found) || outcome == status::not_found) known.acknowledged.store(next.bits());
}

// Counters are everybody's: in a round without evictions they lose nothing, and count nothing twice.
void user::count() {
  const std::size_t which = random_.number(counter_count);
  counter_record& known = notes_.counters[which];
  const std::int64_t least = known.acknowledged.load() + 1;
  known.begun.fetch_add(1);
  const larder::result<std::int64_t> sum = during([&] { return cache_.incr(name_of_counter(which)); });
  if (!sum) {
    is_done(0, sum.error(), status::ok);
    return;
  }
  known.acknowledged.fetch_add(1);
  if (*sum > known.begun.load()) notes_.complain(name_of_counter(which) + " counts what nobody has added");
  if (*sum < least) notes_.misses.fetch_add(1);
}

// --- Housekeeping -----------------------------------------------------------------------------------------------------

void user::sweep() {
  during([&] { return cache_.sweep(); });
}

void user::reap() {
  during([&] { return cache_.reap(); });
}

void user::check() {
  if (!random_.one_in(4)) return;
  const std::string wrong = during([&] { return support::violations(cache_); });
  if (!wrong.empty()) notes_.complain("check() beside others: " + wrong);
}

void user::empty() {
  if (roomy() || !random_.one_in(20)) return;
  if (random_.one_in(2)) {
    is_done(0, during([&] { return cache_.clear(); }), status::ok);
  } else {
    during([&] {
      keyspace_.invalidate();
      return true;
    });
  }
}

}  // namespace soak
