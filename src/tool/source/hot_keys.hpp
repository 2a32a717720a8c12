// hot_keys: which items are read most, found by looking again and again at the pins: a thread that reads an item names its
// cell in a pin word. So an item that is read for a hundredth of the time is seen in a hundredth of the looks; nobody pays
// for it but who looks.
#ifndef LARDER_TOOL_SOURCE_HOT_KEYS_HPP
#define LARDER_TOOL_SOURCE_HOT_KEYS_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tool/source/source.hpp"

namespace larder::tool {

struct hot_key {
  std::uint64_t seen = 0;  // looks that saw it pinned
  double share = 0;        // of all pins that were seen
  std::string key;
};

class hot_keys {
 public:
  explicit hot_keys(const image& in) : in_(in) {}

  // Looks at all pins again and again for so long.
  void look(std::chrono::milliseconds length);

  [[nodiscard]] std::vector<hot_key> hottest(std::size_t count) const;
  [[nodiscard]] std::uint64_t looks() const noexcept { return looks_; }
  [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }
  void forget() noexcept;

 private:
  void note(layout::cell_ref cell);

  struct sighting {
    std::uint64_t count = 0;
    std::string key;  // as it was when it was seen first; empty: it was gone already
  };
  const image& in_;
  std::unordered_map<layout::cell_ref, sighting> cells_;
  std::uint64_t looks_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_SOURCE_HOT_KEYS_HPP
