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
namespace memory = larder::memory;
namespace table = larder::table;

namespace {

constexpr std::uint32_t stripe = 5;

struct fixture : support::bare_segment {
  fixture() : bare_segment(4 * support::mebibyte) {}
  attached_actor me{segment, classes, 0};

  [[nodiscard]] table::bucket_array buckets() const { return {segment, table::table_word_of(segment, stripe)}; }

  // An item that is not in the table yet, named by the inflight hint.
  [[nodiscard]] cell_ref make(const std::string& key) {
    const layout::item_shape shape(key.size(), false, false, false, 8);
    const cell_ref cell = memory::allocate(*me, layout::item_size(shape, 8), me->slot->inflight);
    BOOST_REQUIRE(cell != no_cell);
    layout::item& item = *segment.item_at(cell);
    item.shape_bits = shape.bits();
    std::memcpy(item.at(shape.key_offset()), key.data(), key.size());
    return cell;
  }

  [[nodiscard]] bool put(std::uint32_t tag, const std::string& key) {
    const cell_ref cell = make(key);
    const table::stripe_lock lock(*me, stripe);
    const table::place at{stripe, tag};
    if (const table::spot old = table::locate(segment, at, {key}); old.item != nullptr) {
      table::replace(*me, at, old, cell, me->slot->inflight);
    } else if (!table::publish(*me, at, cell, me->slot->inflight)) {
      memory::free_cell(*me, cell);
      memory::clear_hint(me->slot->inflight);
      return false;
    }
    BOOST_REQUIRE((me->slot->inflight == no_cell));
    BOOST_REQUIRE(memory::stamp_of(segment, cell) == layout::stamp_linked);
    return true;
  }

  [[nodiscard]] bool erase(std::uint32_t tag, const std::string& key) {
    memory::reclaim(*me);
    const table::stripe_lock lock(*me, stripe);
    const table::spot found = table::locate(segment, {stripe, tag}, {key});
    if (found.item != nullptr) table::take_out(*me, {stripe, tag}, found, table::remember::no);
    return found.item != nullptr;
  }

