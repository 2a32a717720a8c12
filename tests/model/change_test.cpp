// The change feed, in every interleaving, with store buffers and deaths.
#include "model/change_model.hpp"
#include "model/checks.hpp"

using namespace model;
using changes::bug;

namespace {

constexpr auto stale = "a copy stays old";
constexpr auto torn = "a notice is torn";

changes::options with_bug(bug seeded, unsigned deaths = 0) { return {.deaths = deaths, .seeded = seeded}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::changes::writer());
  ::model::require_cited_code(::model::changes::subscriber());
}

BOOST_AUTO_TEST_CASE(a_subscriber_ends_with_what_is_there) { require_sound(make({.changes = 2})); }

BOOST_AUTO_TEST_CASE(a_subscriber_ends_with_what_is_there_though_writers_die) {
  require_sound(make({.changes = 2, .deaths = 1}), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(a_subscriber_ends_with_what_is_there_though_recoverers_die) {
  require_sound(make({.changes = 1, .deaths = 2}));
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_a_change_is_still_in_its_store_buffer) {
  require_found(make(with_bug(bug::no_heavy_fence)), stale);
}

BOOST_AUTO_TEST_CASE(who_looks_for_listeners_before_the_change_overlooks_one_who_has_just_read) {
  require_found(make(with_bug(bug::looked_for_listeners_first)), stale);
}

BOOST_AUTO_TEST_CASE(a_change_that_is_announced_before_it_is_made_is_refreshed_too_early) {
  require_found(make(with_bug(bug::announced_before_commit)), stale);
}

BOOST_AUTO_TEST_CASE(without_a_hint_the_change_of_a_dead_writer_is_never_announced) {
  require_found(make(with_bug(bug::hint_cleared_before_announcement, 1)), stale);
}

BOOST_AUTO_TEST_CASE(without_recovery_the_change_of_a_dead_writer_is_never_announced) {
  require_found(make(with_bug(bug::recovery_announces_nothing, 1)), stale);
}

BOOST_AUTO_TEST_CASE(two_writers_who_mark_nothing_write_one_record) {
  require_found(make(with_bug(bug::not_marked)), torn);
}

BOOST_AUTO_TEST_CASE(a_record_that_a_living_writer_has_marked_is_not_free) {
  require_found(make(with_bug(bug::mark_of_the_living_taken_over)), torn);
}

BOOST_AUTO_TEST_CASE(a_record_that_is_whole_before_it_is_filled_is_not) {
  require_found(make(with_bug(bug::whole_before_filled)), torn);
}

BOOST_AUTO_TEST_CASE(without_a_second_look_at_the_turn_a_record_is_read_while_it_is_written) {
  require_found(make(with_bug(bug::turn_not_looked_at_again)), torn);
}

BOOST_AUTO_TEST_CASE(who_has_missed_something_and_does_not_refresh_stays_old) {
  require_found(make(with_bug(bug::missed_without_refreshing)), stale);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
