// A row of the matrix: an operation of a victim who is killed at every instruction of it.
#ifndef LARDER_TESTS_STEP_ROW_HPP
#define LARDER_TESTS_STEP_ROW_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crash/stage.hpp"
#include "support/temp_cache.hpp"

namespace step {

using act = void (*)(crash::stage&);

// What is there before anybody dies.
struct setting {
  act prepare = nullptr;    // the survivor does this once
  act beside = nullptr;     // and this before each death: what it holds meanwhile
  bool evicts = false;      // stores into it may evict
  std::size_t keys = 1024;  // that its rows may use
  std::size_t capacity = support::mebibyte;
};

// attached: opens the cache by itself and is attached before anybody dies. inherits: is forked after those before it have
// died, and attaches by its first use of what it inherited. thread: as attached, but a second thread performs.
enum class entry : std::uint8_t { attached, inherits, thread };

struct row {
  std::string_view name = {};
  setting before = {};
  act perform = nullptr;  // marks what is stepped
  entry by = entry::attached;
  act arrange = nullptr;                            // the victim does this first
  std::string (*verify)(crash::stage&) = nullptr;   // what the survivor looks at besides; an empty text if all is well
  std::uint64_t larder::stats::*counter = nullptr;  // must grow when nobody dies: the row is what its name says
};

// Who dies one after the other. Mostly one; else whoever repairs dies, too. All act in the first one's setting.
struct chain {
  std::string name;
  std::vector<const row*> victims;
  std::size_t max_threads = 0;
};

// Every chain, the single rows first.
[[nodiscard]] const std::vector<chain>& chains();

// Parts of the list, for chains().
[[nodiscard]] const std::vector<row>& writing_rows();
[[nodiscard]] const std::vector<row>& reading_rows();
[[nodiscard]] const std::vector<row>& making_room_rows();
[[nodiscard]] const std::vector<row>& attaching_rows();
[[nodiscard]] const std::vector<row>& announcing_rows();
[[nodiscard]] const std::vector<row>& housekeeping_rows();

}  // namespace step

#endif  // LARDER_TESTS_STEP_ROW_HPP
