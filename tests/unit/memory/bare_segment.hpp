// bare_segment: a segment without a cache, and actors that stand in its slots, for tests of the layers below the cache.
#ifndef LARDER_TESTS_UNIT_MEMORY_BARE_SEGMENT_HPP
#define LARDER_TESTS_UNIT_MEMORY_BARE_SEGMENT_HPP

#include <memory>
#include <string>

#include "memory/memory.hpp"
#include "segment/segment.hpp"
#include "support/temp_cache.hpp"

namespace support {

// A thread's place in a segment, as an attachment makes it: the slot is ACTIVE and its token taken. For the thread that
// made it, which ends it, too.
class attached_actor {
 public:
  attached_actor(const larder::segment& memory, const larder::memory::size_classes& classes, std::uint32_t index) {
    namespace layout = larder::layout;
    me_->memory = &memory;
    me_->classes = &classes;
    me_->slot = &memory.slot(index);
    me_->slot_index = index;
    me_->generation = me_->slot->generation.load();
    std::atomic<std::uint32_t>& used = memory.header().slots_used;
    std::uint32_t seen = used.load();
    while (seen <= index && !used.compare_exchange_weak(seen, index + 1)) {
    }
    static_cast<void>(me_->slot->token.take());
    me_->slot->state = layout::slot_word::make(layout::slot_state::active, 0, me_->generation).bits;
  }
  ~attached_actor() {
    me_->slot->token.let_go();
    me_->slot->generation.fetch_add(1);
    me_->slot->state = larder::layout::slot_word::make(larder::layout::slot_state::free).bits;
  }
  attached_actor(const attached_actor&) = delete;
  attached_actor& operator=(const attached_actor&) = delete;

  [[nodiscard]] larder::memory::actor& operator*() noexcept { return *me_; }
  [[nodiscard]] larder::memory::actor* operator->() noexcept { return me_.get(); }

 private:
  std::unique_ptr<larder::memory::actor> me_ = std::make_unique<larder::memory::actor>();
};

class bare_segment {
 public:
  explicit bare_segment(std::size_t capacity = mebibyte)
      : segment(larder::segment::create(name_.str(), small(capacity))) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_.str(); }

 private:
  temp_name name_;

 public:
  const larder::segment segment;
  const larder::memory::size_classes classes{segment.geometry()};
};

}  // namespace support

#endif  // LARDER_TESTS_UNIT_MEMORY_BARE_SEGMENT_HPP
