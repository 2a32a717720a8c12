// A page that is cut anew beside allocators and readers, in every interleaving and with store buffers.
#include "model/checks.hpp"
#include "model/page_model.hpp"

using namespace model;
using page::bug;

namespace {

constexpr auto torn = "a pinned item changes";
constexpr auto overwritten = "somebody writes into a page that was cut anew";

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(page)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) {
  require_cited_code(::model::page::allocator());
  require_cited_code(::model::page::reader());
  require_cited_code(::model::page::drainer());
}

BOOST_AUTO_TEST_CASE(a_page_is_cut_anew_only_when_nobody_else_writes_or_reads_in_it) {
  require_sound(::model::page::make(), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(without_the_heavy_fence_a_hint_is_still_in_its_store_buffer) {
  require_found(::model::page::make(bug::no_heavy_fence), overwritten);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_pins_and_hints_cuts_a_page_that_others_are_in) {
  require_found(::model::page::make(bug::names_not_looked_at), overwritten);
}

BOOST_AUTO_TEST_CASE(who_looks_at_the_page_before_it_names_the_cell_writes_into_another_class) {
  require_found(::model::page::make(bug::hinted_after_page_word), overwritten);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_the_page_takes_data_for_a_free_cell) {
  require_found(::model::page::make(bug::page_word_not_checked_by_allocator), overwritten);
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_look_at_the_page_takes_data_for_a_linked_item) {
  require_found(::model::page::make(bug::page_word_not_checked_by_reader), torn);
}

BOOST_AUTO_TEST_CASE(a_reader_that_looks_at_a_draining_page_only_before_the_stamp_takes_data_for_a_linked_item) {
  require_found(::model::page::make(bug::page_word_looked_at_once_by_reader), torn);
}

BOOST_AUTO_TEST_CASE(who_adopts_an_orphan_of_a_page_that_another_drains_writes_into_another_class) {
  require_found(::model::page::make(bug::orphan_of_another_drain_adopted), overwritten);
}

BOOST_AUTO_TEST_CASE(who_reclaims_without_a_look_at_the_pins_frees_what_is_read) {
  require_found(::model::page::make(bug::reclaimed_without_scan), torn);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
