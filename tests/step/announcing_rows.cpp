// Changes while somebody listens, and the coming and going of those who do. The survivor keeps a private copy by what it is
// told, which must be right in the end, whoever dies.
#include <optional>
#include <string>

#include "step/setting.hpp"
#include "support/child.hpp"

namespace step {
namespace {

using crash::stage;

void listen(stage& s) { s.ear.emplace(*s.cache); }

setting listened_to() {
  setting made = usual();
  made.beside = listen;
  return made;
}

void put_with_a_long_key(stage& s) {
  const std::string key(larder::max_key_size, 'k');
  marked([&] { static_cast<void>(s.cache->put(key, "value")); });
}

void invalidate(stage& s) {
  larder::keyspace space = s.cache->keyspace(support::private_copy::keyspace);
  marked([&] { space.invalidate(); });
}

void subscribe(stage& s) {
  std::optional<larder::subscription> feed;
  marked([&] { feed = s.cache->subscribe(); });
}

void unsubscribe(stage& s) {
  marked([&] { s.ear.reset(); });
}

void listen_and_change(stage& s) {
  listen(s);
  s.hand.put(some_key, small_size);
}

void look_for_changes(stage& s) {
  marked([&] { s.ear->refresh(); });
}

std::vector<row> rows() {
  return {
      {.name = "put new, somebody listens",
       .before = listened_to(),
       .perform = [](stage& s) { watched(s).put(new_key, small_size); },
       .counter = &larder::stats::changes},
      {"put over, somebody listens", listened_to(), [](stage& s) { watched(s).put(some_key, small_size); }},
      {"put with a long key, somebody listens", listened_to(), put_with_a_long_key},
      {"erase, somebody listens", listened_to(), [](stage& s) { watched(s).erase(some_key); }},
      {"invalidate, somebody listens", listened_to(), invalidate},
      {"subscribe", usual(), subscribe},
      {"unsubscribe", usual(), unsubscribe, entry::attached, listen},
      {"look for changes", usual(), look_for_changes, entry::attached, listen_and_change},
  };
}

}  // namespace

const std::vector<row>& announcing_rows() {
  static const std::vector<row> all = rows();
  return all;
}

}  // namespace step
