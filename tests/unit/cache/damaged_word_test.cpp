// P6: a word of the table that is damaged while the segment is in use leads a reader to a miss, and never astray.
#include <array>
#include <atomic>
#include <string>

#include "cache/cache_impl.hpp"
#include "support/test.hpp"

namespace layout = larder::layout;

namespace {

// True if no call that reads finds the key.
bool is_missed(larder::cache& cache, const std::string& key) {
  std::string copy;
  const std::array<std::string_view, 1> keys{key};
  std::array<larder::read_handle, 1> handles;
  return !cache.get(key) && !cache.get_copy(key, copy) && !cache.contains(key) && cache.multi_get(keys, handles) == 0;
}

// The only item of a cache, and the words that lead to it.
class only_item {
 public:
  explicit only_item(std::string key, const larder::put_options& options = {})
      : key_(std::move(key)), cache_(support::small(20 * support::mebibyte)) {
    BOOST_REQUIRE(ok(cache_->put(key_, "value", options)));
    const larder::table::place at = larder::table::place_of(segment(), larder::table::hash_of(segment(), key_));
    table_word_ = &segment().table(at.stripe);
    const larder::table::spot found = larder::table::locate(segment(), at, {key_});
    BOOST_REQUIRE(found.item != nullptr);
    word_ = &found.bucket->words[found.word];
  }

  [[nodiscard]] static const larder::segment& segment() { return *larder::detail::this_thread->me.memory; }
  [[nodiscard]] std::atomic<std::uint64_t>& word() const { return *word_; }
  [[nodiscard]] std::atomic<std::uint64_t>& table_word() const { return *table_word_; }

  // Expects a miss with the damage, and a hit without it.
  void expect_missed_with(std::atomic<std::uint64_t>& word, std::uint64_t damage) {
    const std::uint64_t sound = word.exchange(damage);
    BOOST_TEST(is_missed(*cache_, key_), "key of " << key_.size() << " bytes, word " << std::hex << damage);
    word.store(sound);
    BOOST_TEST(cache_->get(key_).view() == "value");
  }

 private:
  std::string key_;
  support::temp_cache cache_;
  std::atomic<std::uint64_t>* word_ = nullptr;
  std::atomic<std::uint64_t>* table_word_ = nullptr;
};

// One zero byte is what an item of zeroes would have as its key; 16 to 48 bytes are usual.
const std::array keys{std::string(1, '\0'), std::string("key"), std::string(16, '\0'), std::string(48, 'k'),
                      std::string(500, 'k')};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(damaged_word)

BOOST_AUTO_TEST_CASE(a_bucket_word_that_leads_to_no_item_is_a_miss) {
  const larder::put_options plain;
  const larder::put_options with_fields{.ttl = std::chrono::hours(1), .flags = 7};
  for (const std::string& key : keys) {
    for (const larder::put_options& options : {plain, with_fields}) {
      only_item sut(key, options);
      const larder::reading_map& map = only_item::segment().map();
      const layout::bucket_word sound{sut.word().load()};
      for (const layout::cell_ref cell :
           {layout::cell_ref{0}, layout::cell_ref{1}, map.first_cell - 1, sound.cell() + 1, map.end_of_cells - 1,
            map.end_of_cells, map.cell_mask, ~layout::cell_ref{0}}) {
        if (key.size() == 1 && cell == map.end_of_cells - 1) continue;  // memory that was never used is such an item
        sut.expect_missed_with(sut.word(), layout::bucket_word::make(sound.tag(), cell).bits);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_table_word_that_leads_to_no_buckets_is_a_miss) {
  for (const std::string& key : keys) {
    only_item sut(key);
    const layout::table_word sound{sut.table_word().load()};
    const auto end = static_cast<std::uint32_t>(only_item::segment().geometry().capacity / sizeof(layout::bucket));
    for (const std::uint32_t first : {0U, 1U, end - 1, end, ~0U}) {
      for (const std::uint32_t count : {0U, 1U, layout::max_buckets_per_stripe}) {
        sut.expect_missed_with(sut.table_word(), layout::table_word::make(first, count, sound.turn()).bits);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
