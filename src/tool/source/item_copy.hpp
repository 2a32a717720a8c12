// item_copy: private copies of items that others may be changing, and the tests that make them safe to believe.
//
// What a cell holds may be torn, foreign or damaged. So its header is copied first, judged by the copy alone, and key and
// value are copied only as far as the cell reaches. The caller then makes sure that it was one item all the while
// (source/stripe_reader.hpp).
#ifndef LARDER_TOOL_SOURCE_ITEM_COPY_HPP
#define LARDER_TOOL_SOURCE_ITEM_COPY_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "layout/layout.hpp"
#include "memory/memory.hpp"
#include "segment/segment.hpp"
#include "table/table.hpp"

namespace larder::tool {

struct item_facts {
  std::uint64_t hash = 0;
  std::uint64_t version = 0;
  std::uint64_t age = 0;                    // changes of its stripe since it was stored
  std::uint64_t expiry = table::no_expiry;  // milliseconds
  std::uint64_t value_size = 0;
  std::uint32_t flags = 0;
  layout::cell_ref cell = layout::no_cell;
  std::uint32_t keyspace = 0;    // index + 1; 0: none
  std::uint64_t generation = 0;  // of its keyspace, when it was stored
  std::uint32_t size_class = 0;
  std::uint64_t item_bytes = 0;  // header, key and value
  std::uint64_t cell_bytes = 0;  // what it takes of the segment
  table::heat heat;
  bool invalidated = false;  // of a generation of its keyspace that is no more
  std::string_view key;      // without the bytes that tell the keyspace
  std::string_view value;    // empty unless values were asked for

  [[nodiscard]] bool expires() const noexcept { return expiry != table::no_expiry; }
  [[nodiscard]] bool is_expired(std::uint64_t now) const noexcept { return expiry <= now; }
  [[nodiscard]] std::uint64_t ttl_left(std::uint64_t now) const noexcept { return expiry > now ? expiry - now : 0; }
};

// Where the bytes of a copy are put.
struct copied_bytes {
  std::size_t key_at = 0, key_size = 0;  // of the whole key
  std::size_t value_at = 0, value_size = 0;
};

// Copies the item in `cell`: its facts but for key, value and age, and its bytes to the end of `bytes`. False: there is no
// cell, or what it says of itself does not fit into it.
[[nodiscard]] bool copy_item(const segment& memory, const memory::size_classes& classes, layout::cell_ref cell,
                             bool with_value, item_facts& facts, std::string& bytes, copied_bytes& where);

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_ITEM_COPY_HPP
