#include "tool/source/checking.hpp"

#include <cstring>

#include "cache/cache_impl.hpp"

namespace larder::tool {
namespace {

// The buckets that all table words name are no more than the segment has room for. Else a walk would show the same ones
// over and over: the words are damaged.
bool tables_overlap(const image& of) {
  const std::uint64_t room = of.memory.geometry().capacity / sizeof(layout::bucket);
  std::uint64_t buckets = 0;
  for (std::uint32_t i = 0; i < of.memory.geometry().stripe_count(); ++i)
    buckets += table::bucket_array(of.memory, table::table_word_of(of.memory, i)).count();
  return buckets > 2 * room;  // twice: arrays are being replaced while we look
}

// Hands out private copies of items' headers and keys, so that what the check reads cannot change between two looks at it.
class key_copier {
 public:
  explicit key_copier(const segment& memory) noexcept : memory_(memory) {}

  std::optional<detail::guarded_item> operator()(layout::cell_ref cell) noexcept {
    const auto* original = reinterpret_cast<const char*>(memory_.item_at(cell));
    if (!memory_.holds(original, largest_header)) return std::nullopt;
    std::memcpy(bytes_ + layout::cell_shift, original, largest_header);
    const auto* copy = reinterpret_cast<const layout::item*>(bytes_ + layout::cell_shift);
    const layout::item_shape shape = copy->shape();
    const std::size_t key = shape.key_offset();
    if (!memory_.holds(original, key + shape.key_size()) ||
        !memory_.holds(original + shape.value_offset(), copy->value_size()))
      return std::nullopt;
    char* key_copy = bytes_ + layout::cell_shift + key;
    std::memcpy(key_copy, original + key, shape.key_size());
    return detail::guarded_item{copy, table::parts_of({key_copy, shape.key_size()}, shape.in_keyspace())};
  }

 private:
  static constexpr std::size_t largest_header = 32;  // with all optional fields
  const segment& memory_;
  alignas(8) char bytes_[layout::cell_shift + largest_header + max_key_size];
};

}  // namespace

check_report check_image(const image& of) {
  if (tables_overlap(of)) {
    check_report found;
    found.violations.push_back({1, "the table words name more buckets than the segment has room for"});
    return found;
  }
  key_copier guard(of.memory);
  return detail::check_segment(of.memory, of.classes, guard);
}

}  // namespace larder::tool
