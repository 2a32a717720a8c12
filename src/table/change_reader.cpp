#include "table/change_reader.hpp"

#include <algorithm>
#include <cstring>

#include "table/stripe_lock.hpp"

namespace larder::table {

using layout::change_record;
using layout::change_summary;
using layout::change_turn;
using layout::change_words;

namespace {

// The words of a record, if they are those of the position throughout.
bool copy_words(const change_record& record, std::uint64_t position, change_words& to) noexcept {
  // acquire: after the words were written; pairs with `whole`
  if (record.turn.load(std::memory_order_acquire) != change_turn::whole(position).bits) return false;
  for (std::size_t i = 0; i < layout::words_per_change; ++i) to[i] = record.words[i].load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);  // pairs with the release fence behind the mark
  return record.turn.load(std::memory_order_relaxed) == change_turn::whole(position).bits;
}

}  // namespace

change_reader::outcome change_reader::read() noexcept {
  const change_ring ring = change_ring::of_changes(*memory_);
  for (;;) {
    // seq_cst: after before_sleep; pairs with the claim
    const std::uint64_t head = ring.next.load(std::memory_order_seq_cst);
    const std::uint64_t behind = head - next_;
    if (behind == 0) return outcome::nothing;
    if (behind > ring.length) {
      // A little less than what is still there, so as not to be overtaken again at once. (Of a damaged `next`: from there.)
      const std::uint64_t skipped = behind - std::min(behind, ring.length - ring.length / 4);
      return miss(std::max<std::uint64_t>(skipped, 1));
    }
    const change_turn seen{ring.at(next_).turn.load(std::memory_order_seq_cst)};
    if (seen.bits != change_turn::whole(next_).bits) {
      if (ring.next.load(std::memory_order_acquire) - next_ > ring.length) continue;
      return not_there(seen);
    }
    const copied how = copy(next_);
    if (how == copied::torn) continue;
    if (how == copied::without_key) return miss(1);
    ++next_;
    pending_since_ = 0;
    return outcome::found;
  }
}

change_reader::copied change_reader::copy(std::uint64_t position) noexcept {
  change_words record;
  if (!copy_words(change_ring::of_changes(*memory_).at(position), position, record)) return copied::torn;
  what_ = change_summary(record[0]);
  const std::size_t size = what_.key_size();
  if (what_.kind() >= change_kind::missed) return copied::without_key;  // a damaged one
  std::memcpy(key_, &record[1], size <= layout::inline_key_size ? size : layout::key_head_size);
  if (size <= layout::inline_key_size) return copied::whole;
  return copy_tail(record[layout::words_per_change - 1]) ? copied::whole : copied::without_key;
}

// False: it was overtaken, or never finished.
bool change_reader::copy_tail(std::uint64_t first) noexcept {
  const change_ring ring = change_ring::of_tails(*memory_);
  const std::size_t size = what_.key_size();
  for (std::size_t at = layout::key_head_size; at < size; at += layout::key_tail_size, ++first) {
    change_words part;
    if (!copy_words(ring.at(first), first, part)) return false;
    std::memcpy(key_ + at, part.data(), std::min(size - at, layout::key_tail_size));
  }
  return true;
}

// The record of next_ is not whole, and its round is the ring's last.
change_reader::outcome change_reader::not_there(change_turn seen) noexcept {
  const bool died =
      seen.is_marked() && seen.is_of(next_) && is_dead(*memory_, seen.writer().slot(), seen.writer().generation());
  const std::uint64_t now = platform::coarse_now();
  if (pending_since_ == 0) pending_since_ = now;
  return died || now - pending_since_ >= patience_ms ? miss(1) : outcome::pending;
}

change_reader::outcome change_reader::miss(std::uint64_t count) noexcept {
  next_ += count;
  pending_since_ = 0;
  missed_ = count;
  return outcome::missed;
}

std::uint32_t change_reader::before_sleep() const noexcept {
  std::atomic<std::uint32_t>& bell = memory_->header().feed.bell;
  std::uint32_t seen = bell.load(std::memory_order_seq_cst);
  // seq_cst: before the ring is looked at once more; pairs with ring_the_bell
  while (seen % 2 == 0 && !bell.compare_exchange_weak(seen, seen + 1, std::memory_order_seq_cst)) {
  }
  return seen | 1U;
}

void change_reader::sleep(std::uint32_t bell, std::chrono::microseconds longest) const noexcept {
  platform::futex_wait(memory_->header().feed.bell, bell, longest);
}

}  // namespace larder::table
