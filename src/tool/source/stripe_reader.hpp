// stripe_reader: all items of one stripe as of one moment, from a mapping that cannot be written.
//
// How: the stripe's change count grows between the moment an item is unpublished and the earliest moment its cell is filled
// again (I9), and with every item that is published or moved. If it is the same after all items were copied as before, then
// the copies are the stripe as it was. In a storm of writes that may never come about; then the stripe is walked twice or
// more, each copy is proved by itself, and the walks are united by key: an item moves from its primary bucket to its
// alternate one only, so what one walk misses the next one meets.
//
// Guarantees: an item that is there throughout is found, no key twice, no copy is torn. Every loop ends, whatever the bytes:
// no array is longer than a table word can say, and all of a pass together not longer than four segments.
#ifndef LARDER_TOOL_SOURCE_STRIPE_READER_HPP
#define LARDER_TOOL_SOURCE_STRIPE_READER_HPP

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tool/source/item_copy.hpp"
#include "tool/source/source.hpp"

namespace larder::tool {

enum class want : std::uint8_t { keys, keys_and_values };

class stripe_reader {
 public:
  explicit stripe_reader(const image& from, want what = want::keys) : from_(from), what_(what) {}

  // The stripe's items in the order of their hashes, expired and invalidated ones too. Valid until the next call.
  // `only`: just those whose hash has this tag.
  [[nodiscard]] std::span<const item_facts> read(std::uint32_t stripe, std::optional<std::uint32_t> only = {});

  // Words that name no item of their place, in stripes that nobody changed meanwhile: damage.
  [[nodiscard]] std::uint64_t damaged_words() const noexcept { return damaged_; }
  // Looks at stripes that changed too often to be seen at one moment.
  [[nodiscard]] std::uint64_t restless_stripes() const noexcept { return restless_; }

 private:
  // Adds what the stripe holds. False: it changed meanwhile.
  bool walk(std::uint32_t stripe, std::optional<std::uint32_t> only);
  void walk_restless(std::uint32_t stripe, std::optional<std::uint32_t> only);
  // Copies what a word names. False: that is no item whose key leads here.
  bool take(std::uint32_t stripe, layout::bucket_word seen);
  bool gather_words(std::uint32_t stripe, std::optional<std::uint32_t> only);
  void forget() noexcept;
  void sort_and_unite(std::uint64_t changes);

  struct named_cell {
    const std::atomic<std::uint64_t>* word;
    layout::bucket_word seen;
  };

  const image& from_;
  want what_;
  std::uint32_t last_stripe_ = ~std::uint32_t{0};  // a stripe that is not behind it begins a new pass
  std::uint64_t buckets_left_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t damaged_here_ = 0;
  std::uint64_t restless_ = 0;
  std::vector<named_cell> words_;
  std::vector<item_facts> items_;
  std::vector<item_facts> sorted_;
  std::vector<copied_bytes> places_;
  std::vector<std::uint32_t> order_;
  std::string bytes_;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_STRIPE_READER_HPP
