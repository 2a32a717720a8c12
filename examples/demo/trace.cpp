// The parser of the five columns time,key,value_size,op,ttl.
#include "trace.hpp"

#include <charconv>
#include <stdexcept>
#include <string>
#include <system_error>

#include "compressed_lines.hpp"

namespace demo {
namespace {

// Takes the number at the front of `text`, and the comma behind it.
std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ',') {
    throw std::runtime_error("expected time,key,value_size,op,ttl");
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

std::array<char, 16> name_of(std::uint32_t number) {
  std::array<char, 16> name;
  name.fill('0');
  for (auto digit = name.rbegin(); number != 0; number /= 16) *digit++ = "0123456789abcdef"[number % 16];
  return name;
}

void add_request(trace& to, std::string_view line) {
  take_number(line);  // the time: here the requests are served as fast as they can be
  const std::uint32_t number = take_number(line);
  const std::uint32_t value_size = take_number(line);
  if (!line.starts_with("get,")) throw std::runtime_error("only get requests are served here");
  if (number == 0 || number > to.objects.size() + 1) throw std::runtime_error("keys are numbered by first appearance");
  if (number == to.objects.size() + 1) to.objects.push_back({name_of(number), value_size});
  if (to.objects[number - 1].value_size != value_size) throw std::runtime_error("the size of a value changed");
  to.requests.push_back(number - 1);
}

}  // namespace

std::size_t trace::footprint() const noexcept {
  std::size_t bytes = 0;
  for (const object& each : objects) bytes += each.name.size() + each.value_size;
  return bytes;
}

trace read_trace(const std::filesystem::path& file, std::size_t limit) {
  trace result;
  std::size_t line_number = 0;
  try {
    compressed_lines lines(file);
    std::string line;
    while (result.requests.size() < limit && lines.next(line)) {
      if (++line_number > 1) add_request(result, line);  // line 1 names the columns
    }
    if (result.requests.empty()) throw std::runtime_error("no request in it");
  } catch (const std::runtime_error& problem) {
    const std::string where = line_number == 0 ? "" : ", line " + std::to_string(line_number);
    throw std::runtime_error(file.string() + where + ": " + problem.what());
  }
  return result;
}

}  // namespace demo
