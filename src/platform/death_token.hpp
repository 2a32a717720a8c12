// death_token: the proof that a thread has died, kept by the kernel.
//
// What it is: a robust, process-shared mutex in a thread's slot, locked by that thread for as long as it is attached and
// never locked by anybody else. When the thread ends in whatever way, the kernel marks the mutex word.
//
// Why not as the lock itself: robust mutexes that several processes wait for are marked "owner died" for the wrong
// owner across PID namespaces. A token has no waiters, so its evidence is never false; it may only be late.
//
// Ordering: `owner_died` reads with acquire; all that the dead thread stored is visible after it returned true.
#ifndef LARDER_PLATFORM_DEATH_TOKEN_HPP
#define LARDER_PLATFORM_DEATH_TOKEN_HPP

#include <pthread.h>

namespace larder::platform {

class death_token {
 public:
  // Makes the token unlocked and takes it for the calling thread. REQUIRES: nobody holds it, the caller owns the slot,
  // and its memory stays mapped until the thread ends or lets go.
  [[nodiscard]] bool take() noexcept;

  // REQUIRES: the calling thread took it.
  void let_go() noexcept;

  // True once the thread that took it has ended without letting go.
  [[nodiscard]] bool owner_died() const noexcept;

 private:
  pthread_mutex_t mutex_;
};

}  // namespace larder::platform

#endif  // LARDER_PLATFORM_DEATH_TOKEN_HPP
