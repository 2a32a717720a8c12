// A small language for tests about which keys are there: a cache from int to int. `miss` stands for "not there".
#ifndef LARDER_TESTS_SUPPORT_INT_CACHE_HPP
#define LARDER_TESTS_SUPPORT_INT_CACHE_HPP

#include <string>

#include "support/temp_cache.hpp"

namespace support {

inline constexpr int miss = -1;

class int_cache {
 public:
  explicit int_cache(std::size_t capacity = 16 * mebibyte) : sut_(capacity) {}

  [[nodiscard]] larder::cache& sut() noexcept { return *sut_; }

  bool insert(int key, int value) { return ok(sut_->put(encode(key), larder::object_bytes(value))); }
  [[nodiscard]] int lookup(int key) { return decode(sut_->get(encode(key))); }
  bool erase(int key) { return ok(sut_->erase(encode(key))); }
  [[nodiscard]] larder::read_handle pin(int key) { return sut_->get(encode(key)); }

  [[nodiscard]] static int decode(const larder::read_handle& handle) {
    const int* value = handle.as<int>();
    return value ? *value : miss;
  }

  // How many of the keys from `first` up to, but not including, `last` are there.
  [[nodiscard]] int present(int first, int last) {
    int count = 0;
    for (int key = first; key < last; ++key) count += lookup(key) != miss;
    return count;
  }

 private:
  [[nodiscard]] static std::string encode(int key) { return "key " + std::to_string(key); }

  temp_cache sut_;
};

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_INT_CACHE_HPP
