// Where the output goes: whether people look at it there, in colour or not; and writing it, once and for all.
#ifndef LARDER_TOOL_OUTPUT_TERMINAL_HPP
#define LARDER_TOOL_OUTPUT_TERMINAL_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace larder::tool {

enum class tint : std::uint8_t { none, good, warning, bad, faint, strong };

class terminal {
 public:
  // Of a descriptor. `colour` is "auto" (a terminal, NO_COLOR is not set), "always" or "never".
  terminal(int descriptor, std::string_view colour);

  [[nodiscard]] bool is_for_people() const noexcept { return for_people_; }
  [[nodiscard]] bool has_colour() const noexcept { return colour_; }
  [[nodiscard]] std::size_t width() const noexcept;

  // The text in this tint; as it is without colour.
  [[nodiscard]] std::string tinted(std::string_view text, tint how) const;

 private:
  int descriptor_;
  bool for_people_;
  bool colour_;
};

// Collects what is written to a descriptor and writes it in large pieces. The reader may go away (`| head`): then
// wanted() is false and the command should end. Anything else that goes wrong is failure(cannot_open).
class writer {
 public:
  explicit writer(int descriptor) noexcept : descriptor_(descriptor) {}
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  // To be appended to; call settle() now and then.
  [[nodiscard]] std::string& text() noexcept { return text_; }
  void settle() {
    if (text_.size() >= piece) flush();
  }
  void flush();
  [[nodiscard]] bool wanted() const noexcept { return wanted_; }
  // The same, found out now: for who writes seldom.
  [[nodiscard]] bool is_read() noexcept;

 private:
  static constexpr std::size_t piece = std::size_t{256} << 10;
  int descriptor_;
  bool wanted_ = true;
  std::string text_;
};

}  // namespace larder::tool

#endif  // LARDER_TOOL_OUTPUT_TERMINAL_HPP
