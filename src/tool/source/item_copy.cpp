#include "tool/source/item_copy.hpp"

#include <algorithm>
#include <cstring>

namespace larder::tool {
namespace {

// Header and optional fields, at the alignment that the originals have.
struct alignas(8) header_copy {
  char before[layout::cell_shift];
  char bytes[12 + 8 + 8 + 4];
  [[nodiscard]] const layout::item& item() const noexcept { return *reinterpret_cast<const layout::item*>(bytes); }
};

// What the cell offers from the item's first byte on; of a run its first frame.
std::uint64_t room_in(const segment& memory, const memory::size_classes& classes, std::uint32_t size_class) {
  return size_class == layout::large_class ? memory.geometry().frame_size() - layout::cell_shift
                                           : classes[size_class].size;
}

// True if `frames` frames from the cell on are one run.
bool is_run(const segment& memory, layout::cell_ref cell, std::uint64_t frames) {
  const std::uint64_t first = memory::frame_of(memory, cell);
  const std::uint64_t all = std::uint64_t{memory.geometry().page_count} * layout::frames_per_page;
  if (frames > all - first) return false;
  for (std::uint64_t i = first + 1; i < first + frames; ++i) {
    if (memory.frame(static_cast<std::uint32_t>(i)).load(std::memory_order_acquire) != layout::stamp_tail) return false;
  }
  return true;
}

// The cell's bytes, if an item of this size fits into it; else 0.
std::uint64_t fitting_cell(const segment& memory, const memory::size_classes& classes, layout::cell_ref cell,
                           std::uint32_t size_class, std::uint64_t size) {
  if (size_class != layout::large_class) return size <= classes[size_class].size ? classes[size_class].size : 0;
  if (size > memory.geometry().capacity) return 0;
  const std::uint64_t frames = classes.frames_for(size);
  return is_run(memory, cell, frames) ? frames * memory.geometry().frame_size() : 0;
}

// What the prefix of a key tells; false if it makes no sense.
bool read_keyspace(const segment& memory, const table::lookup_key& key, item_facts& facts) {
  if (!key.is_valid() || !table::keyspace_exists(memory, *key.prefix)) return false;
  facts.keyspace = key.keyspace_id();
  facts.generation = layout::keyspace_generation(*key.prefix);
  facts.invalidated = !table::is_of_now(memory, *key.prefix);
  return true;
}

}  // namespace

bool copy_item(const segment& memory, const memory::size_classes& classes, layout::cell_ref cell, bool with_value,
               item_facts& facts, std::string& bytes, copied_bytes& where) {
  if (!memory.in_pages(cell)) return false;
  const std::uint32_t size_class = memory::word_of(memory, memory.page_of(cell)).size_class();
  if (size_class >= classes.count() || !memory::is_cell(memory, classes, cell)) return false;
  const auto* original = reinterpret_cast<const char*>(memory.item_at(cell));
  header_copy copy{};
  const std::uint64_t room = room_in(memory, classes, size_class);
  if (!memory.holds(original, room)) return false;  // the page was cut anew between the looks at its word
  std::memcpy(copy.bytes, original, std::min<std::uint64_t>(sizeof copy.bytes, room));

  const layout::item& item = copy.item();
  const layout::item_shape shape = item.shape();
  const std::uint64_t value_size = item.value_size();
  if (value_size > memory.geometry().capacity) return false;
  facts.item_bytes = layout::item_size(shape, value_size);
  facts.cell_bytes = fitting_cell(memory, classes, cell, size_class, facts.item_bytes);
  if (facts.cell_bytes == 0 || !memory.holds(original, facts.item_bytes)) return false;

  facts.cell = cell;
  facts.size_class = size_class;
  facts.version = item.version();
  facts.value_size = value_size;
  facts.flags = item.flags();
  facts.expiry = table::expiry_of(item);
  facts.heat = table::heat_of(item);
  where = {bytes.size(), shape.key_size(), 0, 0};
  bytes.append(original + shape.key_offset(), shape.key_size());
  if (with_value) {
    where.value_at = bytes.size();
    where.value_size = value_size;
    bytes.append(original + shape.value_offset(), value_size);
  }
  const std::string_view whole(bytes.data() + where.key_at, where.key_size);
  const table::lookup_key key = table::parts_of(whole, shape.in_keyspace());
  facts.hash = table::hash_of(memory, key);
  return !key.prefix || read_keyspace(memory, key, facts);
}

}  // namespace larder::tool
