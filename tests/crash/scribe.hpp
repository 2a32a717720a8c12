// scribe: calls a cache and keeps the journal. Survivors and those who will be killed use the same one.
#ifndef LARDER_TESTS_CRASH_SCRIBE_HPP
#define LARDER_TESTS_CRASH_SCRIBE_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "crash/journal.hpp"
#include "larder/larder.hpp"

namespace crash {

class scribe {
 public:
  // Told just before each call of the cache, and just after it.
  struct watcher {
    void (*begin)() = nullptr;
    void (*end)() = nullptr;
  };

  scribe(larder::cache& cache, journal& notes) noexcept : cache_(cache), notes_(notes) {}

  bool may_be_refused = false;  // a put may find no room, and then changes nothing

  void watch_with(watcher tell) noexcept { watcher_ = tell; }

  [[nodiscard]] larder::cache& cache() noexcept { return cache_; }
  [[nodiscard]] const journal& notes() const noexcept { return notes_; }

  // Each throws std::runtime_error when the call answers what it must not.
  bool put(std::size_t key, std::size_t size, const larder::put_options& options = {});  // false: refused
  void put_range(std::size_t first, std::size_t last, std::size_t size);
  void add(std::size_t key, std::size_t size);      // to a key that is absent
  void replace(std::size_t key, std::size_t size);  // of one that is there
  void put_expired(std::size_t key, std::size_t size);
  void cas(std::size_t key, std::size_t size);
  void reserve_and_commit(std::size_t key, std::size_t size, std::size_t used);
  void append(std::size_t key, std::size_t bytes);  // to a key that is absent or a stream
  void prepend_nothing(std::size_t key);            // which makes the item anew, as it is
  void increment(std::size_t key);                  // one that is absent or a number
  void touch(std::size_t key);
  void erase(std::size_t key);
  void clear();

  // A handle of a key that is there, which stays out until the scribe's end or release().
  void hold(std::size_t key);
  // A reservation that stays open as long.
  void reserve(std::size_t key, std::size_t size);
  void release() noexcept;
  // True if all that is held still reads as it did when it was taken (guarantee B).
  [[nodiscard]] bool held_are_unchanged() const;

 private:
  struct holding {
    larder::read_handle handle;
    std::string bytes;
  };

  [[nodiscard]] content sealed_next(std::size_t key, std::size_t size) const noexcept;
  // Absent, and the number that the next value follows: no two values of a key are the same.
  [[nodiscard]] content gone(std::size_t key) const noexcept;
  void settle(std::size_t key, larder::status outcome, content what, const char* call);

  // Calls a cache: the watcher is told of nothing but the call itself.
  template <class Call>
  auto during(Call call) {
    if (watcher_.begin != nullptr) watcher_.begin();
    auto result = call();
    if (watcher_.end != nullptr) watcher_.end();
    return result;
  }

  larder::cache& cache_;
  journal& notes_;
  watcher watcher_;
  std::vector<holding> held_;
  std::vector<larder::reservation> reserved_;
};

}  // namespace crash

#endif  // LARDER_TESTS_CRASH_SCRIBE_HPP
