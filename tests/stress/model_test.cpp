// Random calls beside a reference: a plain map that knows what each key must hold. A key that is present there may be
// missed only when it expired or when something was evicted; what is found must always be exactly what was stored.
#include <chrono>
#include <cstring>
#include <exception>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "support/child.hpp"
#include "support/random.hpp"
#include "support/test.hpp"

using larder::milliseconds;
using larder::status;
using steady = std::chrono::steady_clock;

namespace {

constexpr milliseconds lateness{1000};  // generous: a loaded host delays the kernel's ticks
constexpr auto never = steady::time_point::max();

// What a key must hold, and when its end is: its life begins between the beginning and the end of the call that stored
// it.
struct expected_item {
  std::string value;
  std::uint32_t flags = 0;
  larder::version version{};
  steady::time_point earliest_end = never;
  steady::time_point latest_end = never;
};

// How a run is done: the keys and value sizes it draws from, and whether the segment is too small for them.
struct load {
  std::uint64_t keys;
  std::uint64_t largest_value;
  bool evicts;
  bool refuses = false;  // instead
};

class player {
 public:
  player(larder::cache& cache, const load& load, std::uint64_t stream)
      : cache_(cache), load_(load), random_(stream), prefix_(std::to_string(stream) + ":") {}

  // Makes one random call and throws if it came to something that cannot be.
  void step() {
    key_ = prefix_ + std::to_string(random_.number(load_.keys));
    static constexpr void (player::*calls[])() = {
        &player::get,  &player::get,   &player::get,     &player::get_copy, &player::put,    &player::put,
        &player::put,  &player::add,   &player::replace, &player::cas,      &player::erase,  &player::append,
        &player::incr, &player::touch, &player::reserve, &player::hold,     &player::let_go, &player::contains};
    before_ = steady::now();
    (this->*calls[random_.number(std::size(calls))])();
  }

  void finish() {
    while (!held_.empty()) let_go();
  }

 private:
  struct held_value {
    larder::read_handle handle;
    std::string copy;
  };

  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(what + ", key " + key_); }
  void expect(bool holds, const char* what) const {
    if (!holds) fail(what);
  }

  // Compares whether the key was there with what may be, and returns the expected item if it was.
  expected_item* saw(bool present) {
    const auto after = steady::now();
    const auto found = items_.find(key_);
    if (present) {
      expect(found != items_.end(), "an item that was never stored, or was erased");
      expect(found->second.latest_end == never || before_ < found->second.latest_end + lateness,
             "an item that has expired");
      return &found->second;
    }
    if (found == items_.end()) return nullptr;
    expect(load_.evicts || after >= found->second.earliest_end, "a present item was missed");
    items_.erase(found);
    return nullptr;
  }

  // True if a store was refused for want of memory, which only a small segment may do.
  bool refused(status s) const {
    expect(s != status::too_large && s != status::timed_out && s != status::detached, "a call was refused");
    if (s != status::no_space) return false;
    expect(load_.evicts || load_.refuses, "no_space in a large segment");
    return true;
  }

  // Notes that the key now holds this; its version is learnt at the next get.
  void stored(std::string value, const larder::put_options& options) {
    expected_item& item = items_[key_];
    item.value = std::move(value);
    item.flags = options.flags;
    item.version = {};
    lives(item, options.ttl);
  }
  void lives(expected_item& item, milliseconds ttl) const {
    item.earliest_end = ttl == larder::forever ? never : before_ + ttl;
    item.latest_end = ttl == larder::forever ? never : steady::now() + ttl;
  }

  std::string some_value() {
    // Small values are frequent, large ones are not.
    const std::uint64_t limit = random_.one_in(8) ? load_.largest_value : load_.largest_value / 16 + 8;
    return std::string(random_.number(limit + 1), static_cast<char>('a' + random_.number(26))) +
           std::to_string(random_.number(1000));
  }
  larder::put_options some_options() {
    return {.ttl = random_.one_in(4) ? milliseconds(random_.number(200)) : larder::forever,
            .flags = static_cast<std::uint32_t>(random_.number(~0u))};
  }

  void matches(const larder::read_handle& handle, expected_item& item) const {
    expect(handle.view() == item.value, "another value than was stored");
    expect(handle.flags() == item.flags, "other flags than were stored");
    expect(handle.key() == key_, "another key than was asked for");
    expect(item.version == larder::version{} || handle.version() == item.version,
           "another version of an unchanged item");
    item.version = handle.version();
  }

