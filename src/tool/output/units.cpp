#include "tool/output/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "tool/exit.hpp"

namespace larder::tool {
namespace {

struct named_factor {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<named_factor, 13> byte_units{{{"", 1},
                                                   {"b", 1},
                                                   {"k", 1ULL << 10},
                                                   {"kb", 1ULL << 10},
                                                   {"kib", 1ULL << 10},
                                                   {"m", 1ULL << 20},
                                                   {"mb", 1ULL << 20},
                                                   {"mib", 1ULL << 20},
                                                   {"g", 1ULL << 30},
                                                   {"gb", 1ULL << 30},
                                                   {"gib", 1ULL << 30},
                                                   {"t", 1ULL << 40},
                                                   {"tib", 1ULL << 40}}};
constexpr std::array<named_factor, 7> time_units{
    {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

template <class Units>
std::uint64_t parse(std::string_view text, const Units& units, const char* advice) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem == std::errc() && std::isfinite(number) && number >= 0) {
    const std::string unit = lower(std::string_view(rest, static_cast<std::size_t>(end - rest)));
    for (const named_factor& known : units) {
      const double result = number * static_cast<double>(known.factor);
      if (unit == known.name && result < 9e18) return static_cast<std::uint64_t>(result);
    }
  }
  fail_usage("'" + std::string(text) + "' is not understood", std::string("write ") + advice);
}

}  // namespace

std::string decimal(double number, int places) {
  std::array<char, 400> text;
  const auto [end, problem] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed, places);
  return problem == std::errc() ? std::string(text.data(), end) : "?";
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr const char* names[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < std::size(names); ++unit) number /= 1024;
  return decimal(number, unit == 0 || number >= 100 ? 0 : 1) + names[unit];
}

std::string human_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  const std::string plural = noun.ends_with('s') ? "es" : "s";
  return human_count(count) + ' ' + std::string(noun) + (count == 1 ? "" : plural);
}

std::string human_duration(std::uint64_t ms) {
  const auto number = static_cast<double>(ms);
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60'000) return decimal(number / 1000, 1) + " s";
  if (ms < 3'600'000) return decimal(number / 60'000, 1) + " min";
  if (ms < 86'400'000) return decimal(number / 3'600'000, 1) + " h";
  return decimal(number / 86'400'000, 1) + " d";
}

std::string human_share(double share) { return decimal(share * 100, 1) + " %"; }

std::string human_rate(double per_second) {
  if (per_second < 1000) return decimal(per_second, per_second < 10 ? 1 : 0);
  if (per_second < 1e6) return decimal(per_second / 1e3, 1) + " k";
  return decimal(per_second / 1e6, 2) + " M";
}

std::uint64_t parse_bytes(std::string_view text) {
  return parse(text, byte_units, "a number of bytes like 1048576, 64MiB or 2g");
}

std::uint64_t parse_milliseconds(std::string_view text) {
  return parse(text, time_units, "a time like 250ms, 2s, 30min, 1h or 7d");
}

std::uint64_t parse_seconds(std::string_view text) {
  const bool has_unit = text.find_first_not_of("0123456789.") != std::string_view::npos;
  return parse_milliseconds(has_unit ? std::string(text) : std::string(text) + 's');
}

std::uint64_t parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || rest != end || text.empty())
    fail_usage("'" + std::string(text) + "' is no number", "write one like 42");
  return number;
}

unsigned parse_permissions(std::string_view text) {
  unsigned bits = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, bits, 8);
  if (problem != std::errc() || rest != end || text.empty() || bits > 0777)
    fail_usage("'" + std::string(text) + "' are no permissions", "write octal digits like 0660");
  return bits;
}

}  // namespace larder::tool