  // Found by a reader, too, and pinned.
  [[nodiscard]] bool has(std::uint32_t tag, const std::string& key) {
    layout::atomic_ref32& pin = me->slot->pins[0];
    const layout::item* item = table::find_pinned(segment, {stripe, tag}, {key}, pin);
    const table::spot spot = table::locate(segment, {stripe, tag}, {key});
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
      if (table::primary_bucket(tag, count) != primary) continue;
      if ((alternate == any || table::alternate_bucket(tag, count) == alternate) && n-- == 0) return tag;
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

}  // namespace

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_SUITE(bucket_index)

BOOST_AUTO_TEST_CASE(two_different_buckets_inside_every_array) {
  support::random_source random(20);
  for (const std::uint32_t count : {2U, 3U, 7U, 64U, 1000U, layout::max_buckets_per_stripe}) {
    for (int i = 0; i < 10'000; ++i) {
      const auto tag = static_cast<std::uint32_t>(random.number(std::uint64_t{1} << 32));
      const std::uint32_t primary = table::primary_bucket(tag, count);
      const std::uint32_t alternate = table::alternate_bucket(tag, count);
      BOOST_REQUIRE((primary < count && alternate < count && primary != alternate));
    }
  }
  BOOST_TEST(table::alternate_bucket(77, 1) == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_table_word_that_leads_out_of_the_segment_is_not_used, fixture) {
  const std::uint64_t units = segment.geometry().capacity >> segment.geometry().unit_shift;
  for (const layout::table_word damaged :
       {layout::table_word::make(0, 2, 0), layout::table_word::make(static_cast<std::uint32_t>(units), 1, 0),
        layout::table_word::make(static_cast<std::uint32_t>(units - 8), 2, 0), layout::table_word::make(~0U, 0xFFFF, 0),
        layout::table_word{0}}) {
    BOOST_TEST(!table::bucket_array(segment, damaged).usable());
  }
  BOOST_TEST(buckets().usable());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(stripe_table, fixture)

BOOST_AUTO_TEST_CASE(what_is_published_is_found_replaced_and_taken_out) {
  BOOST_TEST(!has(1, "a"));
  BOOST_TEST(put(1, "a"));
  BOOST_TEST(put(1, "b"));  // the same tag
  BOOST_TEST((has(1, "a") && has(1, "b") && !has(1, "c") && !has(2, "a")));
  const cell_ref before = table::locate(segment, {stripe, 1}, {"a"}).cell;
  const std::uint64_t version = segment.item_at(before)->version();
  BOOST_TEST(put(1, "a"));
  const table::spot after = table::locate(segment, {stripe, 1}, {"a"});
  BOOST_TEST(after.cell != before);
  BOOST_TEST(after.item->version() > version);
  BOOST_TEST(memory::stamp_of(segment, before) == me->stamp());
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
  BOOST_TEST(table::bucket_hints(buckets()[0].hints).spilled() == 0u);
  BOOST_TEST(segment.stripe(stripe).items == 0u);
}

BOOST_AUTO_TEST_CASE(an_item_of_a_full_bucket_moves_to_its_alternate_one_for_another) {
  BOOST_REQUIRE((table::resize(*me, stripe, 8) == table::resized::done));
  fill(0, 2, words_per_bucket);  // these may move to 2
  fill(1, any, words_per_bucket);
  const std::uint32_t tag = tag_of(0, 1, 0);
  BOOST_TEST(put(tag, "between two full buckets"));
  BOOST_TEST(has(tag, "between two full buckets"));
  for (int i = 0; i < static_cast<int>(words_per_bucket); ++i) {
    BOOST_REQUIRE(has(tag_of(0, 2, i), "filling " + std::to_string(tag_of(0, 2, i))));
  }
  BOOST_TEST(table::bucket_hints(buckets()[0].hints).spilled() == 1u);
}

// As a thread leaves it that dies while it spills: the word stands in both buckets.
BOOST_AUTO_TEST_CASE(an_item_in_both_its_buckets_is_one_item) {
  BOOST_REQUIRE((table::resize(*me, stripe, 8) == table::resized::done));
  fill(0, 2, words_per_bucket);
  const std::uint32_t doubled = tag_of(0, 2, 0);
  const std::string key = "filling " + std::to_string(doubled);
  const table::spot at = table::locate(segment, {stripe, doubled}, {key});
  buckets()[0].hints = table::bucket_hints(buckets()[0].hints).spilled_more().bits();
  buckets()[2].words[0] = bucket_word::make(doubled, at.cell).bits;

  fill(1, any, words_per_bucket);
  const std::uint32_t tag = tag_of(0, 1, 0);
  BOOST_TEST(put(tag, "what makes others spill"));
  BOOST_TEST(has(doubled, key));
  BOOST_TEST(words_with(doubled) <= 2);
  BOOST_TEST(put(doubled, key));
  BOOST_TEST(words_with(doubled) == 1);
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
      count += count / 3 + 1;
      BOOST_REQUIRE((table::resize(*me, stripe, count) == table::resized::done));
      BOOST_REQUIRE(buckets().count() == count);
      BOOST_REQUIRE((table::resize(*me, stripe, count) == table::resized::done));  // moved
      BOOST_REQUIRE(segment.stripe(stripe).items == expected.size());
      memory::reclaim(*me);
    }
    expected[tag] = key_of(tag);
    for (const auto& [t, key] : expected) BOOST_REQUIRE(has(t, key));
  }
  for (const auto& [tag, key] : expected) BOOST_REQUIRE(erase(tag, key));
}

BOOST_AUTO_TEST_CASE(an_array_that_is_too_small_changes_nothing) {
  BOOST_REQUIRE((table::resize(*me, stripe, 20) == table::resized::done));
  for (std::uint32_t i = 0; i < 60; ++i) BOOST_REQUIRE(put(i * 0x0400'0000U, key_of(i)));
  const std::uint64_t word = table::table_word_of(segment, stripe).bits;
  BOOST_TEST((table::resize(*me, stripe, 3) == table::resized::crowded));
  BOOST_TEST(table::table_word_of(segment, stripe).bits == word);
  BOOST_TEST((me->slot->copy == no_cell));
  for (std::uint32_t i = 0; i < 60; ++i) BOOST_REQUIRE(has(i * 0x0400'0000U, key_of(i)));
}

BOOST_AUTO_TEST_CASE(ghosts_are_remembered_and_admit_to_main) {
  const std::uint32_t tag = 12'345;
  BOOST_REQUIRE(put(tag, "key"));
  BOOST_TEST(!table::heat_of(*table::locate(segment, {stripe, tag}, {"key"}).item).in_main());
  {
    const table::stripe_lock lock(*me, stripe);
    table::take_out(*me, {stripe, tag}, table::locate(segment, {stripe, tag}, {"key"}), table::remember::as_ghost);
  }
  BOOST_REQUIRE((table::resize(*me, stripe, 5) == table::resized::done));  // ghosts move, too
  BOOST_REQUIRE(put(tag, "key"));
  BOOST_TEST(table::heat_of(*table::locate(segment, {stripe, tag}, {"key"}).item).in_main());
  BOOST_TEST(!table::bucket_hints(buckets().primary(tag).hints).has_ghost(tag));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
