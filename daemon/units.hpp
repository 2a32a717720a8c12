// The kinds of values that settings have, as people write them: 250ms, 64MiB, 1%, 0660.
//
// parse() throws bad_value, whose text says what was written, what is wrong with it, and what to write instead.
#ifndef LARDER_DAEMON_UNITS_HPP
#define LARDER_DAEMON_UNITS_HPP

#include <boost/any.hpp>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace larderd {

class bad_value : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// 250ms, 2s, 30min, 1h; 0 or off.
struct duration {
  std::chrono::milliseconds value{0};
  [[nodiscard]] static duration parse(const std::string& text);
};

// 1048576, 64MiB, 2GiB.
struct byte_size {
  std::uint64_t value = 0;
  [[nodiscard]] static byte_size parse(const std::string& text);
};

// 1%, 0.5%; 0 or off.
struct share {
  double value = 0;
  [[nodiscard]] static share parse(const std::string& text);
};

// Octal permission bits: 0660.
struct permission_bits {
  unsigned value = 0;
  [[nodiscard]] static permission_bits parse(const std::string& text);
};

struct yes_or_no {
  bool value = false;
  [[nodiscard]] static yes_or_no parse(const std::string& text);
};

// How Boost.Program_options reads them.
template <class T>
concept unit = requires(const std::string& text) {
  { T::parse(text) } -> std::same_as<T>;
};
template <unit T>
void validate(boost::any& out, const std::vector<std::string>& texts, T*, int) {
  out = T::parse(texts.back());
}

}  // namespace larderd

#endif  // LARDER_DAEMON_UNITS_HPP
