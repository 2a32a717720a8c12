// integrity_round: the invariants of a segment (src/README.md), a few pages and stripes at a time, beside writers. For the
// daemon; check() looks at all of it at once.
//
// What it tells is certain: what seems broken is looked at again a step later, and counts if it is broken still.
#ifndef LARDER_CACHE_INTEGRITY_ROUND_HPP
#define LARDER_CACHE_INTEGRITY_ROUND_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cache/housekeeping.hpp"
#include "memory/memory.hpp"

namespace larder::detail {

class integrity_round {
 public:
  [[nodiscard]] check_outcome step(memory::actor& me, std::uint32_t pages);

 private:
  // Something that seems broken: in a cell, or in a word of the table.
  struct suspect {
    std::uint32_t stripe = 0;  // of a word of the table that names the cell
    bool by_table = false;
    layout::cell_ref cell = layout::no_cell;
  };

  void check_page(memory::actor& me, std::uint32_t page, check_outcome& sums);
  void check_stripe(memory::actor& me, std::uint32_t stripe);
  void look_again(memory::actor& me, check_outcome& sums);

  std::uint32_t next_page_ = 0;
  std::uint32_t next_stripe_ = 0;
  std::vector<suspect> suspects_;
};

}  // namespace larder::detail

#endif  // LARDER_CACHE_INTEGRITY_ROUND_HPP
