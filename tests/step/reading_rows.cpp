// Operations that change no item.
#include <array>
#include <optional>
#include <span>
#include <string>

#include "step/setting.hpp"
#include "support/child.hpp"

namespace step {
namespace {

using crash::stage;

void hold_one(stage& s) { s.hand.hold(some_key); }

void get_in_vain(stage& s) {
  const std::string key = crash::key_of(new_key);
  bool found = true;
  marked([&] { found = static_cast<bool>(s.cache->get(key)); });
  support::require(!found, "a key that is not there is not found");
}

void get_copy(stage& s) {
  const std::string key = crash::key_of(some_run);
  std::string out;
  bool found = false;
  marked([&] { found = s.cache->get_copy(key, out); });
  support::require(found, "get_copy finds its key");
}

void multi_get(stage& s) {
  std::array<std::string, 12> names;
  std::array<std::string_view, 12> keys;
  std::array<larder::read_handle, 12> out;
  for (std::size_t i = 0; i < names.size(); ++i) keys[i] = names[i] = crash::key_of(i < 8 ? i : new_key + i);
  std::size_t hits = 0;
  marked([&] { hits = s.cache->multi_get(keys, out); });
  support::require(hits == 8, "multi_get finds what is there");
}

void contains(stage& s) {
  const std::string key = crash::key_of(some_key);
  marked([&] { static_cast<void>(s.cache->contains(key)); });
}

void get_and_touch(stage& s) {
  const std::string key = crash::key_of(some_key);
  marked([&] { static_cast<void>(s.cache->get_and_touch(key, std::chrono::hours(1))); });
}

void visit(stage& s) {
  std::size_t seen = 0;
  marked([&] { s.cache->for_each([&](const larder::item_view&) { return ++seen < 20; }); });
}

std::vector<row> rows() {
  return {
      {"get", usual(), [](stage& s) { watched(s).hold(some_key); }},
      {"get, is not there", usual(), get_in_vain},
      {"release", usual(), [](stage& s) { watched(s).release(); }, entry::attached, hold_one},
      {"get_copy", usual(), get_copy},
      {"multi_get", usual(), multi_get},
      {"contains", usual(), contains},
      {"get_and_touch", usual(), get_and_touch},
      {"for_each", usual(), visit},
      {"stats", usual(), [](stage& s) { marked([&] { static_cast<void>(s.cache->stats()); }); }},
  };
}

}  // namespace

const std::vector<row>& reading_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
