#include "layout/geometry.hpp"

#include <algorithm>
#include <bit>

#include "layout/bucket.hpp"
#include "layout/change_record.hpp"
#include "layout/class_state.hpp"
#include "layout/header.hpp"
#include "layout/keyspace_entry.hpp"
#include "layout/page.hpp"
#include "layout/slot.hpp"
#include "layout/stamp.hpp"
#include "layout/stripe.hpp"

namespace larder::layout {
namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

// Hands out areas one behind the other.
class areas {
 public:
  explicit areas(std::uint64_t start) noexcept : next_(start) {}
  [[nodiscard]] std::uint64_t place(std::uint64_t size, std::uint64_t alignment = 64) noexcept {
    const std::uint64_t at = (next_ + alignment - 1) & ~(alignment - 1);
    next_ = at + size;
    return at;
  }

 private:
  std::uint64_t next_;
};

std::uint32_t scaled(std::uint64_t capacity, std::uint64_t bytes_each, std::uint64_t least,
                     std::uint64_t most) noexcept {
  return static_cast<std::uint32_t>(std::clamp(capacity / bytes_each, least, most));
}

std::uint32_t log2_of(std::uint64_t value) noexcept { return static_cast<std::uint32_t>(std::bit_width(value) - 1); }

// A full limbo is what one heavy fence is paid for, and that interrupts every processor on which somebody uses a segment:
// some 15 us in a virtual machine. It may hold back only a small part of a small cache, in each thread. (Half as many
// places: a put over one of 10,000 present keys takes 186 ns beside a reader of another process, in place of 135. With 512
// at most, one get in a thousand is interrupted beside another process that gets and puts: p99.9 is 5 times that alone.)
// A larger segment pays with a smaller part of itself.
std::uint32_t limbo_capacity_of(std::uint64_t capacity) noexcept {
  return std::max(scaled(capacity, 128 * kib, 16, largest_limbo / 2), scaled(capacity, 256 * kib, 16, largest_limbo));
}

}  // namespace

geometry plan(std::uint64_t capacity, std::uint32_t slot_count) noexcept {
  geometry g{};
  g.capacity = capacity;
  g.slot_count = slot_count != 0 ? slot_count : scaled(capacity, mib, 32, 1024);
  g.limbo_capacity = limbo_capacity_of(capacity);
  // 64 KiB of cache a stripe: some hundred items, so that the buckets of a stripe are a small block to replace.
  g.stripe_shift = log2_of(scaled(capacity, 64 * kib, 64, mib));
  g.keyspace_count = scaled(capacity, mib, 64, 4096);
  // So many that a subscriber may look away for a moment, in a thousandth of the memory; half of that for long keys.
  g.change_count = std::uint32_t{1} << log2_of(scaled(capacity, 64 * kib, 64, 65536));
  // Pages so small that every size class in use can have several and little lies idle in the last one of each, so large that
  // cells fit well, and no more of them than are quickly looked through.
  g.page_shift = log2_of(std::clamp(capacity / 256, 8 * kib, std::clamp(capacity / 4096, 256 * kib, mib)));
  // 16 classes up to 128 bytes and LARGE, and some more than 8 for each doubling from there to an eighth of a page (memory/size_class).
  g.class_count = 20 + 9 * (g.page_shift - 10);
  g.slot_size = static_cast<std::uint32_t>(
      (sizeof(slot) + g.limbo_capacity * sizeof(cell_ref) + g.class_count * sizeof(std::uint32_t) + 63) &
      ~std::size_t{63});
  // The smallest unit that lets 32 bits reach all of the segment.
  g.unit_shift = std::max(smallest_unit_shift, log2_of(std::max(capacity - 1, std::uint64_t{1} << 34)) - 31);

  static_assert(tables_offset == sizeof(header));
  areas next(tables_offset + std::uint64_t{g.stripe_count()} * sizeof(std::uint64_t));
  g.slots = next.place(std::uint64_t{g.slot_count} * g.slot_size);
  g.stripes = next.place(std::uint64_t{g.stripe_count()} * sizeof(stripe));
  g.classes = next.place(std::uint64_t{g.class_count} * sizeof(class_state));
  g.keyspaces = next.place(std::uint64_t{g.keyspace_count} * sizeof(keyspace_entry));
  g.changes = next.place(std::uint64_t{g.change_count} * sizeof(change_record));
  g.key_tails = next.place(std::uint64_t{g.key_tail_count()} * sizeof(change_record));
  const std::uint64_t page_limit = capacity >> g.page_shift;
  g.entries = next.place(page_limit * sizeof(page_entry));
  g.frames = next.place(page_limit * frames_per_page * sizeof(atomic_stamp));
  g.first_buckets = next.place(std::uint64_t{g.stripe_count()} * buckets_at_first * sizeof(bucket));
  // Pages need no alignment but a bucket's; aligning them to the system's pages costs nothing to speak of.
  g.pages = next.place(0, 4096);
  g.page_count = static_cast<std::uint32_t>((capacity - std::min(capacity, g.pages)) >> g.page_shift);
  return g;
}

}  // namespace larder::layout
