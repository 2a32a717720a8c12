#include "daemon/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace larderd {
namespace {

struct suffix {
  std::string_view name;
  double factor;
};

// A number that is followed by one of the suffixes and by nothing else; in units of the suffix whose factor is 1.
template <std::size_t N>
std::optional<double> number_with_suffix(std::string_view text, const std::array<suffix, N>& suffixes) {
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto found = std::ranges::find(suffixes, rest, &suffix::name);
  return found == suffixes.end() ? std::nullopt : std::optional(number * found->factor);
}

[[noreturn]] void fail(const std::string& text, const char* what) { throw bad_value("'" + text + "' is " + what); }

}  // namespace

duration duration::parse(const std::string& text) {
  static constexpr std::array<suffix, 4> suffixes{{{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}}};
  if (text == "0" || text == "off") return {};
  const std::optional<double> ms = number_with_suffix(text, suffixes);
  if (!ms || *ms < 1 || *ms > 1e12) fail(text, "no duration; write a number with ms, s, min or h, like 250ms");
  return {std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(*ms))};
}

byte_size byte_size::parse(const std::string& text) {
  static constexpr std::array<suffix, 5> suffixes{
      {{"", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776}}};
  const std::optional<double> bytes = number_with_suffix(text, suffixes);
  if (!bytes || *bytes > 1e15) fail(text, "no size; write a number of bytes, or one with KiB, MiB or GiB, like 64MiB");
  return {static_cast<std::uint64_t>(*bytes)};
}

share share::parse(const std::string& text) {
  static constexpr std::array<suffix, 1> suffixes{{{"%", 0.01}}};
  if (text == "0" || text == "off") return {};
  const std::optional<double> value = number_with_suffix(text, suffixes);
  if (!value || *value > 0.5) fail(text, "no share; write a percentage up to 50%, like 1%");
  return {*value};
}

permission_bits permission_bits::parse(const std::string& text) {
  unsigned bits = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bits, 8);
  if (failed != std::errc() || end != text.data() + text.size() || (bits & ~0666U) != 0 || (bits & 0600U) != 0600U)
    fail(text, "no permission of a segment; write octal bits that let the owner read and write, like 0660");
  return {bits};
}

yes_or_no yes_or_no::parse(const std::string& text) {
  if (text == "yes") return {true};
  if (text == "no") return {false};
  fail(text, "neither yes nor no");
}

}  // namespace larderd
