// The stripe lock, its takeover and recovery, with deaths before any step of anybody.
#include "model/checks.hpp"
#include "model/recovery_model.hpp"

using namespace model;
using recovery::bug;

namespace {

recovery::options with_bug(bug seeded, std::uint8_t deaths = 1) {
  recovery::options with;
  with.seeded = seeded;
  with.deaths = deaths;
  return with;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model)
BOOST_AUTO_TEST_SUITE(recovery)

BOOST_AUTO_TEST_CASE(its_steps_cite_code_that_is_there) { require_cited_code(::model::recovery::any_thread()); }

BOOST_AUTO_TEST_CASE(two_writers_and_a_third_survive_two_deaths_anywhere) {
  require_sound(make({.writes = {1, 1, 0}, .deaths = 2}));
}

BOOST_AUTO_TEST_CASE(a_slot_that_changes_hands_by_detaching_and_by_death_is_never_mistaken) {
  require_sound(make({.writes = {1, 1, 0}, .detaches = {1, 0, 0}, .deaths = 1}), every_step::is_taken);
}

BOOST_AUTO_TEST_CASE(store_buffers_change_nothing_for_a_writer_and_its_recoverer) {
  require_sound(make({.writes = {2, 1, 0}, .threads = 2, .deaths = 1, .buffer_depth = most_buffered}));
}

BOOST_AUTO_TEST_CASE(a_hint_after_the_claim_loses_a_cell) {
  require_found(make(with_bug(bug::hint_after_claim)), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(a_hint_that_is_cleared_before_the_stamp_loses_a_cell) {
  require_found(make(with_bug(bug::hint_cleared_before_stamp)), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(a_cell_that_is_taken_out_without_a_hint_is_lost) {
  require_found(make(with_bug(bug::taken_out_without_hint)), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(a_hint_that_is_cleared_before_the_cell_is_in_limbo_loses_it) {
  require_found(make(with_bug(bug::hint_cleared_before_limbo)), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_taken_from_the_living_is_held_twice) {
  require_found(make(with_bug(bug::lock_taken_from_the_living, 0)), "two threads have the lock");
}

BOOST_AUTO_TEST_CASE(a_generation_that_does_not_grow_lets_a_slots_next_owner_be_recovered_alive) {
  recovery::options with = with_bug(bug::generation_not_grown);
  with.writes = {2, 1, 0};
  require_found(make(with), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(without_generations_the_lock_of_a_slots_next_owner_is_taken_for_that_of_the_dead) {
  recovery::options with = with_bug(bug::lock_word_without_generation);
  with.writes = {2, 1, 0};
  require_found(make(with), "two threads have the lock");
}

BOOST_AUTO_TEST_CASE(a_recoverer_without_generation_is_taken_for_its_slots_next_owner) {
  require_found(make(with_bug(bug::recoverer_without_generation, 2)), "a slot that nobody takes back");
}

BOOST_AUTO_TEST_CASE(a_recoverer_that_clears_hints_first_loses_a_cell) {
  require_found(make(with_bug(bug::recovery_clears_hint_first, 2)), "no hint names a cell");
}

BOOST_AUTO_TEST_CASE(a_recoverer_that_forgets_the_lock_leaves_it) {
  require_found(make(with_bug(bug::recovery_forgets_lock)), "a lock is left");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
