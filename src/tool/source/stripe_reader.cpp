#include "tool/source/stripe_reader.hpp"

#include <algorithm>
#include <numeric>

namespace larder::tool {
namespace {

constexpr int settled_tries = 20;
constexpr int restless_walks = 8;
constexpr int word_tries = 100;
constexpr std::size_t ahead = 12;  // items that are fetched while others are copied

void prefetch(const segment& memory, layout::bucket_word word) noexcept {
  if (!memory.in_pages(word.cell())) return;
  const auto* item = reinterpret_cast<const char*>(memory.item_at(word.cell()));
  __builtin_prefetch(item);
  __builtin_prefetch(item + 64);
}

}  // namespace

std::span<const item_facts> stripe_reader::read(std::uint32_t stripe, std::optional<std::uint32_t> only) {
  if (stripe <= last_stripe_) buckets_left_ = from_.memory.geometry().capacity / sizeof(layout::bucket) * 4;
  last_stripe_ = stripe;
  bool settled = false;
  for (int i = 0; i < settled_tries && !settled; ++i) {
    forget();
    settled = walk(stripe, only);
  }
  if (settled) {
    damaged_ += damaged_here_;
  } else {
    ++restless_;
    forget();
    walk_restless(stripe, only);
  }
  sort_and_unite(from_.memory.stripe(stripe).changes.load(std::memory_order_acquire));
  return sorted_;
}

void stripe_reader::forget() noexcept {
  items_.clear();
  places_.clear();
  bytes_.clear();
  damaged_here_ = 0;
}

bool stripe_reader::gather_words(std::uint32_t stripe, std::optional<std::uint32_t> only) {
  words_.clear();
  const table::bucket_array buckets(from_.memory, table::table_word_of(from_.memory, stripe));
  if (!buckets.usable() || buckets.count() > buckets_left_) return false;
  buckets_left_ -= buckets.count();
  for (std::uint32_t b = 0; b < buckets.count(); ++b) {
    for (const std::atomic<std::uint64_t>& word : buckets[b].words) {
      const layout::bucket_word seen = table::load_word(word);
      if (!seen.empty() && (!only || seen.tag() == *only)) words_.push_back({&word, seen});
    }
  }
  return true;
}

bool stripe_reader::take(std::uint32_t stripe, layout::bucket_word seen) {
  const std::size_t before = bytes_.size();
  item_facts facts;
  copied_bytes where;
  const bool with_value = what_ == want::keys_and_values;
  const bool copied = copy_item(from_.memory, from_.classes, seen.cell(), with_value, facts, bytes_, where);
  const table::place at = table::place_of(from_.memory, facts.hash);
  if (!copied || at.stripe != stripe || at.tag != seen.tag()) {
    bytes_.resize(before);
    return false;
  }
  items_.push_back(facts);
  places_.push_back(where);
  return true;
}

bool stripe_reader::walk(std::uint32_t stripe, std::optional<std::uint32_t> only) {
  const table::quiet_stripe quiet(from_.memory, stripe);
  if (!gather_words(stripe, only)) ++damaged_here_;
  for (std::size_t i = 0; i < std::min(ahead, words_.size()); ++i) prefetch(from_.memory, words_[i].seen);
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (i + ahead < words_.size()) prefetch(from_.memory, words_[i + ahead].seen);
    if (!take(stripe, words_[i].seen)) ++damaged_here_;
  }
  return quiet.still();
}

void stripe_reader::walk_restless(std::uint32_t stripe, std::optional<std::uint32_t> only) {
  std::uint64_t before_last = 0;
  for (int walks = 0; walks < restless_walks; ++walks) {
    const std::uint64_t table = table::table_word_of(from_.memory, stripe).bits;
    if (!gather_words(stripe, only)) return;
    for (const named_cell& named : words_) {
      layout::bucket_word seen = named.seen;
      for (int i = 0; i < word_tries && !seen.empty(); ++i) {
        const table::quiet_stripe quiet(from_.memory, stripe);
        seen.bits = named.word->load(std::memory_order_acquire);
        const std::size_t bytes_before = bytes_.size();
        const bool taken = !seen.empty() && take(stripe, seen);
        if (quiet.still()) break;
        if (!taken) continue;
        items_.pop_back();
        places_.pop_back();
        bytes_.resize(bytes_before);
      }
    }
    // Two walks over one array: what moved during the first has been met by the second.
    const std::uint64_t after = table::table_word_of(from_.memory, stripe).bits;
    if (walks > 0 && before_last == after && table == after) return;
    before_last = table;
  }
}

void stripe_reader::sort_and_unite(std::uint64_t changes) {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const std::size_t prefix = items_[i].keyspace != 0 ? layout::keyspace_prefix_size : 0;
    const copied_bytes& at = places_[i];
    items_[i].key = std::string_view(bytes_).substr(at.key_at + prefix, at.key_size - prefix);
    items_[i].value = std::string_view(bytes_).substr(at.value_at, at.value_size);
    items_[i].age = (changes - items_[i].version) & layout::version_mask;
  }
  order_.resize(items_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  const auto rank = [&](std::uint32_t i) {
    return std::tuple(items_[i].hash, items_[i].keyspace, items_[i].invalidated, items_[i].key, items_[i].age);
  };
  std::ranges::sort(order_, [&](std::uint32_t a, std::uint32_t b) {
    return items_[a].hash != items_[b].hash ? items_[a].hash < items_[b].hash : rank(a) < rank(b);
  });
  sorted_.clear();
  for (const std::uint32_t i : order_) {
    const item_facts& next = items_[i];
    const bool again = !sorted_.empty() && sorted_.back().hash == next.hash && sorted_.back().key == next.key &&
                       sorted_.back().keyspace == next.keyspace && sorted_.back().invalidated == next.invalidated;
    if (!again) sorted_.push_back(next);  // the youngest of the copies of a key comes first
  }
}

}  // namespace larder::tool
