// private_copy: a copy of everything in a cache, kept by nothing but what a subscription tells.
#ifndef LARDER_TESTS_SUPPORT_PRIVATE_COPY_HPP
#define LARDER_TESTS_SUPPORT_PRIVATE_COPY_HPP

#include <map>
#include <string>

#include "larder/larder.hpp"

namespace support {

class private_copy {
 public:
  // Of a keyspace the copy is its generation.
  static constexpr std::string_view keyspace = "listened to";

  explicit private_copy(larder::cache& cache);

  // Refreshes what is announced by now. Returns how many notices there were.
  std::size_t refresh();

  // The same, until the copy is what is in the cache; what still differs after a generous time, a line each. REQUIRES:
  // nobody changes anything meanwhile.
  [[nodiscard]] std::string catch_up();

  [[nodiscard]] const larder::subscription& feed() const noexcept { return feed_; }

 private:
  void hear(const larder::change& told);
  void copy_everything();
  [[nodiscard]] std::map<std::string, std::string> in_the_cache();

  larder::cache& cache_;
  larder::subscription feed_;
  std::map<std::string, std::string> copy_;
  std::uint64_t generation_ = 0;
};

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_PRIVATE_COPY_HPP
