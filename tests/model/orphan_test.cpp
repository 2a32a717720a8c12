// Cells that are freed by the thousand behind one heavy fence, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/orphan_model.hpp"

using namespace model;
using orphan::bug;

namespace {

constexpr auto torn = "a pinned item changes";

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(orphan)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  require_cited_code(::model::orphan::reader());
  require_cited_code(::model::orphan::sweeper());
  require_cited_code(::model::orphan::writer());
}

BOOST_AUTO_TEST_CASE(what_a_reader_holds_stays_while_a_sweeper_frees_what_it_left_and_others_adopt) {
  require_sound(::model::orphan::make(), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(if_orphans_did_not_tell_who_left_them_one_that_was_used_again_would_be_freed) {
  require_found(::model::orphan::make(bug::orphans_are_alike), torn);
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_a_pin_is_still_in_its_store_buffer) {
  require_found(::model::orphan::make(bug::no_heavy_fence), torn);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_the_pins_frees_what_is_read) {
  require_found(::model::orphan::make(bug::no_scan), torn);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
