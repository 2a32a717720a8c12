// Operations that change an item, with room for everything.
#include "step/setting.hpp"
#include "support/child.hpp"

namespace step {
namespace {

using crash::stage;

constexpr std::size_t limbo = 16;  // cells that a thread's limbo holds in a segment of this size

void fill_limbo(stage& s) { s.hand.put_range(0, limbo, small_size); }

// Retires more than limbo holds while the survivor pins all of it.
void retire_what_is_pinned(stage& s) { s.hand.put_range(0, limbo, small_size); }

void reserve_new(stage& s) { s.hand.reserve(new_key, 900); }
void touch_once(stage& s) { s.hand.touch(some_key); }

void cas_in_vain(stage& s) {
  const std::string key = crash::key_of(some_key);
  larder::status outcome = larder::status::ok;
  marked([&] { outcome = s.cache->cas(key, larder::version{0}, "not to be seen"); });
  support::require(outcome == larder::status::version_mismatch, "cas sees another version");
}

void add_in_vain(stage& s) {
  const std::string key = crash::key_of(some_key);
  larder::status outcome = larder::status::ok;
  marked([&] { outcome = s.cache->add(key, "not to be seen"); });
  support::require(outcome == larder::status::exists, "add sees the item");
}

void erase_in_vain(stage& s) {
  const std::string key = crash::key_of(new_key);
  larder::status outcome = larder::status::ok;
  marked([&] { outcome = s.cache->erase(key); });
  support::require(outcome == larder::status::not_found, "erase finds nothing");
}

// Either all items of the keyspace are there, the first one with its old or new value, or none is and it was invalidated.
std::string keyspace_is_whole(stage& s) {
  larder::keyspace space = s.cache->keyspace(keyspace_name);
  const bool invalidated = space.generation() != 0;
  std::string wrong;
  for (int i = 0; i < keyspace_items; ++i) {
    const auto found = space.get_copy(keyspace_key(i));
    const bool right = found ? *found == keyspace_value(i) || (i == 0 && *found == keyspace_value(-1)) : invalidated;
    if (!right || (invalidated && found)) wrong += "not true: " + keyspace_key(i) + " of the keyspace is old or new\n";
  }
  return wrong;
}

void invalidate(stage& s) {
  larder::keyspace space = s.cache->keyspace(keyspace_name);
  marked([&] { space.invalidate(); });
}

void put_in_keyspace(stage& s) {
  larder::keyspace space = s.cache->keyspace(keyspace_name);
  const std::string key = keyspace_key(0);
  const std::string value = keyspace_value(-1);
  marked([&] { static_cast<void>(space.put(key, value)); });
}

void make_keyspace(stage& s) {
  marked([&] { static_cast<void>(s.cache->keyspace("another keyspace")); });
}

std::string keyspace_can_be_made(stage& s) {
  larder::keyspace space = s.cache->keyspace("another keyspace");
  return ok(space.put("key", "value")) && space.get_copy("key") == "value" ? "" : "not true: the keyspace works\n";
}

std::vector<row> rows() {
  return {
      {"put new", usual(), [](stage& s) { watched(s).put(new_key, small_size); }},
      {"put over, same size", usual(), [](stage& s) { watched(s).put(some_key, small_size); }},
      {"put over, other size", usual(), [](stage& s) { watched(s).put(some_key, 700); }},
      {"put a run of frames", usual(), [](stage& s) { watched(s).put(new_key, run_size); }},
      {"put over a run of frames", usual(), [](stage& s) { watched(s).put(some_run, run_size + 500); }},
      {"put over pages", usual(), [](stage& s) { watched(s).put(new_key, several_pages); }},
      {"put over what lies over pages", usual(), [](stage& s) { watched(s).put(over_pages, small_size); }},
      {.name = "put, limbo is full",
       .before = usual(),
       .perform = [](stage& s) { watched(s).put(limbo, small_size); },
       .arrange = fill_limbo,
       .counter = &larder::stats::reclaims},
      {.name = "put, limbo is full of pinned ones",
       .before = usual_with_pins(),
       .perform = [](stage& s) { watched(s).put(limbo, small_size); },
       .arrange = retire_what_is_pinned},
      {.name = "put, grows its stripe",
       .before = stripe_about_to_grow(),
       .perform = [](stage& s) { watched(s).put(key_that_grows(s), 16); },
       .counter = &larder::stats::table_resizes},
      {"put, its buckets are full", bucket_about_to_spill(), [](stage& s) { watched(s).put(key_that_spills(), 16); }},
      {"add", usual(), [](stage& s) { watched(s).add(new_key, small_size); }},
      {"add, is there", usual(), add_in_vain},
      {"replace", usual(), [](stage& s) { watched(s).replace(some_key, small_size); }},
      {"cas", usual(), [](stage& s) { watched(s).cas(some_key, small_size); }},
      {"cas, other version", usual(), cas_in_vain},
      {"incr", usual(), [](stage& s) { watched(s).increment(some_counter); }},
      {"incr, makes the counter", usual(), [](stage& s) { watched(s).increment(new_key); }},
      {"append", usual(), [](stage& s) { watched(s).append(some_stream, 50); }},
      {"append to a run of frames", usual(), [](stage& s) { watched(s).append(some_stream + 1, 2000); }},
      {"prepend", usual(), [](stage& s) { watched(s).prepend_nothing(some_key); }},
      {"touch", usual(), [](stage& s) { watched(s).touch(some_key); }},
      {"touch again", usual(), [](stage& s) { watched(s).touch(some_key); }, entry::attached, touch_once},
      {"erase", usual(), [](stage& s) { watched(s).erase(some_key); }},
      {"erase a run of frames", usual(), [](stage& s) { watched(s).erase(some_run); }},
      {"erase what the survivor holds", usual_with_pins(), [](stage& s) { watched(s).erase(some_key); }},
      {"erase, is not there", usual(), erase_in_vain},
      {"reserve", usual(), [](stage& s) { watched(s).reserve(new_key, 900); }},
      {"commit", usual(), [](stage& s) { watched(s).reserve_and_commit(new_key, 900, 900); }},
      {"commit less, over another", usual(), [](stage& s) { watched(s).reserve_and_commit(some_run, run_size, 100); }},
      {"abandon", usual(), [](stage& s) { watched(s).release(); }, entry::attached, reserve_new},
      {"clear", usual(), [](stage& s) { watched(s).clear(); }},
      {"sweep", with_expired_items(), [](stage& s) { marked([&] { s.cache->sweep(); }); }},
      {"put in a keyspace", with_keyspace(), put_in_keyspace, entry::attached, nullptr, keyspace_is_whole},
      {"invalidate a keyspace", with_keyspace(), invalidate, entry::attached, nullptr, keyspace_is_whole},
      {"make a keyspace", with_keyspace(), make_keyspace, entry::attached, nullptr, keyspace_can_be_made},
  };
}

}  // namespace

const std::vector<row>& writing_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
