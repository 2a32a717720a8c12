// Segments of tests: names that nobody else uses, removed at the end, also after a failed assertion.
#ifndef LARDER_TESTS_SUPPORT_TEMP_CACHE_HPP
#define LARDER_TESTS_SUPPORT_TEMP_CACHE_HPP

#include <cstddef>
#include <string>

#include "larder/larder.hpp"

namespace support {

inline constexpr std::size_t mebibyte = std::size_t{1} << 20;

// A name that is free. Whatever gets it is removed by the destructor.
class temp_name {
 public:
  temp_name();
  ~temp_name();
  temp_name(const temp_name&) = delete;
  temp_name& operator=(const temp_name&) = delete;

  [[nodiscard]] const std::string& str() const noexcept { return name_; }

  // Where the segment of this name is found as a file.
  [[nodiscard]] std::string path() const { return "/dev/shm/" + name_; }
  [[nodiscard]] bool exists() const;

 private:
  std::string name_;
};

// Options for small segments that are made quickly.
[[nodiscard]] larder::create_options small(std::size_t capacity = 16 * mebibyte);

// A cache of its own for one test.
class temp_cache {
 public:
  explicit temp_cache(const larder::create_options& options = small(), const larder::open_options& open = {})
      : cache_(larder::cache::create(name_.str(), options, open)) {}
  explicit temp_cache(std::size_t capacity) : temp_cache(small(capacity)) {}

  [[nodiscard]] larder::cache& operator*() noexcept { return cache_; }
  [[nodiscard]] larder::cache* operator->() noexcept { return &cache_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_.str(); }
  [[nodiscard]] std::string path() const { return name_.path(); }

 private:
  temp_name name_;
  larder::cache cache_;
};

// What check() found, as text; empty if the segment is sound.
[[nodiscard]] std::string violations(const larder::cache& cache);

}  // namespace support

#endif  // LARDER_TESTS_SUPPORT_TEMP_CACHE_HPP
