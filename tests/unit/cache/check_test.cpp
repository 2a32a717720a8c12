// check(): each invariant that can be seen from outside is broken by one store, and check() names it; put right again, the
// segment is sound.
#include <atomic>
#include <string>
#include <utility>

#include "cache/cache_impl.hpp"
#include "support/test.hpp"

namespace layout = larder::layout;
namespace memory = larder::memory;

namespace {

// A segment with an item that expires, some that do not, and a thread that is attached: this one.
class sound_segment {
 public:
  sound_segment() {
    cache_->put("passing", "value", {.ttl = std::chrono::hours(1)});
    const larder::table::spot passing = larder::table::locate(segment(), place_of("passing"), {"passing"});
    BOOST_REQUIRE(passing.item != nullptr);
    word_ = &passing.bucket->words[passing.word];
    cell_ = passing.cell;
    for (int i = 0; i < 100; ++i) cache_->put("lasting" + std::to_string(i), std::string(100, 'v'));
    BOOST_REQUIRE(found() == "");
  }

  [[nodiscard]] static memory::actor& me() { return larder::detail::this_thread->me; }
  [[nodiscard]] static const larder::segment& segment() { return *me().memory; }
  [[nodiscard]] layout::slot& free_slot() const { return segment().slot(segment().geometry().slot_count - 1); }
  // That of the item, and where it lies.
  [[nodiscard]] std::atomic<std::uint64_t>& word() const { return *word_; }
  [[nodiscard]] layout::atomic_stamp& stamp() const { return memory::stamp_of(segment(), cell_); }
  [[nodiscard]] std::uint32_t page() const { return segment().page_of(cell_); }
  [[nodiscard]] std::uint32_t stripe() const { return place_of("passing").stripe; }

  [[nodiscard]] larder::cache& cache() noexcept { return *cache_; }

  // What check() finds.
  [[nodiscard]] std::string found() { return support::violations(*cache_); }

 private:
  [[nodiscard]] static larder::table::place place_of(std::string_view key) {
    return larder::table::place_of(segment(), {key});
  }

  support::temp_cache cache_;
  std::atomic<std::uint64_t>* word_ = nullptr;
  layout::cell_ref cell_ = layout::no_cell;
};

// Stores `damage`, expects that check() finds a violation of the invariant and of no other, and puts right what was there.
template <class Word, class Value>
void breaks(sound_segment& sut, Word& word, Value damage, const std::string& invariant) {
  const auto sound = word.exchange(static_cast<decltype(word.load())>(damage));
  const std::string found = sut.found();
  BOOST_TEST(found.starts_with(invariant + ": "), "found: " << found);
  word.store(sound);
  BOOST_TEST(sut.found() == "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(a_word_that_names_no_cell_breaks_I1) {
  sound_segment sut;
  const layout::bucket_word seen{sut.word().load()};
  breaks(sut, sut.word(), layout::bucket_word::make(seen.tag(), seen.cell() + 1).bits, "I1");
}

BOOST_AUTO_TEST_CASE(a_word_whose_tag_is_not_that_of_its_key_breaks_I1) {
  sound_segment sut;
  const layout::bucket_word seen{sut.word().load()};
  breaks(sut, sut.word(), layout::bucket_word::make(seen.tag() + (1U << 20), seen.cell()).bits, "I1");
}

BOOST_AUTO_TEST_CASE(a_stamp_that_means_nothing_breaks_I2) {
  sound_segment sut;
  breaks(sut, sut.stamp(), 9, "I2");
}

BOOST_AUTO_TEST_CASE(a_tail_of_no_run_breaks_I2) {
  sound_segment sut;
  const larder::segment& segment = sut.segment();
  BOOST_REQUIRE(ok(sut.cache().put("large", std::string(segment.geometry().page_size() / 2, 'l'))));
  std::uint32_t page = 0;
  while (!memory::is_of_class(segment, page, layout::large_class)) ++page;
  breaks(sut, segment.frame((page + 1) * layout::frames_per_page - 1), layout::stamp_tail, "I2");
}

BOOST_AUTO_TEST_CASE(a_page_of_no_state_breaks_I2) {
  sound_segment sut;
  breaks(sut, sut.segment().entry(sut.segment().geometry().page_count - 1).word, 0xFF, "I2");
}

BOOST_AUTO_TEST_CASE(a_cell_of_a_thread_that_does_not_name_it_breaks_I3) {
  sound_segment sut;
  breaks(sut, sut.stamp(), layout::stamp_owned(sut.me().slot_index), "I3");
}

BOOST_AUTO_TEST_CASE(an_item_that_no_word_names_breaks_I4) {
  sound_segment sut;
  breaks(sut, sut.word(), 0, "I4");
}

BOOST_AUTO_TEST_CASE(a_word_that_names_a_free_cell_breaks_I4) {
  sound_segment sut;
  const std::string found = [&] {
    const std::uint16_t sound = sut.stamp().exchange(layout::stamp_free);
    std::string all = sut.found();
    sut.stamp().store(sound);
    return all;
  }();
  BOOST_TEST(found.find("I4: ") != std::string::npos, "found: " << found);
}

BOOST_AUTO_TEST_CASE(a_free_cell_without_its_bit_breaks_I5) {
  sound_segment sut;
  breaks(sut, *memory::free_bits(sut.segment(), sut.page()), 0, "I5");
}

BOOST_AUTO_TEST_CASE(a_lock_of_nobody_breaks_I10) {
  sound_segment sut;
  breaks(sut, sut.segment().stripe(5).lock, layout::lock_word::make(20, 1).bits, "I10");
}

BOOST_AUTO_TEST_CASE(a_lock_whose_holder_does_not_say_so_breaks_I10) {
  sound_segment sut;
  const std::uint32_t slot = sut.me().slot_index;
  const auto mine = layout::lock_word::make(slot, sut.segment().slot(slot).generation.load());
  breaks(sut, sut.segment().stripe(5).lock, mine.bits, "I10");
}

BOOST_AUTO_TEST_CASE(a_slot_in_no_state_breaks_I12) {
  sound_segment sut;
  breaks(sut, sut.free_slot().state, 0x33, "I12");
}

BOOST_AUTO_TEST_CASE(a_free_slot_that_holds_anything_breaks_I12) {
  sound_segment sut;
  layout::slot& slot = sut.free_slot();
  for (layout::atomic_ref32* word : {&slot.pins[7], &slot.inflight, &slot.reserved[2], &slot.limbo()[1]})
    breaks(sut, *word, 1, "I12");
  for (std::atomic<std::uint32_t>* word : {&slot.page, &slot.waits_for, &slot.invalidating, &slot.subscriptions})
    breaks(sut, *word, 1, "I12");
}

BOOST_AUTO_TEST_CASE(an_item_that_expires_before_its_bound_breaks_I16) {
  sound_segment sut;
  breaks(sut, sut.segment().entry(sut.page()).expiry, layout::expiry_bound::at(layout::expiry_bound::last_tick).bits,
         "I16");
}

BOOST_AUTO_TEST_CASE(a_fence_that_ended_before_it_began_breaks_I18) {
  sound_segment sut;
  layout::header& header = sut.segment().header();
  breaks(sut, header.fences_ended, header.fences_begun + 1, "I18");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
