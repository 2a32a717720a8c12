// What stands in the segment before anybody dies, and what acts of rows have in common.
#ifndef LARDER_TESTS_STEP_SETTING_HPP
#define LARDER_TESTS_STEP_SETTING_HPP

#include <cstddef>
#include <cstdint>

#include "cache/cache_impl.hpp"
#include "step/row.hpp"
#include "step/tracee.hpp"

namespace step {

// Keys of the usual setting.
inline constexpr std::size_t some_key = 3;       // one of 40 small values, 0 to 39
inline constexpr std::size_t small_keys = 40;    // how many these are
inline constexpr std::size_t some_run = 42;      // one of 5 values that are runs of frames, 40 to 44
inline constexpr std::size_t over_pages = 45;    // one that lies over several pages
inline constexpr std::size_t some_counter = 50;  // and 51
inline constexpr std::size_t some_stream = 52;   // what append extends; and 53
inline constexpr std::size_t new_key = 1000;     // is not there, nor are those behind it

inline constexpr std::size_t small_size = 200;
inline constexpr std::size_t run_size = 3000;  // of frames of a page
inline constexpr std::size_t several_pages = 20'000;

// A watched scribe: what is stepped is the one call that it makes.
[[nodiscard]] crash::scribe& watched(crash::stage& s);

template <class Call>
void marked(Call call) {
  larder_step_begin();
  call();
  larder_step_end();
}

// The calling thread's actor. REQUIRES: it is attached, and used no other cache since.
[[nodiscard]] larder::memory::actor& me();

[[nodiscard]] larder::table::place place_of(std::size_t key);

// A small value that shares the stripe of some_key.
[[nodiscard]] std::size_t near_key();

// The first key from `from` on that shares a stripe with `key`.
[[nodiscard]] std::size_t neighbour_of(std::size_t key, std::size_t from);

// True if a value of this size finds room without anybody's leaving.
[[nodiscard]] bool has_room(std::size_t size);

// Settings.
[[nodiscard]] setting usual();
[[nodiscard]] setting usual_with_pins();     // the survivor holds all small ones
[[nodiscard]] setting with_orphans();        // cells that nobody owns
[[nodiscard]] setting with_expired_items();  // 100 to 139
[[nodiscard]] setting stripe_about_to_grow();
[[nodiscard]] setting bucket_about_to_spill();
[[nodiscard]] setting full_of_cells();  // of one class, every other item used
[[nodiscard]] setting full_of_runs();
[[nodiscard]] setting with_keyspace();

// The key whose store grows a stripe, spills.
[[nodiscard]] std::size_t key_that_grows(crash::stage& s);
[[nodiscard]] std::size_t key_that_spills();

// with_keyspace() has this one with these items, and no other.
inline constexpr std::string_view keyspace_name = "a keyspace";
inline constexpr int keyspace_items = 8;
[[nodiscard]] std::string keyspace_key(int i);
[[nodiscard]] std::string keyspace_value(int i);

}  // namespace step

#endif  // LARDER_TESTS_STEP_SETTING_HPP
