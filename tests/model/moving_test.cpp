// A word that moves between its two buckets is never missed, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/moving_model.hpp"

using namespace model;
using moving::bug;

namespace {

constexpr auto missed = "a word that is there is missed";

moving::options with_bug(bug seeded, unsigned deaths = 0) { return {.deaths = deaths, .seeded = seeded}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(moving)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::moving::reader());
  ::model::require_cited_code(::model::moving::mover());
}

BOOST_AUTO_TEST_CASE(a_word_that_spills_and_goes_home_is_never_missed) {
  require_sound(make({.turns = 3}), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(it_is_not_missed_either_if_its_movers_die) { require_sound(make({.turns = 3, .deaths = 2})); }

BOOST_AUTO_TEST_CASE(a_word_that_spills_unannounced_is_not_looked_for) {
  require_found(make(with_bug(bug::spilled_unannounced)), missed);
}

BOOST_AUTO_TEST_CASE(a_word_that_leaves_before_it_arrives_is_missed) {
  require_found(make(with_bug(bug::spilled_through_nothing)), missed);
}

BOOST_AUTO_TEST_CASE(without_another_turn_a_reader_is_too_early_for_the_one_bucket_and_too_late_for_the_other) {
  require_found(make(with_bug(bug::homed_without_turn)), missed);
}

BOOST_AUTO_TEST_CASE(a_turn_that_comes_after_the_word_has_left_is_too_late) {
  require_found(make(with_bug(bug::turned_after_leaving)), missed);
}

BOOST_AUTO_TEST_CASE(a_count_that_falls_before_the_turn_ends_the_search) {
  require_found(make(with_bug(bug::uncounted_before_turn)), missed);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
