// limbo_places: a thread's private notes on its limbo: which words of it are vacant, which cells wait there for their last
// pin, which of those were there already at a certain moment, and which are kept, by size class, for the thread's own next
// items. Lost with the thread, and not missed: its slot's limbo names the same cells to whoever recovers it.
#ifndef LARDER_MEMORY_LIMBO_PLACES_HPP
#define LARDER_MEMORY_LIMBO_PLACES_HPP

#include <array>
#include <cstdint>
#include <utility>

#include "layout/layout.hpp"

namespace larder::memory {

class limbo_places {
 public:
  static constexpr std::uint16_t none = 0xFFFF;

  // Places that have ever been in use are those below this.
  [[nodiscard]] std::uint16_t used() const noexcept { return used_; }
  [[nodiscard]] bool is_vacant(std::uint16_t place) const noexcept { return use_[place] == use::vacant; }
  [[nodiscard]] bool is_kept(std::uint16_t place) const noexcept { return use_[place] == use::kept; }
  [[nodiscard]] bool waits(std::uint16_t place) const noexcept { return use_[place] >= use::waits; }
  [[nodiscard]] bool is_marked(std::uint16_t place) const noexcept { return use_[place] == marked_use_; }

  [[nodiscard]] bool has_vacancy(std::uint32_t capacity) const noexcept {
    return first_vacant_ != none || used_ < capacity;
  }
  [[nodiscard]] std::uint32_t waiting() const noexcept { return unmarked_ + marked_; }
  [[nodiscard]] std::uint32_t marked() const noexcept { return marked_; }
  [[nodiscard]] std::uint32_t unmarked() const noexcept { return unmarked_; }
  [[nodiscard]] std::uint32_t kept() const noexcept { return kept_; }
  // Where a kept cell of the class stands, or none.
  [[nodiscard]] std::uint16_t kept_of(std::uint32_t size_class) const noexcept { return first_kept_[size_class]; }

  // A vacant place, which becomes one that waits. REQUIRES: has_vacancy().
  [[nodiscard]] std::uint16_t take() noexcept {
    const std::uint16_t place = first_vacant_ != none ? first_vacant_ : used_++;
    if (place == first_vacant_) first_vacant_ = next_[place];
    use_[place] = unmarked_use_;
    ++unmarked_;
    return place;
  }
  // What was not marked, is. What was marked, is not any more.
  void mark() noexcept {
    std::swap(unmarked_use_, marked_use_);
    std::swap(unmarked_, marked_);
  }
  // A waiting place becomes a kept one.
  void keep(std::uint16_t place, std::uint32_t size_class) noexcept {
    end_waiting(place);
    use_[place] = use::kept;
    next_[place] = first_kept_[size_class];
    first_kept_[size_class] = place;
    ++kept_;
  }
  // The first kept place of its class, or a waiting one, becomes vacant.
  void vacate_kept(std::uint32_t size_class) noexcept {
    const std::uint16_t place = first_kept_[size_class];
    first_kept_[size_class] = next_[place];
    --kept_;
    make_vacant(place);
  }
  void vacate_waiting(std::uint16_t place) noexcept {
    end_waiting(place);
    make_vacant(place);
  }
  void vacate_all_kept() noexcept {
    for (std::uint16_t place = 0; place < used_ && kept_ > 0; ++place) {
      if (use_[place] != use::kept) continue;
      --kept_;
      make_vacant(place);
    }
    first_kept_ = nothing_kept();
  }

 private:
  // Of the two that wait, each is in turn what is marked.
  enum class use : std::uint8_t { vacant, kept, waits, waits_too };
  using heads = std::array<std::uint16_t, layout::max_classes>;
  static constexpr heads nothing_kept() noexcept {
    heads all{};
    all.fill(none);
    return all;
  }

  void end_waiting(std::uint16_t place) noexcept { --(is_marked(place) ? marked_ : unmarked_); }
  void make_vacant(std::uint16_t place) noexcept {
    use_[place] = use::vacant;
    next_[place] = first_vacant_;
    first_vacant_ = place;
  }

  std::uint16_t used_ = 0;
  std::uint16_t first_vacant_ = none;
  use unmarked_use_ = use::waits;
  use marked_use_ = use::waits_too;
  std::uint32_t unmarked_ = 0;
  std::uint32_t marked_ = 0;
  std::uint32_t kept_ = 0;
  heads first_kept_ = nothing_kept();
  std::array<std::uint16_t, layout::largest_limbo> next_{};  // of the list that the place is in
  std::array<use, layout::largest_limbo> use_{};
};

}  // namespace larder::memory

#endif  // LARDER_MEMORY_LIMBO_PLACES_HPP
