// linked_pin: a pin of the cache's own, for reading a linked item that was found by walking over cells and not by its key
// (eviction, draining, recovery, the walk of for_each over pages).
#ifndef LARDER_TABLE_LINKED_PIN_HPP
#define LARDER_TABLE_LINKED_PIN_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "memory/memory.hpp"
#include "table/find.hpp"

namespace larder::table {

// The item's key; nullopt unless all that the header says of sizes lies inside the segment (P6). The header is read once,
// since it may change while it is looked at; an item that is neither pinned nor under lock is looked at only so.
[[nodiscard]] inline std::optional<lookup_key> sane_key(const segment& memory, const layout::item& item) noexcept {
  const layout::item_shape shape(*static_cast<const volatile std::uint32_t*>(&item.shape_bits));
  if (!memory.holds(&item, shape.value_offset())) return std::nullopt;
  const std::uint64_t size = shape.is_large()
                                 ? *reinterpret_cast<const volatile std::uint64_t*>(item.at(shape.large_size_offset()))
                                 : shape.small_value_size();
  if (!memory.holds(item.at(shape.value_offset()), size)) return std::nullopt;
  const auto* key = reinterpret_cast<const char*>(item.at(shape.key_offset()));
  return parts_of({key, shape.key_size()}, shape.in_keyspace());
}

[[nodiscard]] inline bool is_sane(const segment& memory, const layout::item& item) noexcept {
  return sane_key(memory, item).has_value();
}

class linked_pin {
 public:
  // Takes the last free pin word of the thread: handles take the first ones.
  explicit linked_pin(memory::actor& me) noexcept : me_(me) {
    for (std::size_t i = layout::pins_per_slot; i-- > 0 && word_ == nullptr;) {
      if (me.slot->pins[i].load(std::memory_order_relaxed) == layout::no_cell) word_ = &me.slot->pins[i];
    }
  }
  ~linked_pin() {
    if (word_ != nullptr) unpin(*word_);
  }
  linked_pin(const linked_pin&) = delete;
  linked_pin& operator=(const linked_pin&) = delete;

  // False: the thread holds as many handles as it has pins.
  [[nodiscard]] bool available() const noexcept { return word_ != nullptr; }

  // The stamp of the cell, pinned until the next call. stamp_free if no cell begins there as its page is cut now (I15).
  // REQUIRES: available().
  [[nodiscard]] std::uint16_t pinned_stamp(layout::cell_ref cell) noexcept {
    const platform::speculation reading;
    const segment& memory = *me_.memory;
    pin(*word_, cell, memory.full_fences());
    if (!memory::is_cell(memory, *me_.classes, cell)) return layout::stamp_free;
    // acquire: pairs with the stamp's release stores. LINKED after the pin: not reused while pinned (I7)
    const std::uint16_t stamp = memory::stamp_of(memory, cell).load(std::memory_order_acquire);
    // Again: who drains the page may have looked for pins before this one, and have cut it anew since the first look.
    return memory::is_cell(memory, *me_.classes, cell) ? stamp : layout::stamp_free;
  }

  // The linked item in the cell, safe to read until the next call; nullptr if there is none.
  [[nodiscard]] layout::item* linked_item(layout::cell_ref cell) noexcept {
    const segment& memory = *me_.memory;
    if (!may_be_linked(cell) || pinned_stamp(cell) != layout::stamp_linked) return nullptr;
    layout::item* item = memory.item_at(cell);
    return is_sane(memory, *item) ? item : nullptr;
  }

 private:
  [[nodiscard]] bool may_be_linked(layout::cell_ref cell) const noexcept {
    const platform::speculation reading;
    return word_ != nullptr &&
           memory::stamp_of(*me_.memory, cell).load(std::memory_order_relaxed) == layout::stamp_linked;
  }

  memory::actor& me_;
  layout::atomic_ref32* word_ = nullptr;
};

}  // namespace larder::table

#endif  // LARDER_TABLE_LINKED_PIN_HPP
