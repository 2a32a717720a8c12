#include "cache/cache_impl.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

#include "cache/recovery.hpp"

namespace larder::detail {
namespace {

// Those that are kept for the handles that are still out when their cache object ends.
constinit std::atomic<cache_impl*> kept{nullptr};

std::uint32_t clamped(milliseconds time) noexcept {
  return static_cast<std::uint32_t>(std::clamp<milliseconds::rep>(time.count(), 0, 0x7FFF'FFFF));
}

}  // namespace

process_page::process_page() : state_(static_cast<process_state*>(platform::allocate_wiped(sizeof(process_state)))) {
  if (state_ == nullptr) throw error(errno, std::system_category(), "attaching this process to a segment");
}

cache_impl::cache_impl(process_page page, segment memory, const open_options& options)
    : memory_(std::move(memory)),
      classes_(memory_.geometry()),
      lock_timeout_ms_(clamped(options.lock_timeout)),
      page_(std::move(page)),
      process_(page_.get()) {
  enter_process();
}

cache_impl::~cache_impl() { std::destroy_at(process_); }

void cache_impl::enter_process() noexcept {
  std::uint32_t expected = 0;
  if (process_->ready.load(std::memory_order_acquire) == 2) return;
  if (process_->ready.compare_exchange_strong(expected, 1, std::memory_order_acquire)) {
    // A new process_state in place, but for `ready`, which others wait for. What the parent's one held is the parent's.
    new (&process_->references) std::atomic<std::uint32_t>(1);  // the cache object
    new (&process_->identity) platform::process_identity(platform::this_process());
    new (&process_->mutex) std::mutex;
    process_->abandoned = nullptr;
    process_->ready.store(2, std::memory_order_release);
  }
  while (process_->ready.load(std::memory_order_acquire) != 2) {
  }
}

void cache_impl::release() noexcept {
  if (process_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void cache_impl::close() noexcept {
  enter_process();
  detach_thread(*this);
  if (!collect_abandoned(*this)) {
    // Handles outlive the cache object: so does this. The list says that it is no leak.
    next_kept_ = kept.load(std::memory_order_relaxed);
    while (!kept.compare_exchange_weak(next_kept_, this, std::memory_order_relaxed)) {
    }
  }
  release();
}

std::size_t cache_impl::reap() noexcept {
  thread_record* owner = record();
  if (owner == nullptr) return 0;
  const std::size_t count = recover_all(owner->me, platform::look::thorough);
  memory::reclaim(owner->me);
  memory::collect_orphans(owner->me);
  return count;
}

}  // namespace larder::detail
