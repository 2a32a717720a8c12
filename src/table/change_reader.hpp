// change_reader: a subscriber's own place in the ring of changes (table/change_feed.hpp). It writes nothing that others
// read, but for the bell before it sleeps.
//
// Protocol
//
//     read       turn of record p is whole: copy; acquire fence; the turn is still the same: it is the notice of p
//                p is behind the ring's last round: go on within it; what was overtaken is missed
//                turn is marked by a dead thread for p: missed
//                otherwise somebody is about to write it: wait for it, but no longer than `patience`; then it is missed
//     sleep      bell odd; read again; futex wait on the bell
//
// Every position is delivered or counted as missed, exactly once.
#ifndef LARDER_TABLE_CHANGE_READER_HPP
#define LARDER_TABLE_CHANGE_READER_HPP

#include <cstdint>
#include <string_view>

#include "table/change_feed.hpp"

namespace larder::table {

class change_reader {
 public:
  // How long a change that is announced but not written yet holds up those behind it.
  static constexpr std::uint64_t patience_ms = 100;

  change_reader(const segment& memory, std::uint64_t from) noexcept : memory_(&memory), next_(from) {}

  enum class outcome : std::uint8_t { nothing, pending, found, missed };

  // found: what() and key() tell of it, until the next call. missed: missed() tells how many.
  [[nodiscard]] outcome read() noexcept;

  [[nodiscard]] layout::change_summary what() const noexcept { return what_; }
  [[nodiscard]] std::string_view key() const noexcept { return {key_, what_.key_size()}; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

  // How to sleep until something may be there: a = before_sleep(); read() again; if there is nothing, sleep(a, ...).
  [[nodiscard]] std::uint32_t before_sleep() const noexcept;
  void sleep(std::uint32_t bell, std::chrono::microseconds longest) const noexcept;

 private:
  enum class copied : std::uint8_t { whole, torn, without_key };

  [[nodiscard]] copied copy(std::uint64_t position) noexcept;
  [[nodiscard]] bool copy_tail(std::uint64_t first) noexcept;
  [[nodiscard]] outcome not_there(layout::change_turn seen) noexcept;
  [[nodiscard]] outcome miss(std::uint64_t count) noexcept;

  const segment* memory_;
  std::uint64_t next_;               // position
  std::uint64_t pending_since_ = 0;  // ms; 0: next_ is not waited for
  std::uint64_t missed_ = 0;
  layout::change_summary what_{0};
  char key_[max_key_size];
};

}  // namespace larder::table

#endif  // LARDER_TABLE_CHANGE_READER_HPP
