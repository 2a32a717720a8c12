// Heavy fences that one thread makes and another takes for its own, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/fence_model.hpp"

using namespace model;
using fences::bug;

namespace {

constexpr auto torn = "a pinned item changes";

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(fences)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::fences::reader());
  ::model::require_cited_code(::model::fences::sharer());
  ::model::require_cited_code(::model::fences::fencer());
}

BOOST_AUTO_TEST_CASE(what_a_reader_holds_stays_while_cells_are_reused_behind_the_fences_of_another_thread) {
  require_sound(make(), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(a_mark_that_overtakes_what_was_unpublished_takes_an_earlier_fence_for_a_later_one) {
  require_found(make(bug::mark_without_full_fence), torn);
}

BOOST_AUTO_TEST_CASE(a_fence_that_has_begun_is_not_one_that_has_ended) {
  require_found(make(bug::begun_is_enough), torn);
}

BOOST_AUTO_TEST_CASE(a_fence_that_began_before_the_mark_may_have_passed_the_reader_before_it_pinned) {
  require_found(make(bug::fence_from_before_the_mark), torn);
}

BOOST_AUTO_TEST_CASE(who_says_too_early_that_it_has_fenced_misleads_the_others) {
  require_found(make(bug::ended_before_it_has), torn);
}

BOOST_AUTO_TEST_CASE(what_was_retired_after_the_mark_has_to_wait_for_another_fence) {
  require_found(make(bug::takes_back_what_is_not_marked), torn);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
