// The packed words: every field comes out as it went in, at its borders, and leaves the others alone.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/layout.hpp"
#include "support/test.hpp"

using namespace larder::layout;

BOOST_AUTO_TEST_SUITE(layout)
BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(an_item_shape_keeps_all_its_fields) {
  for (const std::size_t key : {1U, 2U, 7U, 8U, 255U, 1023U, 1024U}) {
    for (const std::size_t value : {0U, 1U, 0xFFFEU, 0xFFFFU, 0x10000U, 0x7FFF'FFFFU}) {
      for (unsigned options = 0; options < 8; ++options) {
        const bool expiry = options & 1U, flags = options & 2U, keyspace = options & 4U;
        const item_shape sut = item_shape(key, expiry, flags, keyspace, value);
        BOOST_REQUIRE(sut.key_size() == key);
        BOOST_REQUIRE(sut.has_expiry() == expiry);
        BOOST_REQUIRE(sut.has_flags() == flags);
        BOOST_REQUIRE(sut.in_keyspace() == keyspace);
        BOOST_REQUIRE(sut.is_large() == (value > 0xFFFF));
        BOOST_REQUIRE((sut.is_large() || sut.small_value_size() == value));
      }
    }
  }
}

// The item lies at 4 modulo 8: what follows the header must not overlap, and the value must begin at 8.
BOOST_AUTO_TEST_CASE(the_parts_of_an_item_stand_one_behind_the_other_and_the_value_is_aligned) {
  for (std::size_t key = 1; key <= 1024; ++key) {
    for (unsigned options = 0; options < 8; ++options) {
      const bool expiry = options & 1U, flags = options & 2U, large = options & 4U;
      const item_shape sut(key, expiry, flags, false, large ? 100'000 : 10);
      BOOST_REQUIRE(sut.large_size_offset() == sizeof(item) + (expiry ? 8U : 0U));
      BOOST_REQUIRE(sut.flags_offset() == sut.large_size_offset() + (large ? 8U : 0U));
      BOOST_REQUIRE(sut.key_offset() == sut.flags_offset() + (flags ? 4U : 0U));
      BOOST_REQUIRE((sut.value_offset() >= sut.key_offset() + key && sut.value_offset() < sut.key_offset() + key + 8));
      BOOST_REQUIRE((cell_shift + sut.value_offset()) % 8 == 0u);
      BOOST_REQUIRE((cell_shift + sut.large_size_offset()) % 8 == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(same_key_form_is_about_the_key_alone) {
  const item_shape sut(20, false, false, false, 100);
  BOOST_TEST(sut.same_key_form(item_shape(20, true, true, false, 70'000)));
  BOOST_TEST(!sut.same_key_form(item_shape(21, false, false, false, 100)));
  BOOST_TEST(!sut.same_key_form(item_shape(20, false, false, true, 100)));
}

BOOST_AUTO_TEST_CASE(a_version_has_40_bits_and_leaves_the_shape_alone) {
  alignas(8) std::byte memory[64]{};
  item& sut = *reinterpret_cast<item*>(memory + cell_shift);
  const std::uint32_t shape = item_shape(30, true, false, true, 500).bits();
  sut.shape_bits = shape;
  for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xFFFF'FFFF},
                                      std::uint64_t{1} << 32, std::uint64_t{1} << 39, version_mask}) {
    sut.set_version(version);
    BOOST_TEST(sut.version() == version);
    BOOST_TEST(sut.shape_bits == shape);
  }
  sut.set_version(version_mask + 3);
  BOOST_TEST(sut.version() == 2u);
}

BOOST_AUTO_TEST_CASE(a_bucket_word_holds_a_whole_tag_and_a_whole_reference) {
  const auto sut = bucket_word::make(0xFFFF'FFFE, 0xFFFF'FFFD);
  BOOST_TEST(sut.tag() == 0xFFFF'FFFEu);
  BOOST_TEST(sut.cell() == 0xFFFF'FFFDu);
  BOOST_TEST(!sut.empty());
  BOOST_TEST(bucket_word{}.empty());
  BOOST_TEST(bucket_word::make(7, no_cell).empty());
}

BOOST_AUTO_TEST_CASE(a_table_word_wraps_its_turn_and_nothing_else) {
  const auto sut = table_word::make(0xFFFF'FFFF, max_buckets_per_stripe, 0x1'0002);
  BOOST_TEST(sut.first() == 0xFFFF'FFFFu);
  BOOST_TEST(sut.count() == max_buckets_per_stripe);
  BOOST_TEST(sut.turn() == 2u);
  BOOST_TEST(table_word::make(1, 2, 3).bits != table_word::make(1, 2, 4).bits);
}

BOOST_AUTO_TEST_CASE(a_lock_word_names_its_owner) {
  for (const std::uint32_t slot : {0U, 1U, largest_slot_count - 1}) {
    const auto sut = lock_word::make(slot, 0x1'FFFF);
    BOOST_TEST(!sut.unlocked());
    BOOST_TEST(sut.slot() == slot);
    BOOST_TEST(sut.generation() == 0xFFFFu);
  }
  BOOST_TEST(lock_word{}.unlocked());
}

BOOST_AUTO_TEST_CASE(a_page_word_keeps_state_owner_and_class) {
  for (const page_state state :
       {page_state::free, page_state::owned, page_state::cells, page_state::large, page_state::draining}) {
    const auto sut = page_word::make(state, largest_slot_count - 1, max_classes - 1);
    BOOST_TEST((sut.state() == state));
    BOOST_TEST(sut.owner() == largest_slot_count - 1);
    BOOST_TEST(sut.size_class() == max_classes - 1);
  }
  BOOST_TEST(page_word::make(page_state::free).bits == 0u);
}

BOOST_AUTO_TEST_CASE(a_slot_word_tells_recoverers_of_one_slot_apart) {
  const auto sut = slot_word::make(slot_state::recovering, 300, 0xFFFF'FFFF);
  BOOST_TEST((sut.state() == slot_state::recovering));
  BOOST_TEST(sut.recoverer() == 300u);
  BOOST_TEST(sut.recoverer_generation() == 0xFFFF'FFFFu);
  BOOST_TEST(slot_word::make(slot_state::active, 0, 4).bits != slot_word::make(slot_state::active, 0, 5).bits);
  BOOST_TEST(slot_word::make(slot_state::free).bits == 0u);
}

BOOST_AUTO_TEST_CASE(every_slot_has_a_stamp_of_its_own_which_is_no_other_stamp) {
  for (std::uint32_t slot = 0; slot < largest_slot_count; ++slot) {
    const std::uint16_t sut = stamp_owned(slot);
    BOOST_REQUIRE(is_owned(sut));
    BOOST_REQUIRE(owner_of(sut) == slot);
    BOOST_REQUIRE(!is_orphan(sut));
    BOOST_REQUIRE(is_orphan(stamp_orphan(slot)));
    BOOST_REQUIRE(!is_owned(stamp_orphan(slot)));
    BOOST_REQUIRE(stamp_orphan(slot) != stamp_orphan(slot + 1));
  }
  for (const std::uint16_t other : {stamp_free, stamp_linked, stamp_table, stamp_tail}) {
    BOOST_TEST(!is_owned(other));
    BOOST_TEST(!is_orphan(other));
  }
}

BOOST_AUTO_TEST_CASE(a_keyspace_prefix_is_never_that_of_another_keyspace) {
  const std::uint64_t generations = std::uint64_t{1} << 40;
  BOOST_TEST(keyspace_index(keyspace_prefix(4095, generations - 1)) == 4095u);
  BOOST_TEST(keyspace_prefix(1, 0) != keyspace_prefix(0, generations));
  BOOST_TEST(keyspace_prefix(1, 1) != keyspace_prefix(1, 2));
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
