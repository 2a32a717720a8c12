// The buckets of one stripe, with tags of the test's choice: publish, replace, spill, take out, resize.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "support/random.hpp"
#include "support/test.hpp"
#include "table/hints.hpp"
#include "table/table.hpp"
#include "unit/memory/bare_segment.hpp"

using larder::layout::bucket;
using larder::layout::bucket_word;
using larder::layout::cell_ref;
using larder::layout::no_cell;
using larder::layout::words_per_bucket;
using support::attached_actor;
namespace layout = larder::layout;
namespace mem = larder::memory;
namespace tbl = larder::table;

namespace {

constexpr std::uint32_t stripe = 5;

struct fixture : support::bare_segment {
  fixture() : bare_segment(4 * support::mebibyte) {}
  attached_actor me{segment, classes, 0};

  [[nodiscard]] tbl::bucket_array buckets() const { return {segment, tbl::table_word_of(segment, stripe)}; }

  // An item that is not in the table yet, named by the inflight hint.
  [[nodiscard]] cell_ref make(const std::string& key) {
    const layout::item_shape shape(key.size(), false, false, false, 8);
    const cell_ref cell = mem::allocate(*me, layout::item_size(shape, 8), me->slot->inflight);
    BOOST_REQUIRE(cell != no_cell);
    layout::item& item = *segment.item_at(cell);
    item.shape_bits = shape.bits();
    std::memcpy(item.at(shape.key_offset()), key.data(), key.size());
    return cell;
  }

  [[nodiscard]] bool put(std::uint32_t tag, const std::string& key) {
    const cell_ref cell = make(key);
    const tbl::stripe_lock lock(*me, stripe);
    const tbl::place at{stripe, tag};
    if (const tbl::spot old = tbl::locate(segment, at, {key}); old.item != nullptr) {
      tbl::replace(*me, at, old, cell, me->slot->inflight);
    } else if (!tbl::publish(*me, at, cell, me->slot->inflight)) {
      mem::free_cell(*me, cell);
      mem::clear_hint(me->slot->inflight);
      return false;
    }
    BOOST_REQUIRE((me->slot->inflight == no_cell));
    BOOST_REQUIRE(mem::stamp_of(segment, cell) == layout::stamp_linked);
    return true;
  }

  [[nodiscard]] bool erase(std::uint32_t tag, const std::string& key) {
    mem::reclaim(*me);
    const tbl::stripe_lock lock(*me, stripe);
    const tbl::spot found = tbl::locate(segment, {stripe, tag}, {key});
    if (found.item != nullptr) tbl::take_out(*me, {stripe, tag}, found, tbl::remember::no, larder::change_kind::erased);
    return found.item != nullptr;
  }

  // Found by a reader, too, and pinned.
  [[nodiscard]] bool has(std::uint32_t tag, const std::string& key) {
    layout::atomic_ref32& pin = me->slot->pins[0];
    const layout::item* item = tbl::find_pinned(segment, {stripe, tag}, {key}, pin);
    const tbl::spot spot = tbl::locate(segment, {stripe, tag}, {key});
    BOOST_REQUIRE(item == spot.item);
    BOOST_REQUIRE((item != nullptr ? pin == spot.cell : pin == no_cell));
    pin = no_cell;
    return item != nullptr;
  }

  [[nodiscard]] std::ptrdiff_t words_with(std::uint32_t tag) const {
    std::ptrdiff_t count = 0;
    for (std::uint32_t b = 0; b < buckets().count(); ++b) {
      count += std::ranges::count_if(buckets()[b].words,
                                     [&](const auto& word) { return word != 0 && bucket_word{word}.tag() == tag; });
    }
    return count;
  }

  // The n-th tag that has this primary bucket and, if one is asked for, this alternate one.
  static constexpr std::uint32_t any = ~0U;
  [[nodiscard]] std::uint32_t tag_of(std::uint32_t primary, std::uint32_t alternate, int n) const {
    const std::uint32_t count = buckets().count();
    std::uint32_t tag = static_cast<std::uint32_t>((std::uint64_t{primary} << 32) / count);
    for (;; ++tag) {
      if (tbl::primary_bucket(tag, count) != primary) continue;
      if ((alternate == any || tbl::alternate_bucket(tag, count) == alternate) && n-- == 0) return tag;
    }
  }

