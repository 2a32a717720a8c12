// Displacing: which word of a full bucket can go to its other bucket, so that another word can have its place.
//
// A word goes out, from its primary bucket to its alternate one, or home again. In a stripe's array words only go out: a
// reader looks into the primary bucket first, so it could miss one that goes home. In a new array, which nobody sees yet,
// they go both ways, home first, so that few items begin in their alternate buckets, where finding takes longer.
#ifndef LARDER_TABLE_DISPLACE_HPP
#define LARDER_TABLE_DISPLACE_HPP

#include <cstdint>

#include "layout/layout.hpp"
#include "table/bucket_index.hpp"

namespace larder::table {

// An empty word of the bucket, or words_per_bucket.
[[nodiscard]] inline std::uint32_t empty_word(const layout::bucket& in) noexcept {
  for (std::uint32_t i = 0; i < layout::words_per_bucket; ++i) {
    if (in.words[i].load(std::memory_order_relaxed) == 0) return i;
  }
  return layout::words_per_bucket;
}
[[nodiscard]] inline bool is_full(const layout::bucket& in) noexcept {
  return empty_word(in) == layout::words_per_bucket;
}

enum class way : std::uint8_t { home, out };

struct displacement {
  layout::bucket* from = nullptr;  // nullptr: none is possible
  layout::bucket* to = nullptr;    // has an empty word
  std::uint32_t word = 0;          // of `from`
  way where = way::home;

  [[nodiscard]] layout::bucket& primary() const noexcept { return where == way::home ? *to : *from; }
};

// A word of the full bucket that can go that way. REQUIRES: the stripe's lock, or an array that nobody else sees.
[[nodiscard]] inline displacement find_displacement(const bucket_array& buckets, layout::bucket& full,
                                                    way where) noexcept {
  for (std::uint32_t i = 0; i < layout::words_per_bucket; ++i) {
    const layout::bucket_word word{full.words[i].load(std::memory_order_relaxed)};
    layout::bucket& primary = buckets.primary(word.tag());
    if ((&primary == &full) != (where == way::out)) continue;
    layout::bucket& to = where == way::home ? primary : buckets.alternate(word.tag());
    if (&to != &full && !is_full(to)) return {&full, &to, i, where};
  }
  return {};
}

// A bucket of the two of a tag that has an empty word or is given one; nullptr if nothing can be displaced.
// displace(displacement) does it; `home`: words may go home, too.
template <class Displace>
[[nodiscard]] layout::bucket* bucket_with_room(const bucket_array& buckets, std::uint32_t tag, bool home,
                                               Displace displace) noexcept {
  layout::bucket* const both[] = {&buckets.primary(tag), &buckets.alternate(tag)};
  const auto has_made_room = [&](layout::bucket& in, way where) noexcept {
    const displacement possible = find_displacement(buckets, in, where);
    if (possible.from != nullptr) displace(possible);
    return possible.from != nullptr;
  };
  for (layout::bucket* in : both) {
    if (!is_full(*in) || (home && has_made_room(*in, way::home))) return in;
  }
  for (layout::bucket* in : both) {
    if (has_made_room(*in, way::out)) return in;
  }
  return nullptr;
}

}  // namespace larder::table

#endif  // LARDER_TABLE_DISPLACE_HPP
