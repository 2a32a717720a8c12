// The segment manager: makes, opens, validates and maps a segment, and knows where everything in it is.
//
// Thread safety: a segment is immutable once made; what it points to is shared memory with rules of its own.
//
// If a process dies while it makes a segment, the segment never had a name and the kernel takes it back.
// P6: the header is read with pread() and must equal what this build would have written; nothing that is read from the
// mapping later is used as an address before it was tested against the private copy of the geometry kept here.
#ifndef LARDER_SEGMENT_SEGMENT_HPP
#define LARDER_SEGMENT_SEGMENT_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "larder/options.hpp"
#include "layout/layout.hpp"
#include "platform/platform.hpp"

namespace larder {

class segment {
 public:
  // All throw larder::error.
  [[nodiscard]] static segment create(std::string_view name, const create_options& options);
  [[nodiscard]] static segment open(std::string_view name, platform::access mode);
  [[nodiscard]] static segment open_or_create(std::string_view name, const create_options& options);
  [[nodiscard]] static segment attach(int descriptor, platform::access mode);

  segment(segment&&) noexcept = default;
  segment& operator=(segment&&) noexcept = default;

  [[nodiscard]] const layout::geometry& geometry() const noexcept { return areas_; }
  [[nodiscard]] const platform::hash_seed& seed() const noexcept { return seed_; }
  [[nodiscard]] bool full_fences() const noexcept { return full_fences_; }
  [[nodiscard]] std::byte* base() const noexcept { return base_; }

  [[nodiscard]] layout::header& header() const noexcept { return *reinterpret_cast<layout::header*>(base_); }
  [[nodiscard]] layout::slot& slot(std::uint32_t i) const noexcept {
    return *reinterpret_cast<layout::slot*>(base_ + areas_.slots + std::uint64_t{i} * areas_.slot_size);
  }
  [[nodiscard]] std::atomic<std::uint64_t>& table(std::uint32_t stripe) const noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(base_ + areas_.tables)[stripe];
  }
  [[nodiscard]] layout::stripe& stripe(std::uint32_t i) const noexcept { return reinterpret_cast<layout::stripe*>(base_ + areas_.stripes)[i]; }
  [[nodiscard]] layout::class_state& class_of(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::class_state*>(base_ + areas_.classes)[i];
  }
  [[nodiscard]] layout::keyspace_entry& keyspace(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::keyspace_entry*>(base_ + areas_.keyspaces)[i];
  }
  [[nodiscard]] layout::page_entry& entry(std::uint32_t page) const noexcept {
    return reinterpret_cast<layout::page_entry*>(base_ + areas_.entries)[page];
  }
  [[nodiscard]] layout::atomic_stamp& frame(std::uint32_t i) const noexcept {
    return reinterpret_cast<layout::atomic_stamp*>(base_ + areas_.frames)[i];
  }

  // Cells. REQUIRES: in_pages(cell).
  [[nodiscard]] layout::item* item_at(layout::cell_ref cell) const noexcept {
    return reinterpret_cast<layout::item*>(base_ + offset_of(cell) + layout::cell_shift);
  }
  [[nodiscard]] std::uint64_t offset_of(layout::cell_ref cell) const noexcept { return std::uint64_t{cell} << areas_.unit_shift; }
  [[nodiscard]] layout::cell_ref ref_of(std::uint64_t offset) const noexcept { return static_cast<layout::cell_ref>(offset >> areas_.unit_shift); }
  [[nodiscard]] bool in_pages(layout::cell_ref cell) const noexcept { return cell - first_cell_ < cell_span_; }
  [[nodiscard]] std::uint32_t page_of(layout::cell_ref cell) const noexcept {
    return static_cast<std::uint32_t>((offset_of(cell) - areas_.pages) >> areas_.page_shift);
  }
  [[nodiscard]] std::uint64_t page_offset(std::uint32_t page) const noexcept { return areas_.pages + (std::uint64_t{page} << areas_.page_shift); }
  [[nodiscard]] std::byte* page_at(std::uint32_t page) const noexcept { return base_ + page_offset(page); }

  // True if [from, from + size) lies inside the segment.
  [[nodiscard]] bool holds(const void* from, std::uint64_t size) const noexcept {
    const auto at = static_cast<std::uint64_t>(static_cast<const std::byte*>(from) - base_);
    return at <= areas_.capacity && size <= areas_.capacity - at;
  }

 private:
  segment(platform::mapping memory, const layout::fixed_header& fixed);
  static segment validate(const platform::descriptor& object, platform::access mode, std::string_view name);
  static platform::descriptor make(const create_options& options);

  platform::mapping memory_;
  std::byte* base_;
  layout::geometry areas_;  // a private copy
  platform::hash_seed seed_;
  layout::cell_ref first_cell_;
  layout::cell_ref cell_span_;
  bool full_fences_;
};

}  // namespace larder

#endif  // LARDER_SEGMENT_SEGMENT_HPP
