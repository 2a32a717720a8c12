// P6: a word of the table that is damaged while the segment is in use leads a reader to a miss, and never astray.
#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cache/cache_impl.hpp"
#include "support/test.hpp"

namespace layout = larder::layout;

namespace {

// True if no call that reads finds the key.
template <class Space>
bool is_missed(Space& space, const std::string& key) {
  std::string copy;
  const std::array<std::string_view, 1> keys{key};
  std::array<larder::read_handle, 1> handles;
  return !space.get(key) && !space.get_copy(key, copy) && !space.contains(key) && space.multi_get(keys, handles) == 0;
}

// The only item of a cache, and the words that lead to it. Space: where its key is one, the cache itself or a keyspace.
template <class Space>
class only_item {
 public:
  explicit only_item(std::string key, const larder::put_options& options = {}, std::string value = "value")
      : key_(std::move(key)), value_(std::move(value)), cache_(support::small(20 * support::mebibyte)) {
    BOOST_REQUIRE(ok(space().put(key_, value_, options)));
    for (std::uint32_t stripe = 0; stripe < segment().geometry().stripe_count(); ++stripe) {
      const larder::table::bucket_array buckets(segment(), larder::table::table_word_of(segment(), stripe));
      larder::table::for_each_word(buckets, [&](layout::bucket&, std::atomic<std::uint64_t>& word) {
        if (layout::bucket_word{word.load()}.empty()) return;
        table_word_ = &segment().table(stripe);
        word_ = &word;
      });
    }
    BOOST_REQUIRE(word_ != nullptr);
  }

  [[nodiscard]] static const larder::segment& segment() { return *larder::detail::this_thread->me.memory; }
  [[nodiscard]] std::atomic<std::uint64_t>& word() const { return *word_; }
  [[nodiscard]] std::atomic<std::uint64_t>& table_word() const { return *table_word_; }
  [[nodiscard]] layout::item& item() const { return *segment().item_at(layout::bucket_word{word_->load()}.cell()); }
  [[nodiscard]] std::atomic<std::uint64_t>& large_size() const {
    return reinterpret_cast<std::atomic<std::uint64_t>&>(item().large_size());
  }

  // Expects a miss with the damage, and a hit without it.
  void expect_missed_with(std::atomic<std::uint64_t>& word, std::uint64_t damage) {
    const std::uint64_t sound = word.exchange(damage);
    BOOST_TEST(is_missed(space(), key_), "key of " << key_.size() << " bytes, word " << std::hex << damage);
    word.store(sound);
    BOOST_TEST((space().get(key_).view() == value_));
  }

 private:
  [[nodiscard]] Space& space() {
    if constexpr (std::is_same_v<Space, larder::cache>) {
      return *cache_;
    } else {
      return keyspace_ ? *keyspace_ : keyspace_.emplace(cache_->keyspace("users"));
    }
  }

  std::string key_;
  std::string value_;
  support::temp_cache cache_;
  std::optional<larder::keyspace> keyspace_;
  std::atomic<std::uint64_t>* word_ = nullptr;
  std::atomic<std::uint64_t>* table_word_ = nullptr;
};

using spaces = std::tuple<larder::cache, larder::keyspace>;

// One zero byte is what an item of zeroes would have as its key; 16 to 48 bytes are usual.
const std::array keys{std::string(1, '\0'),  std::string(2, '\0'), std::string("key"),
                      std::string(16, '\0'), std::string(48, 'k'), std::string(500, 'k')};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)
BOOST_AUTO_TEST_SUITE(damaged_word)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_bucket_word_that_leads_to_no_item_is_a_miss, space, spaces) {
  const larder::put_options plain;
  const larder::put_options expiring{.ttl = std::chrono::hours(1)};
  const larder::put_options with_fields{.ttl = std::chrono::hours(1), .flags = 7};
  for (const std::string& key : keys) {
    for (const larder::put_options& options : {plain, expiring, with_fields}) {
      only_item<space> sut(key, options);
      const larder::reading_map& map = sut.segment().map();
      const layout::bucket_word sound{sut.word().load()};
      for (const layout::cell_ref cell :
           {layout::cell_ref{0}, layout::cell_ref{1}, map.first_cell - 1, sound.cell() + 1, map.end_of_cells - 1,
            map.end_of_cells, static_cast<layout::cell_ref>(map.cell_mask), ~layout::cell_ref{0}}) {
        // Zeroes, of memory that was never used or of an expiry, are an item with such a key.
        if (key.size() == 1 && (cell == map.end_of_cells - 1 || cell == sound.cell() + 1)) continue;
        sut.expect_missed_with(sut.word(), layout::bucket_word::make(sound.tag(), cell).bits);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_table_word_that_leads_to_no_buckets_is_a_miss, space, spaces) {
  for (const std::string& key : keys) {
    only_item<space> sut(key);
    const layout::table_word sound{sut.table_word().load()};
    const auto end = static_cast<std::uint32_t>(sut.segment().geometry().capacity / sizeof(layout::bucket));
    for (const std::uint32_t first : {0U, 1U, end - 1, end, ~0U}) {
      for (const std::uint32_t count : {0U, 1U, layout::max_buckets_per_stripe}) {
        sut.expect_missed_with(sut.table_word(), layout::table_word::make(first, count, sound.turn()).bits);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_large_value_whose_size_leads_out_of_the_segment_is_a_miss, space, spaces) {
  for (const std::string& key : keys) {
    only_item<space> sut(key, {.ttl = std::chrono::hours(1)}, std::string(100'000, 'v'));
    const auto* segment = reinterpret_cast<const std::byte*>(sut.segment().base());
    const std::uint64_t room =
        sut.segment().geometry().capacity - static_cast<std::uint64_t>(sut.item().value() - segment);
    for (const std::uint64_t size : {room + 1, std::uint64_t{1} << 40, ~std::uint64_t{0}})
      sut.expect_missed_with(sut.large_size(), size);
  }
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
