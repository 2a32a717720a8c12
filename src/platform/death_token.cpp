#include "platform/death_token.hpp"

#include <linux/futex.h>

#ifndef __GLIBC__
#error "the death token reads the lock word of glibc's pthread_mutex_t; other C libraries need their own accessor"
#endif

namespace larder::platform {

bool death_token::take() noexcept {
  pthread_mutexattr_t kind;
  if (::pthread_mutexattr_init(&kind) != 0) return false;
  const bool made = ::pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) == 0 &&
                    ::pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST) == 0 &&
                    ::pthread_mutex_init(&mutex_, &kind) == 0;
  ::pthread_mutexattr_destroy(&kind);
  return made && ::pthread_mutex_lock(&mutex_) == 0;
}

void death_token::let_go() noexcept { ::pthread_mutex_unlock(&mutex_); }

bool death_token::owner_died() const noexcept {
  const auto* word = reinterpret_cast<const unsigned*>(&mutex_.__data.__lock);
  return (__atomic_load_n(word, __ATOMIC_ACQUIRE) & FUTEX_OWNER_DIED) != 0;
}

}  // namespace larder::platform
