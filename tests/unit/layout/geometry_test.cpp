// The plan of a segment, for capacities from the smallest to the largest and many in between.
#include <bit>
#include <cstdint>
#include <vector>

#include "layout/layout.hpp"
#include "support/random.hpp"
#include "support/test.hpp"

using namespace larder::layout;

namespace {

std::vector<std::uint64_t> many_capacities() {
  std::vector<std::uint64_t> all{smallest_capacity, smallest_capacity + 1, largest_capacity - 1, largest_capacity};
  for (std::uint64_t c = smallest_capacity; c < largest_capacity; c *= 2) {
    for (const std::uint64_t more : {std::uint64_t{0}, std::uint64_t{1}, c / 3, c - 1}) all.push_back(c + more);
  }
  support::random_source random(4);
  for (int i = 0; i < 2000; ++i)
    all.push_back(smallest_capacity + random.number((smallest_capacity << random.number(18)) - smallest_capacity + 1));
  return all;
}

struct area {
  std::uint64_t start;
  std::uint64_t size;
};

std::vector<area> areas_of(const geometry& g) {
  const std::uint64_t pages = g.capacity >> g.page_shift;
  return {{0, sizeof(header)},
          {tables_offset, std::uint64_t{g.stripe_count()} * 8},
          {g.slots, std::uint64_t{g.slot_count} * g.slot_size},
          {g.stripes, std::uint64_t{g.stripe_count()} * sizeof(stripe)},
          {g.classes, std::uint64_t{g.class_count} * sizeof(class_state)},
          {g.keyspaces, std::uint64_t{g.keyspace_count} * sizeof(keyspace_entry)},
          {g.changes, std::uint64_t{g.change_count} * sizeof(change_record)},
          {g.key_tails, std::uint64_t{g.key_tail_count()} * sizeof(change_record)},
          {g.entries, pages * sizeof(page_entry)},
          {g.frames, pages * frames_per_page * sizeof(atomic_stamp)},
          {g.first_buckets, std::uint64_t{g.stripe_count()} * buckets_at_first * sizeof(bucket)},
          {g.pages, std::uint64_t{g.page_count} << g.page_shift}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layout)
BOOST_AUTO_TEST_SUITE(a_geometry)

BOOST_AUTO_TEST_CASE(has_areas_that_are_aligned_disjoint_and_inside) {
  for (const std::uint64_t capacity : many_capacities()) {
    for (const std::uint32_t slots : {0U, 1U, 33U}) {
      const geometry sut = plan(capacity, slots);
      std::uint64_t end = 0;
      for (const area& a : areas_of(sut)) {
        BOOST_REQUIRE_MESSAGE(a.start >= end, "areas overlap at a capacity of " << capacity);
        BOOST_REQUIRE_MESSAGE(a.start % 64 == 0, "an area is not aligned at a capacity of " << capacity);
        end = a.start + a.size;
      }
      BOOST_REQUIRE(end <= capacity);
      BOOST_REQUIRE(sut.pages % 4096 == 0);
      BOOST_REQUIRE((sut == plan(capacity, sut.slot_count)));
    }
  }
}

BOOST_AUTO_TEST_CASE(reaches_all_of_the_segment_with_32_bits) {
  for (const std::uint64_t capacity : many_capacities()) {
    const geometry sut = plan(capacity, 0);
    BOOST_REQUIRE((capacity - 1) >> sut.unit_shift <= 0xFFFF'FFFFU);
    BOOST_REQUIRE(sut.unit_shift >= 3u);
    BOOST_REQUIRE(std::uint64_t{1} << sut.unit_shift <= sizeof(bucket));  // so that arrays can be named
    BOOST_REQUIRE(sut.frame_size() % (std::uint64_t{1} << sut.unit_shift) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(keeps_what_shared_words_can_hold) {
  for (const std::uint64_t capacity : many_capacities()) {
    const geometry sut = plan(capacity, 0);
    BOOST_REQUIRE((sut.class_count > 0 && sut.class_count <= max_classes));
    BOOST_REQUIRE((sut.slot_count >= 32 && sut.slot_count <= largest_slot_count));
    BOOST_REQUIRE(sut.stripe_shift >= 1u);
    BOOST_REQUIRE(sut.slot_size % 64 == 0u);
    BOOST_REQUIRE(sut.slot_size >= sizeof(slot) + (sut.limbo_capacity + sut.class_count) * 4);
    BOOST_REQUIRE((sut.limbo_capacity > 0 && sut.limbo_capacity <= largest_limbo));
  }
}

BOOST_AUTO_TEST_CASE(gives_a_five_hundredth_of_the_memory_to_changes_at_most) {
  for (const std::uint64_t capacity : many_capacities()) {
    const geometry sut = plan(capacity, 0);
    BOOST_REQUIRE(std::has_single_bit(sut.change_count));
    BOOST_REQUIRE((sut.change_count >= 64 && sut.change_count <= 65536));
    BOOST_REQUIRE(sut.key_tail_count() >= largest_key_tail);
    const std::uint64_t bytes = (std::uint64_t{sut.change_count} + sut.key_tail_count()) * sizeof(change_record);
    BOOST_REQUIRE((bytes * 500 <= capacity || sut.change_count == 64));
  }
}

BOOST_AUTO_TEST_CASE(gives_nearly_all_of_the_memory_to_pages) {
  for (const std::uint64_t capacity : many_capacities()) {
    const geometry sut = plan(capacity, 0);
    const std::uint64_t in_pages = std::uint64_t{sut.page_count} << sut.page_shift;
    const std::uint64_t least = capacity < (std::uint64_t{16} << 20) ? 90 : 95;
    BOOST_REQUIRE_MESSAGE(in_pages * 100 >= capacity * least, in_pages << " of " << capacity << " bytes are pages");
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
