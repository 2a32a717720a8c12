// holder_watch: who holds what, and for how long. The segment does not say since when a pin is held, for a get must not
// read a clock; so the watch remembers what it saw at its last look.
#ifndef LARDER_CACHE_HOLDERS_HPP
#define LARDER_CACHE_HOLDERS_HPP

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "cache/housekeeping.hpp"
#include "memory/memory.hpp"

namespace larder::detail {

// The stripe + 1 whose lock the thread of a slot holds; 0: none.
[[nodiscard]] std::uint32_t stripe_locked_by(const segment& memory, std::uint32_t slot) noexcept;

class holder_watch {
 public:
  // Everything that the threads of the slots in use hold now, `except` that of one slot.
  [[nodiscard]] std::vector<holding> look(const segment& memory, std::uint32_t except);

 private:
  // A word of a slot that names something.
  struct sighting {
    std::uint64_t what = 0;  // the slot's generation and what the word names
    std::uint64_t since = 0;
    std::uint64_t look = 0;  // the last one that saw it
  };
  [[nodiscard]] holding look_at(const segment& memory, std::uint32_t index);
  [[nodiscard]] milliseconds seen_for(std::uint32_t slot, std::uint32_t word, std::uint64_t what);

  std::unordered_map<std::uint64_t, sighting> seen_;
  std::uint64_t now_ = 0;
  std::uint64_t look_ = 0;
};

}  // namespace larder::detail

#endif  // LARDER_CACHE_HOLDERS_HPP
