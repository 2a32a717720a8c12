// The segment manager: makes, opens, validates and maps a segment, and knows where everything in it is.
//
// Thread safety: a segment is immutable once made; what it points to is shared memory with rules of its own.
//
// If a process dies while it makes a segment, the segment never had a name and the kernel takes it back.
// P6: the header is read with pread() and must equal what this build would have written; nothing that is read from the
// mapping later is used as an address before it was tested against the private copy of the geometry kept here, or bent by a
// mask to where reading does no harm: into the segment, or the zeroes behind it.
#ifndef LARDER_SEGMENT_SEGMENT_HPP
#define LARDER_SEGMENT_SEGMENT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "larder/options.hpp"
#include "layout/layout.hpp"
#include "platform/platform.hpp"

namespace larder {

// What finding a key needs of a segment, in one cache line and a half; each thread has a copy beside its pins.
struct reading_map {
  std::byte* base = nullptr;
  std::uint64_t stripe_mask = 0;  // what a hash's complement leaves is its stripe
  // What leads no further than the next power of two behind the segment's size: of a bucket's line, of a cell. Behind it may
  // be read as much as a stripe's buckets, or an item with a small value.
  std::uint64_t line_mask = 0;
  std::uint64_t cell_mask = 0;
  layout::cell_ref first_cell = 0;
  layout::cell_ref end_of_cells = 0;
  std::uint8_t unit_shift = 0;
  bool full_fences = false;
  platform::hash_seed seed{};

  [[nodiscard]] bool in_pages(layout::cell_ref cell) const noexcept {
    return cell - first_cell < end_of_cells - first_cell;
  }
  // The complement, since x86 takes one and masks it in one instruction.
  [[nodiscard]] std::uint64_t stripe_of(std::uint64_t hash) const noexcept { return ~hash & stripe_mask; }
  [[nodiscard]] static std::atomic<std::uint64_t>& table(std::byte* base, std::uint64_t stripe) noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(base + layout::tables_offset)[stripe];
  }
};

class segment {
 public:
  // All throw larder::error. `seed`: hash keys and names as another segment does, which this one is to replace.
  [[nodiscard]] static segment create(std::string_view name, const create_options& options,
                                      const std::optional<platform::hash_seed>& seed = {});
  [[nodiscard]] static segment open(std::string_view name, platform::access mode);
  [[nodiscard]] static segment open_or_create(std::string_view name, const create_options& options);
  [[nodiscard]] static segment attach(int descriptor, platform::access mode);

  segment(segment&&) noexcept = default;
  segment& operator=(segment&&) noexcept = default;

  [[nodiscard]] const layout::geometry& geometry() const noexcept { return areas_; }
  [[nodiscard]] const reading_map& map() const noexcept { return map_; }
  [[nodiscard]] const platform::hash_seed& seed() const noexcept { return map_.seed; }
  [[nodiscard]] bool full_fences() const noexcept { return map_.full_fences; }
  // No item leaves to make room for another.
  [[nodiscard]] bool refuses_when_full() const noexcept { return when_full_ == full_policy::refuse; }
  [[nodiscard]] std::byte* base() const noexcept { return map_.base; }
  [[nodiscard]] std::uint32_t unit_shift() const noexcept { return map_.unit_shift; }
  [[nodiscard]] std::uint32_t stripe_of(std::uint64_t hash) const noexcept {
    return static_cast<std::uint32_t>(map_.stripe_of(hash));
  }

  [[nodiscard]] layout::header& header() const noexcept { return *reinterpret_cast<layout::header*>(map_.base); }
  [[nodiscard]] layout::slot& slot(std::uint32_t i) const noexcept {
    return *reinterpret_cast<layout::slot*>(map_.base + areas_.slots + std::uint64_t{i} * areas_.slot_size);
  }
  [[nodiscard]] std::atomic<std::uint64_t>& table(std::uint32_t stripe) const noexcept {
    return reading_map::table(map_.base, stripe);
  }
  [[nodiscard]] layout::stripe& stripe(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::stripe*>(map_.base + areas_.stripes)[i];
  }
  [[nodiscard]] layout::class_state& class_of(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::class_state*>(map_.base + areas_.classes)[i];
  }
  [[nodiscard]] layout::keyspace_entry& keyspace(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::keyspace_entry*>(map_.base + areas_.keyspaces)[i];
  }
  [[nodiscard]] layout::change_record* changes() const noexcept {
    return reinterpret_cast<layout::change_record*>(map_.base + areas_.changes);
  }
  [[nodiscard]] layout::change_record* key_tails() const noexcept {
    return reinterpret_cast<layout::change_record*>(map_.base + areas_.key_tails);
  }
  [[nodiscard]] layout::page_entry& entry(std::uint32_t page) const noexcept {
    return reinterpret_cast<layout::page_entry*>(map_.base + areas_.entries)[page];
  }
  [[nodiscard]] layout::atomic_stamp& frame(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::atomic_stamp*>(map_.base + areas_.frames)[i];
  }

  // Cells. REQUIRES: in_pages(cell).
  [[nodiscard]] layout::item* item_at(layout::cell_ref cell) const noexcept {
    return reinterpret_cast<layout::item*>(map_.base + offset_of(cell) + layout::cell_shift);
  }
  [[nodiscard]] std::uint64_t offset_of(layout::cell_ref cell) const noexcept {
    return std::uint64_t{cell} << map_.unit_shift;
  }
  [[nodiscard]] layout::cell_ref ref_of(std::uint64_t offset) const noexcept {
    return static_cast<layout::cell_ref>(offset >> map_.unit_shift);
  }
  [[nodiscard]] bool in_pages(layout::cell_ref cell) const noexcept { return map_.in_pages(cell); }
  [[nodiscard]] std::uint32_t page_of(layout::cell_ref cell) const noexcept {
    return static_cast<std::uint32_t>((offset_of(cell) - areas_.pages) >> areas_.page_shift);
  }
  [[nodiscard]] std::uint64_t page_offset(std::uint32_t page) const noexcept {
    return areas_.pages + (std::uint64_t{page} << areas_.page_shift);
  }
  [[nodiscard]] std::byte* page_at(std::uint32_t page) const noexcept { return map_.base + page_offset(page); }

  // True if [from, from + size) lies inside the segment.
  [[nodiscard]] bool holds(const void* from, std::uint64_t size) const noexcept {
    const auto at = static_cast<std::uint64_t>(static_cast<const std::byte*>(from) - map_.base);
    return at <= areas_.capacity && size <= areas_.capacity - at;
  }

 private:
  segment(platform::mapping memory, const layout::fixed_header& fixed);
  static segment validate(const platform::descriptor& object, platform::access mode, std::string_view name);
  static platform::descriptor make(const create_options& options, const platform::hash_seed& seed);

  platform::mapping memory_;
  reading_map map_;
  layout::geometry areas_;  // a private copy, as is what follows
  full_policy when_full_;
};

}  // namespace larder

#endif  // LARDER_SEGMENT_SEGMENT_HPP
