// The hazard protocol between readers and whoever reclaims, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/pin_model.hpp"

using namespace model;
using pins::bug;

namespace {

constexpr auto torn = "a pinned item changes";
constexpr unsigned enough_for_a_cell_to_be_an_array_again = 2;

pins::options with_bug(bug seeded, unsigned resizes = 0) {
  pins::options with;
  with.seeded = seeded;
  with.resizes = resizes;
  return with;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(pins)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  ::model::require_cited_code(::model::pins::reader());
  ::model::require_cited_code(::model::pins::mutator());
}

BOOST_AUTO_TEST_CASE(what_two_readers_hold_stays_while_items_are_replaced_and_cells_reused) {
  require_sound(make({.readers = 2, .cells = 3}));
}

BOOST_AUTO_TEST_CASE(what_a_reader_holds_stays_while_bucket_arrays_are_replaced_too) {
  require_sound(make({.resizes = 1}), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(full_fences_on_both_sides_do_without_membarrier) {
  require_sound(make({.cells = 4, .resizes = 1, .full_fences = true}));
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_a_pin_is_still_in_its_store_buffer) {
  require_found(make(with_bug(bug::no_heavy_fence)), torn);
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_but_with_no_store_buffers_nothing_is_wrong) {
  system sut = make(with_bug(bug::no_heavy_fence));
  sut.buffer_depth = 0;
  require_sound(sut);
}

BOOST_AUTO_TEST_CASE(a_heavy_fence_after_the_look_at_the_pins_is_too_late) {
  require_found(make(with_bug(bug::scan_before_heavy_fence)), torn);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_the_pins_frees_what_is_read) {
  require_found(make(with_bug(bug::no_scan)), torn);
}

BOOST_AUTO_TEST_CASE(who_looks_at_the_pins_before_it_unpublishes_frees_what_is_pinned_next) {
  require_found(make(with_bug(bug::freed_before_unpublished)), torn);
}

BOOST_AUTO_TEST_CASE(without_the_light_fence_the_word_is_checked_before_the_pin_is_stored) {
  require_found(make(with_bug(bug::checked_before_pin)), torn);
}

BOOST_AUTO_TEST_CASE(without_a_second_look_at_the_bucket_word_the_pin_comes_too_late) {
  require_found(make(with_bug(bug::bucket_word_not_checked)), torn);
}

BOOST_AUTO_TEST_CASE(without_a_second_look_at_the_table_word_an_item_is_taken_for_an_array) {
  require_found(make(with_bug(bug::table_word_not_checked, 1)), torn);
}

BOOST_AUTO_TEST_CASE(without_turns_in_the_table_word_an_array_is_taken_for_its_predecessor_in_the_cell) {
  require_found(make(with_bug(bug::table_word_without_turn, enough_for_a_cell_to_be_an_array_again)), torn);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