  void fill(std::uint32_t primary, std::uint32_t alternate, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t tag = tag_of(primary, alternate, static_cast<int>(i));
      BOOST_REQUIRE(put(tag, "filling " + std::to_string(tag)));
    }
  }
};

std::string key_of(std::uint32_t tag) { return "key " + std::to_string(tag); }
std::string key_of_length(std::size_t length) { return std::string(length, 'k'); }

}  // namespace

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_SUITE(bucket_index)

BOOST_AUTO_TEST_CASE(two_different_buckets_inside_every_array) {
  support::random_source random(20);
  for (const std::uint32_t count : {2U, 3U, 7U, 64U, 1000U, layout::max_buckets_per_stripe}) {
    for (int i = 0; i < 10'000; ++i) {
      const auto tag = static_cast<std::uint32_t>(random.number(std::uint64_t{1} << 32));
      const std::uint32_t primary = tbl::primary_bucket(tag, count);
      const std::uint32_t alternate = tbl::alternate_bucket(tag, count);
      BOOST_REQUIRE((primary < count && alternate < count && primary != alternate));
    }
  }
  BOOST_TEST(tbl::alternate_bucket(77, 1) == 0u);
}

BOOST_FIXTURE_TEST_CASE(no_table_word_leads_out_of_the_segment, fixture) {
  support::random_source random(22);
  const auto check = [&](layout::table_word word) {
    const tbl::bucket_array sut(segment, word);
    if (sut.usable()) BOOST_REQUIRE(segment.holds(&sut[0], std::uint64_t{sut.count()} * sizeof(bucket)));
  };
  const auto lines = static_cast<std::uint32_t>(segment.geometry().capacity / sizeof(bucket));
  for (const std::uint32_t first : {0U, 1U, lines - 2, lines - 1, lines, lines + 1, ~0U}) {
    for (const std::uint32_t count : {0U, 1U, 2U, layout::max_buckets_per_stripe})
      check(layout::table_word::make(first, count, 0));
  }
  for (int i = 0; i < 100'000; ++i) check({random.number(~std::uint64_t{0})});
  BOOST_TEST(buckets().usable());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(stripe_table, fixture)

BOOST_AUTO_TEST_CASE(what_is_published_is_found_replaced_and_taken_out) {
  BOOST_TEST(!has(1, "a"));
  BOOST_TEST(put(1, "a"));
  BOOST_TEST(put(1, "b"));  // the same tag
  BOOST_TEST((has(1, "a") && has(1, "b") && !has(1, "c") && !has(2, "a")));
  const cell_ref before = tbl::locate(segment, {stripe, 1}, {"a"}).cell;
  const std::uint64_t version = segment.item_at(before)->version();
  BOOST_TEST(put(1, "a"));
  const tbl::spot after = tbl::locate(segment, {stripe, 1}, {"a"});
  BOOST_TEST(after.cell != before);
  BOOST_TEST(after.item->version() > version);
  BOOST_TEST(mem::stamp_of(segment, before) == me->stamp());
  BOOST_TEST(words_with(1) == 2);
  BOOST_TEST(erase(1, "a"));
  BOOST_TEST(!erase(1, "a"));
  BOOST_TEST((!has(1, "a") && has(1, "b")));
  BOOST_TEST(segment.stripe(stripe).items == 1u);
}

BOOST_AUTO_TEST_CASE(two_full_buckets_refuse_and_change_nothing) {
  std::vector<std::uint32_t> tags;
  for (std::uint32_t i = 0; i < 2 * words_per_bucket; ++i) {
    tags.push_back(tag_of(0, any, static_cast<int>(i)));  // one half spills to bucket 1
    BOOST_TEST(put(tags.back(), key_of(tags.back())));
  }
  const std::uint64_t changes = segment.stripe(stripe).changes;
  BOOST_TEST(!put(tag_of(0, any, 20), "one too many"));
  BOOST_TEST(!put(tag_of(1, any, 20), "another"));
  BOOST_TEST(segment.stripe(stripe).changes == changes);
  for (const std::uint32_t tag : tags) BOOST_REQUIRE(has(tag, key_of(tag)));
  for (const std::uint32_t tag : tags) BOOST_REQUIRE(erase(tag, key_of(tag)));
  BOOST_TEST(tbl::bucket_hints(buckets()[0].hints).spilled() == 0u);
  BOOST_TEST(segment.stripe(stripe).items == 0u);
}

BOOST_AUTO_TEST_CASE(an_item_of_a_full_bucket_moves_to_its_alternate_one_for_another) {
  BOOST_REQUIRE((tbl::resize(*me, stripe, 8) == tbl::resized::done));
  fill(0, 2, words_per_bucket);  // these may move to 2
  fill(1, any, words_per_bucket);
  const std::uint32_t tag = tag_of(0, 1, 0);
  BOOST_TEST(put(tag, "between two full buckets"));
  BOOST_TEST(has(tag, "between two full buckets"));
  for (int i = 0; i < static_cast<int>(words_per_bucket); ++i) {
    BOOST_REQUIRE(has(tag_of(0, 2, i), "filling " + std::to_string(tag_of(0, 2, i))));
  }
  BOOST_TEST(tbl::bucket_hints(buckets()[0].hints).spilled() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_foreseen_is_replaced_if_it_is_still_so) {
  const std::uint32_t tag = tag_of(1, any, 0);
  const tbl::place at{stripe, tag};
  const auto replace = [&](const tbl::foresight& seen, const std::string& key) {
    const cell_ref cell = make(key);
    const tbl::stripe_lock lock(*me, stripe);
    const bool done = tbl::replace_foreseen(*me, at, seen, {key}, cell, me->slot->inflight);
    BOOST_TEST(me->slot->retiring == no_cell);
    BOOST_TEST((done ? tbl::locate(segment, at, {key}).cell == cell : me->slot->inflight == cell));
    if (!done) mem::free_cell(*me, cell);
    mem::clear_hint(me->slot->inflight);
    return done;
  };
  BOOST_TEST(!replace(tbl::foresee(segment, at), "ten bytes."));  // there is nothing yet
  BOOST_REQUIRE(put(tag, "ten bytes."));
  const tbl::foresight seen = tbl::foresee(segment, at);
  BOOST_TEST(replace(seen, "ten bytes."));
  BOOST_TEST(!replace(seen, "ten bytes."));                             // it has been replaced since
  BOOST_TEST(!replace(tbl::foresee(segment, at), "TEN BYTES."));        // another key with its tag
  BOOST_TEST(!replace(tbl::foresee(segment, at), key_of_length(500)));  // of another size class
  const tbl::foresight before = tbl::foresee(segment, at);
  BOOST_REQUIRE((tbl::resize(*me, stripe, buckets().count()) == tbl::resized::done));
  BOOST_TEST(!replace(before, "ten bytes."));  // the buckets have been replaced since
  BOOST_TEST(words_with(tag) == 1);
}

BOOST_AUTO_TEST_CASE(a_spilled_word_goes_home_when_there_is_room) {
  BOOST_REQUIRE((tbl::resize(*me, stripe, 8) == tbl::resized::done));
  fill(0, any, words_per_bucket);
  const std::uint32_t late = tag_of(0, 3, static_cast<int>(words_per_bucket));
  BOOST_REQUIRE(put(late, "came late"));
  BOOST_REQUIRE(tbl::locate(segment, {stripe, late}, {"came late"}).spilled);
  const auto bring_home = [&] {
    const tbl::stripe_lock lock(*me, stripe);
    tbl::bring_home(*me, stripe);
  };
  const layout::table_word before = tbl::table_word_of(segment, stripe);
  bring_home();
  BOOST_TEST(tbl::locate(segment, {stripe, late}, {"came late"}).spilled);  // there is no room
  BOOST_TEST(tbl::table_word_of(segment, stripe).bits == before.bits);

  const std::uint32_t first = tag_of(0, any, 0);
  BOOST_REQUIRE(erase(first, "filling " + std::to_string(first)));
  bring_home();
  BOOST_TEST(!tbl::locate(segment, {stripe, late}, {"came late"}).spilled);
  BOOST_TEST(has(late, "came late"));
  BOOST_TEST(words_with(late) == 1);
  BOOST_TEST(tbl::bucket_hints(buckets()[0].hints).spilled() == 0u);
  BOOST_TEST(tbl::table_word_of(segment, stripe).turn() == before.turn() + 1);  // who looks for it looks again
}

// As a thread leaves it that dies while it spills: the word stands in both buckets. Whoever takes its lock over ends that.
BOOST_AUTO_TEST_CASE(an_item_in_both_its_buckets_is_in_one_when_the_lock_is_taken_over) {
  BOOST_REQUIRE((tbl::resize(*me, stripe, 8) == tbl::resized::done));
  fill(0, 2, words_per_bucket);
  const std::uint32_t doubled = tag_of(0, 2, 0);
  const std::string key = "filling " + std::to_string(doubled);
  const tbl::spot at = tbl::locate(segment, {stripe, doubled}, {key});
  buckets()[0].hints = tbl::bucket_hints(buckets()[0].hints).spilled_more().bits();
  buckets()[2].words[0] = bucket_word::make(doubled, at.cell).bits;
  BOOST_TEST(has(doubled, key));

  constexpr std::uint32_t of_the_dead = 9;  // a generation that its slot has behind it
  segment.slot(of_the_dead).generation = 2;
  segment.stripe(stripe).lock = layout::lock_word::make(of_the_dead, 1).bits;
  BOOST_TEST(tbl::stripe_lock(*me, stripe).held());
  BOOST_TEST(words_with(doubled) == 1);
  BOOST_TEST(buckets()[0].words[at.word] == 0u);
  BOOST_TEST(segment.stripe(stripe).items == words_per_bucket);
  BOOST_TEST(has(doubled, key));
  BOOST_TEST(erase(doubled, key));
  BOOST_TEST(words_with(doubled) == 0);
}

BOOST_AUTO_TEST_CASE(a_larger_array_and_one_of_the_same_size_keep_every_item) {
  support::random_source random(21);
  std::map<std::uint32_t, std::string> expected;
  std::uint32_t count = buckets().count();
  for (int i = 0; i < 400; ++i) {
    const auto tag = static_cast<std::uint32_t>(random.number(std::uint64_t{1} << 32));
    while (!put(tag, key_of(tag))) {
      tbl::resized done{};
      do {  // crowded: a larger one must do
        count += count / 3 + 1;
        done = tbl::resize(*me, stripe, count);
        BOOST_REQUIRE((done == tbl::resized::done || done == tbl::resized::crowded));
      } while (done != tbl::resized::done);
      BOOST_REQUIRE(buckets().count() == count);
      BOOST_REQUIRE((tbl::resize(*me, stripe, count) == tbl::resized::done));  // moved
      BOOST_REQUIRE(segment.stripe(stripe).items == expected.size());
      mem::reclaim(*me);
    }
    expected[tag] = key_of(tag);
    for (const auto& [t, key] : expected) BOOST_REQUIRE(has(t, key));
  }
  for (const auto& [tag, key] : expected) BOOST_REQUIRE(erase(tag, key));
}

BOOST_AUTO_TEST_CASE(an_array_that_is_too_small_changes_nothing) {
  BOOST_REQUIRE((tbl::resize(*me, stripe, 20) == tbl::resized::done));
  for (std::uint32_t i = 0; i < 60; ++i) BOOST_REQUIRE(put(i * 0x0400'0000U, key_of(i)));
  const std::uint64_t word = tbl::table_word_of(segment, stripe).bits;
  BOOST_TEST((tbl::resize(*me, stripe, 3) == tbl::resized::crowded));
  BOOST_TEST(tbl::table_word_of(segment, stripe).bits == word);
  BOOST_TEST((me->slot->copy == no_cell));
  for (std::uint32_t i = 0; i < 60; ++i) BOOST_REQUIRE(has(i * 0x0400'0000U, key_of(i)));
}

BOOST_AUTO_TEST_CASE(ghosts_are_remembered_and_admit_to_main) {
  const std::uint32_t tag = 12'345;
  BOOST_REQUIRE(put(tag, "key"));
  BOOST_TEST(!tbl::heat_of(*tbl::locate(segment, {stripe, tag}, {"key"}).item).in_main());
  {
    const tbl::stripe_lock lock(*me, stripe);
    tbl::take_out(*me, {stripe, tag}, tbl::locate(segment, {stripe, tag}, {"key"}), tbl::remember::as_ghost,
                  larder::change_kind::evicted);
  }
  BOOST_REQUIRE((tbl::resize(*me, stripe, 5) == tbl::resized::done));  // ghosts move, too
  BOOST_REQUIRE(put(tag, "key"));
  BOOST_TEST(tbl::heat_of(*tbl::locate(segment, {stripe, tag}, {"key"}).item).in_main());
  BOOST_TEST(!tbl::bucket_hints(buckets().primary(tag).hints).has_ghost(tag));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
