// Who is subscribed and who sleeps, in every interleaving.
#include "model/checks.hpp"
#include "model/listen_model.hpp"

using namespace model;
using listening::bug;
using listening::make_bell;
using listening::make_listeners;

namespace {

constexpr auto overslept = "somebody sleeps who has something to read";
constexpr auto unknown = "somebody listens, and nobody knows";

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(listening)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::listening::announcer());
  ::model::require_cited_code(::model::listening::sleeper());
  ::model::require_cited_code(::model::listening::guest());
}

BOOST_AUTO_TEST_CASE(nobody_sleeps_who_has_something_to_read) { require_sound(make_bell(3), every_step::is_taken); }

BOOST_AUTO_TEST_CASE(a_bell_that_is_looked_at_before_the_record_is_whole_is_not_rung) {
  require_found(make_bell(2, bug::bell_looked_at_first), overslept);
}

BOOST_AUTO_TEST_CASE(a_record_that_is_still_in_a_store_buffer_wakes_nobody) {
  require_found(make_bell(1, bug::whole_is_still_in_buffer), overslept);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_again_before_it_sleeps_oversleeps) {
  require_found(make_bell(1, bug::slept_without_second_look), overslept);
}

BOOST_AUTO_TEST_CASE(a_bell_without_turns_puts_one_to_sleep_who_was_just_woken) {
  require_found(make_bell(2, bug::bell_without_turn), overslept);
}

BOOST_AUTO_TEST_CASE(writers_know_as_long_as_somebody_listens_and_no_longer) { require_sound(make_listeners(3, 0)); }

BOOST_AUTO_TEST_CASE(writers_know_as_long_as_somebody_listens_though_some_die) {
  require_sound(make_listeners(2, 2), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(who_tells_the_writers_before_it_counts_itself_is_overlooked) {
  require_found(make_listeners(2, 0, bug::counted_after_telling), unknown);
}

BOOST_AUTO_TEST_CASE(without_turns_one_who_comes_is_taken_for_one_who_goes) {
  require_found(make_listeners(3, 0, bug::listeners_without_turn), unknown);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
