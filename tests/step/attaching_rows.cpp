// Coming and going of segments, processes and threads; and taking back what the dead held.
#include <string>
#include <system_error>

#include "step/setting.hpp"
#include "support/child.hpp"

namespace step {
namespace {

using crash::stage;

constexpr std::string_view absent = "attached from here on";

std::string made_by(const stage& s) { return s.name + "-made"; }

void create(stage& s) {
  larder::create_options options = support::small(support::mebibyte);
  const std::string name = made_by(s);
  marked([&] { static_cast<void>(larder::cache::create(name, options)); });
}

// The name leads to nothing, or to a segment that is whole.
std::string made_or_not(stage& s) {
  std::error_code why;
  std::string wrong;
  if (auto made = larder::cache::try_open(made_by(s), why)) {
    wrong = support::violations(*made);
    if (!ok(made->put("key", "value"))) wrong += "not true: the new segment takes an item\n";
  } else if (why != std::errc::no_such_file_or_directory) {
    wrong = "not true: the new segment is whole or not there\n";
  }
  larder::cache::remove(made_by(s));
  return wrong;
}

void open(stage& s) {
  marked([&] {
    larder::cache opened = larder::cache::open(s.name);
    static_cast<void>(opened.contains(absent));
  });
}

void use_first(stage& s) {
  marked([&] { static_cast<void>(s.cache->contains(absent)); });
}

void fill_limbo(stage& s) { s.hand.put_range(0, 10, small_size); }

void hold_one(stage& s) { s.hand.hold(some_key); }

void detach(stage& s) {
  marked([&] { s.cache.reset(); });
}

void hold_and_detach(stage& s) {
  s.hand.hold(some_key);
  s.cache.reset();
}

// The thread's end is the end of what is stepped.
void end_thread(stage& s) {
  static_cast<void>(s.cache->contains(absent));
  larder_step_begin();
}

void end_thread_with_limbo(stage& s) {
  fill_limbo(s);
  larder_step_begin();
}

void end_thread_with_handle_out(stage& s) {
  s.hand.hold(some_key);
  larder_step_begin();
}

void reap(stage& s) {
  marked([&] { s.cache->reap(); });
}

std::vector<row> rows() {
  return {
      {"create", usual(), create, entry::attached, nullptr, made_or_not},
      {"open and first use", usual(), open, entry::inherits},
      {"first use after fork", usual(), use_first, entry::inherits},
      {"first use of a thread", usual(), use_first, entry::thread},
      {"detach", usual(), detach},
      {"detach with cells in limbo", usual(), detach, entry::attached, fill_limbo},
      {"detach with pinned cells in limbo", usual_with_pins(), detach, entry::attached, fill_limbo},
      {"detach with a handle out", usual(), detach, entry::attached, hold_one},
      {"release after detach", usual(), [](stage& s) { watched(s).release(); }, entry::attached, hold_and_detach},
      {"thread exit", usual(), end_thread, entry::thread},
      {"thread exit with pinned cells in limbo", usual_with_pins(), end_thread_with_limbo, entry::thread},
      {"thread exit with a handle out", usual(), end_thread_with_handle_out, entry::thread},
      {"reap", usual(), reap},
      {"reap orphans", with_orphans(), reap},
      // On the stripe of some_key, whoever holds it.
      {"put beside", usual(), [](stage& s) { watched(s).put(near_key(), small_size); }},
  };
}

}  // namespace

const std::vector<row>& attaching_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
