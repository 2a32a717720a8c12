// The models of who is subscribed and who sleeps (table/change_feed.hpp, table/change_reader.hpp).
//
// Bell: a writer announces a few changes; two subscribers read all there is and sleep when there is nothing.
// What must hold: when nothing happens any more, nobody sleeps who has something to read.
//
// Listeners: threads come and go as subscribers; each counts itself in its slot and tells the writers by one word.
// What must hold: while somebody listens, the word says so; and when all have gone, it says that.
#ifndef LARDER_TESTS_MODEL_LISTEN_MODEL_HPP
#define LARDER_TESTS_MODEL_LISTEN_MODEL_HPP

#include "model/explorer.hpp"

namespace model::listening {

enum class bug {
  none = 0,
  bell_looked_at_first,      // by the writer, before the record is whole
  whole_is_still_in_buffer,  // a plain store
  slept_without_second_look,
  bell_without_turn,      // a writer sets it to what it was before anybody slept
  counted_after_telling,  // a subscriber tells the writers first
  listeners_without_turn,
};

[[nodiscard]] program announcer();
[[nodiscard]] program sleeper();
[[nodiscard]] system make_bell(unsigned changes, bug seeded = bug::none);

[[nodiscard]] program guest();
[[nodiscard]] system make_listeners(std::size_t guests, unsigned deaths, bug seeded = bug::none);

}  // namespace model::listening

#endif  // LARDER_TESTS_MODEL_LISTEN_MODEL_HPP
