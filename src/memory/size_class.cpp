#include "memory/size_class.hpp"

#include <algorithm>

#include "platform/platform.hpp"

namespace larder::memory {
namespace {

constexpr std::uint32_t smallest_cell = 24;  // 12 bytes of header, a key of 1 byte, padding
constexpr std::uint32_t fine_up_to = 128;
constexpr std::uint32_t steps_per_size = 12;

// How many cells of a size fit beside their free bits and expiry bounds, and where they start.
cell_class fit(std::uint32_t size, std::uint32_t page_size, std::uint32_t unit) noexcept {
  cell_class c;
  c.size = size;
  for (c.count = page_size / size; c.count > 0; --c.count) {
    const auto before =
        c.bit_words() * static_cast<std::uint32_t>(sizeof(std::uint64_t) + sizeof(layout::atomic_bound));
    c.area = (before + unit - 1) / unit * unit;
    if (c.area + std::uint64_t{c.count} * size + layout::cell_shift <= page_size) break;
  }
  return c;
}

}  // namespace

size_classes::size_classes(const layout::geometry& areas)
    : frame_size_(areas.frame_size()),
      largest_request_((areas.page_count / 2) * areas.page_size() - layout::cell_shift) {
  const auto unit = 1U << areas.unit_shift;
  const auto largest = static_cast<std::uint32_t>(areas.page_size() / 8);
  std::uint32_t size = (smallest_cell + unit - 1) / unit * unit;
  do {
    add(size, areas);
    const std::uint32_t step = size < fine_up_to ? unit : std::max(unit, size / steps_per_size);
    size = std::max((size + step) / unit * unit, classes_[count_ - 1].size + unit);
  } while (classes_[count_ - 1].size < largest);
  LARDER_ASSERT(count_ <= areas.class_count);  // or geometry.cpp counts wrong
  largest_cell_ = largest;
  lookup_.resize(largest_cell_ / 8 + 1);
  std::uint32_t at = 1;
  for (std::size_t i = 0; i < lookup_.size(); ++i) {
    while (classes_[at].size < i * 8) ++at;
    lookup_[i] = static_cast<std::uint8_t>(at);
  }
}

void size_classes::add(std::uint32_t cell_size, const layout::geometry& areas) {
  const auto unit = 1U << areas.unit_shift;
  const auto page_size = static_cast<std::uint32_t>(areas.page_size());
  cell_class c = fit(cell_size, page_size, unit);
  // The tail of the page goes to the cells, unless that would be a step of its own (small cells: exact sizes matter).
  const std::uint32_t stretched = (page_size - c.area - layout::cell_shift) / c.count / unit * unit;
  if (cell_size > fine_up_to) c.size = stretched;
  c.reciprocal = static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + c.size - 1) / c.size);
  classes_[count_++] = c;
}

}  // namespace larder::memory