  void get() {
    const larder::read_handle handle = cache_.get(key_);
    if (expected_item* item = saw(static_cast<bool>(handle))) matches(handle, *item);
  }
  void get_copy() {
    const std::optional<std::string> copy = cache_.get_copy(key_);
    if (const expected_item* item = saw(copy.has_value()))
      expect(*copy == item->value, "another value than was stored");
  }
  void contains() { saw(cache_.contains(key_)); }

  void put() {
    std::string value = some_value();
    const larder::put_options options = some_options();
    const status s = cache_.put(key_, value, options);
    if (refused(s)) return;
    expect(s == status::ok, "put failed");
    stored(std::move(value), options);
  }
  void add() {
    std::string value = some_value();
    const larder::put_options options = some_options();
    const status s = cache_.add(key_, value, options);
    if (refused(s)) return;
    saw(s == status::exists);
    if (s == status::ok) stored(std::move(value), options);
  }
  void replace() {
    std::string value = some_value();
    const larder::put_options options = some_options();
    const status s = cache_.replace(key_, value, options);
    if (refused(s)) return;
    saw(s == status::ok);
    if (s == status::ok) stored(std::move(value), options);
  }
  void cas() {
    const auto known = items_.find(key_);
    const larder::version expected = known == items_.end() ? larder::version{} : known->second.version;
    std::string value = some_value();
    const larder::put_options options = some_options();
    const status s = cache_.cas(key_, expected, value, options);
    if (refused(s)) return;
    const expected_item* item = saw(s != status::not_found);
    if (!item) return;
    expect((s == status::ok) == (item->version == expected && expected != larder::version{}),
           "cas did not go by the version");
    if (s == status::ok) stored(std::move(value), options);
  }
  void erase() {
    saw(cache_.erase(key_) == status::ok);
    items_.erase(key_);
  }
  void append() {
    const std::string tail = std::to_string(random_.number(10'000));
    const status s = cache_.append(key_, tail);
    if (refused(s)) return;
    expected_item* item = saw(s == status::ok);
    if (!item) return;
    item->value += tail;
    item->version = {};
  }
  void incr() {
    const std::int64_t delta = static_cast<std::int64_t>(random_.number(1000));
    // Drawn anew each time, so that a sum tells whether the counter is new.
    const std::int64_t initial = static_cast<std::int64_t>(random_.number(std::uint64_t{1} << 62));
    const larder::result<std::int64_t> counted = cache_.incr(key_, delta, {.initial = initial});
    if (refused(counted.error())) return;
    if (counted.error() == status::not_numeric) {
      expected_item* item = saw(true);
      expect(item->value.size() != sizeof delta, "a counter was refused");
      return;
    }
    expect(counted.has_value(), "incr failed");
    count(*counted, delta, initial);
  }
  // An old counter goes on from its value, whatever bytes these were.
  void count(std::int64_t result, std::int64_t delta, std::int64_t initial) {
    const auto found = items_.find(key_);
    std::int64_t old = 0;
    const bool was_number = found != items_.end() && found->second.value.size() == sizeof old;
    if (was_number) std::memcpy(&old, found->second.value.data(), sizeof old);
    const bool went_on = was_number && result == old + delta;
    if (!went_on) expect(result == initial + delta, "another sum");
    expected_item* item = saw(went_on);
    if (!item) stored({}, {});
    items_[key_].value.assign(reinterpret_cast<const char*>(&result), sizeof result);
    items_[key_].version = {};
  }
  void touch() {
    const milliseconds ttl = random_.one_in(2) ? milliseconds(random_.number(300)) : larder::forever;
    const status s = cache_.touch(key_, ttl);
    if (refused(s)) return;
    if (expected_item* item = saw(s == status::ok)) lives(*item, ttl);
  }
  void reserve() {
    const std::string value = some_value();
    const larder::put_options options = some_options();
    auto room = cache_.reserve(key_, value.size() + random_.number(50), options);
    if (refused(room.error())) return;
    expect(room.has_value(), "reserve failed");
    std::memcpy(room->bytes().data(), value.data(), value.size());
    if (random_.one_in(3)) return;
    const status s = room->commit(value.size());
    if (refused(s)) return;
    expect(s == status::ok, "commit failed");
    stored(value, options);
  }
  // Keeps a handle for a while: its bytes must be the same at the end.
  void hold() {
    if (held_.size() >= 16) let_go();
    larder::read_handle handle = cache_.get(key_);
    if (expected_item* item = saw(static_cast<bool>(handle))) {
      matches(handle, *item);
      held_.push_back({std::move(handle), item->value});
    }
  }
  void let_go() {
    if (held_.empty()) return;
    const std::size_t i = random_.number(held_.size());
    expect(held_[i].handle.view() == held_[i].copy, "a held value changed");
    std::swap(held_[i], held_.back());
    held_.pop_back();
  }

  larder::cache& cache_;
  load load_;
  support::random_source random_;
  std::string prefix_;
  std::string key_;
  steady::time_point before_;
  std::unordered_map<std::string, expected_item> items_;
  std::vector<held_value> held_;
};

// Plays until the time is up. Throws what the player throws, and when the segment is not sound.
void play(larder::cache& cache, const load& load, std::uint64_t stream, milliseconds duration) {
  player sut(cache, load, stream);
  const auto end = steady::now() + duration;
  for (int step = 1; steady::now() < end; ++step) {
    sut.step();
    if (step % 20'000 == 0)
      support::require(support::violations(cache).empty(), "the segment is sound: " + support::violations(cache));
  }
  sut.finish();
}

// As many players at once as threads are asked for, each with keys of its own; tells the first failure.
std::string play_in_threads(larder::cache& cache, const load& load, std::uint64_t threads, milliseconds duration) {
  std::vector<std::string> failures(threads);
  {
    std::vector<std::jthread> players;
    for (std::uint64_t t = 0; t < threads; ++t) {
      players.emplace_back([&, t] {
        try {
          play(cache, load, t, duration);
        } catch (const std::exception& e) {
          failures[t] = e.what();
        }
      });
    }
  }
  for (const std::string& failure : failures) {
    if (!failure.empty()) return failure;
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stress)
BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(a_large_cache_does_exactly_what_a_map_does) {
  support::temp_cache sut(64 * support::mebibyte);
  BOOST_TEST(play_in_threads(*sut, {.keys = 3000, .largest_value = 4000, .evicts = false}, 1, support::stress_time()) ==
             "");
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(sut->stats().pins == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_large_cache_does_exactly_what_a_map_does_in_each_of_many_threads) {
  support::temp_cache sut(128 * support::mebibyte);
  BOOST_TEST(play_in_threads(*sut, {.keys = 1500, .largest_value = 2000, .evicts = false}, 4, support::stress_time()) ==
             "");
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_small_cache_differs_from_a_map_only_by_evictions) {
  support::temp_cache sut(2 * support::mebibyte);
  BOOST_TEST(play_in_threads(*sut, {.keys = 8000, .largest_value = 4000, .evicts = true}, 1, support::stress_time()) ==
             "");
  BOOST_TEST(sut->stats().evictions > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_small_cache_that_refuses_differs_from_a_map_by_refusals_alone) {
  larder::create_options options = support::small(2 * support::mebibyte);
  options.when_full = larder::full_policy::refuse;
  support::temp_cache sut(options);
  BOOST_TEST(play_in_threads(*sut, {.keys = 8000, .largest_value = 4000, .evicts = false, .refuses = true}, 1,
                             support::stress_time()) == "");
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(sut->stats().no_space > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_small_cache_that_refuses_differs_from_a_map_by_refusals_alone_in_each_of_many_threads) {
  larder::create_options options = support::small(4 * support::mebibyte);
  options.when_full = larder::full_policy::refuse;
  support::temp_cache sut(options);
  BOOST_TEST(play_in_threads(*sut, {.keys = 4000, .largest_value = 8000, .evicts = false, .refuses = true}, 4,
                             support::stress_time()) == "");
  BOOST_TEST(sut->stats().evictions == 0u);
  BOOST_TEST(sut->stats().no_space > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_CASE(a_small_cache_differs_from_a_map_only_by_evictions_in_each_of_many_threads) {
  support::temp_cache sut(4 * support::mebibyte);
  BOOST_TEST(play_in_threads(*sut, {.keys = 4000, .largest_value = 8000, .evicts = true}, 4, support::stress_time()) ==
             "");
  BOOST_TEST(sut->stats().evictions > 0u);
  BOOST_TEST(support::violations(*sut) == "");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
