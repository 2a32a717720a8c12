// The bytes of a sound segment of the smallest size, for tests to damage: 502 items, some with a time to live, one of them
// in a keyspace and one large.
#ifndef LARDER_TESTS_TOOL_SOUND_SEGMENT_HPP
#define LARDER_TESTS_TOOL_SOUND_SEGMENT_HPP

#include <chrono>
#include <string>

#include "support/temp_cache.hpp"
#include "tool/tool_process.hpp"

namespace tool_tests {

[[nodiscard]] inline std::string sound_segment() {
  support::temp_name name;
  {
    auto cache = larder::cache::create(name.str(), support::small(larder::min_capacity));
    cache.keyspace("users").put("key", "value");
    for (int i = 0; i < 500; ++i) {
      larder::put_options options;
      if (i % 3 == 0) options.ttl = std::chrono::hours(1);
      cache.put("key" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'), options);
    }
    cache.put("large", std::string(100'000, 'l'));
  }
  return read_file(name.path());
}

}  // namespace tool_tests

#endif  // LARDER_TESTS_TOOL_SOUND_SEGMENT_HPP
