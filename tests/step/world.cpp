#include "step/world.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <thread>

#include "cache/cache_impl.hpp"
#include "support/eventually.hpp"

namespace step {
namespace {

std::span<std::byte> bytes_of(auto& object) { return {reinterpret_cast<std::byte*>(&object), sizeof object}; }

void copy_back(std::span<std::byte> to, const std::vector<std::byte>& from) {
  std::memcpy(to.data(), from.data(), from.size());
}

std::vector<std::byte> copy_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

world::world(const chain& what) : what_(what) {
  const setting& before = what.victims.front()->before;
  larder::create_options options = support::small(before.capacity);
  options.max_threads = what.max_threads;
  stage_.emplace(name_.str(), larder::cache::create(name_.str(), options, {.lock_timeout = support::generous}),
                 *notes_);
  static_cast<void>(stage_->cache->contains("attached from here on"));
  losses_.keys = before.keys;
  losses_.evicts = before.evicts;
  larder::detail::thread_record& record = *larder::detail::this_thread;
  segment_ = {record.me.memory->base(), record.me.memory->geometry().capacity};
  record_ = bytes_of(record);
  before.prepare(*stage_);
  segment_before_ = copy_of(segment_);
  record_before_ = copy_of(record_);
  notes_before_ = copy_of(bytes_of(*notes_));
  if (before.beside != nullptr) before.beside(*stage_);
}

void world::reset() {
  stage_->hand.release();  // what judge() has not come to
  stage_->ear.reset();
  copy_back(segment_, segment_before_);
  copy_back(record_, record_before_);
  copy_back(bytes_of(*notes_), notes_before_);
  if (const act beside = what_.victims.front()->before.beside; beside != nullptr) beside(*stage_);
}

std::unique_ptr<tracee> world::start(const row& victim) {
  return std::make_unique<tracee>([&] { perform(victim); });
}

void world::perform(const row& victim) {
  // Large values begin at the start of a page, so that they are copied by the same instructions every time.
  ::mallopt(M_MMAP_THRESHOLD, 1024);
  if (victim.by == entry::inherits) return victim.perform(*stage_);
  crash::stage own(name_.str(), larder::cache::open(name_.str(), {.lock_timeout = support::generous}), *notes_);
  static_cast<void>(own.cache->contains("attached from here on"));
  const auto its_part = [&] {
    if (victim.arrange != nullptr) victim.arrange(own);
    victim.perform(own);
  };
  if (victim.by == entry::thread) {
    std::jthread(its_part).join();
  } else {
    its_part();
  }
  std::fflush(nullptr);
  ::_exit(0);  // before anything is detached: the end of a victim is a death in any case
}

void world::hide(pid_t victim) const noexcept {
  constexpr std::uint64_t elsewhere = 1;  // the inode of no namespace
  larder::memory::for_each_used_slot(*larder::detail::this_thread->me.memory, [&](larder::layout::slot& slot) {
    const larder::layout::slot_word state{slot.state.load()};
    if (state.state() == larder::layout::slot_state::active && slot.pid == static_cast<std::uint32_t>(victim))
      slot.pid_space = elsewhere;
  });
}

std::string world::judge(crash::first way) {
  std::string wrong;
  for (const row* victim : what_.victims) {
    if (victim->verify != nullptr) wrong += victim->verify(*stage_);
  }
  return wrong + crash::go_on(*stage_, *notes_, losses_, way);
}

void world::learn_losses() {
  losses_.by_the_dead.assign(losses_.keys, false);
  for (std::size_t key = 0; key < losses_.keys; ++key) {
    const bool stored = notes_->now(key).what != crash::content::kind::absent;
    losses_.by_the_dead[key] = stored && !stage_->cache->contains(crash::key_of(key));
  }
}

}  // namespace step
