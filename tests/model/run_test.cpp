// A run of frames over the border of a page that is cut anew, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/run_model.hpp"

using namespace model;
using runs::bug;

namespace {

constexpr auto overwritten = "somebody writes into a page that was cut anew";

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(runs)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::runs::claimant());
  ::model::require_cited_code(::model::runs::drainer());
}

BOOST_AUTO_TEST_CASE(a_page_is_cut_anew_only_when_no_run_reaches_into_it_or_will) {
  require_sound(::model::runs::make(), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_a_hint_is_still_in_its_store_buffer) {
  require_found(::model::runs::make(bug::no_heavy_fence), overwritten);
}

BOOST_AUTO_TEST_CASE(a_hint_of_the_page_before_is_not_seen_without_its_borders) {
  require_found(::model::runs::make(bug::borders_not_looked_at), overwritten);
}

BOOST_AUTO_TEST_CASE(who_says_how_far_it_reaches_after_its_look_at_the_page_says_it_too_late) {
  require_found(::model::runs::make(bug::borders_said_after_the_page_word), overwritten);
}

BOOST_AUTO_TEST_CASE(who_takes_that_back_before_all_is_claimed_claims_in_another_class) {
  require_found(::model::runs::make(bug::borders_taken_back_before_the_claims), overwritten);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_the_second_page_claims_in_another_class) {
  require_found(::model::runs::make(bug::second_page_not_looked_at), overwritten);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
