// Size classes: which cell size a request gets. A pure function of the page size and the unit; every process computes
// the same table for itself.
//
// Steps are 8 bytes up to 128 and at most a twelfth above; a class whose cells would leave a tail in the page takes the
// tail for its cells. Requests above an eighth of a page are runs of frames in LARGE pages (class 0), where rounding is
// a 64th of a page.
#ifndef LARDER_MEMORY_SIZE_CLASS_HPP
#define LARDER_MEMORY_SIZE_CLASS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/layout.hpp"

namespace larder::memory {

struct cell_class {
  std::uint32_t size = 0;        // of a cell, bytes
  std::uint32_t count = 0;       // cells in a page
  std::uint32_t area = 0;        // offset of cell 0 in the page; free bits and expiry bounds stand before it
  std::uint32_t reciprocal = 0;  // ceil(2^32 / size): divides offsets in a page without dividing

  [[nodiscard]] std::uint32_t bit_words() const noexcept { return (count + 63) / 64; }
  // REQUIRES: offset is that of a cell of this class from the start of its page.
  [[nodiscard]] std::uint32_t index_of(std::uint64_t offset_in_page) const noexcept {
    return static_cast<std::uint32_t>((offset_in_page - area) * reciprocal >> 32);
  }
};

class size_classes {
 public:
  explicit size_classes(const layout::geometry& areas);

  // layout::large_class, or the class of the smallest fitting cell. `size` as of layout::item_size().
  [[nodiscard]] std::uint32_t class_for(std::size_t size) const noexcept {
    return size <= largest_cell_ ? lookup_[(size + 7) / 8] : layout::large_class;
  }
  [[nodiscard]] const cell_class& operator[](std::uint32_t size_class) const noexcept { return classes_[size_class]; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }  // class 0, LARGE, included

  // Frames that a run for `size` bytes takes.
  [[nodiscard]] std::uint64_t frames_for(std::size_t size) const noexcept {
    return (size + layout::cell_shift + frame_size_ - 1) / frame_size_;
  }

  // The largest request that can be served at all: half of all pages.
  [[nodiscard]] std::size_t largest_request() const noexcept { return largest_request_; }

 private:
  void add(std::uint32_t cell_size, const layout::geometry& areas);

  std::array<cell_class, layout::max_classes> classes_{};
  std::uint32_t count_ = 1;
  std::size_t largest_cell_ = 0;
  std::size_t frame_size_;
  std::size_t largest_request_;
  std::vector<std::uint8_t> lookup_;  // by (size + 7) / 8
};

}  // namespace larder::memory

#endif  // LARDER_MEMORY_SIZE_CLASS_HPP
