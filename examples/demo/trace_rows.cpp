#include "trace_rows.hpp"

#include <charconv>
#include <stdexcept>
#include <system_error>

#include "compressed_lines.hpp"

namespace demo {
namespace {

constexpr std::string_view columns = "time,key,value_size,op,ttl";

[[noreturn]] void fail() { throw std::runtime_error("expected " + std::string(columns)); }

// Takes the number at the front of `text`, and the comma behind it.
std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ',') fail();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

trace_row parse(std::string_view line) {
  take_number(line);  // the time
  trace_row row;
  row.key = take_number(line);
  row.value_size = take_number(line);
  row.op = line.substr(0, line.find(','));
  return row;
}

}  // namespace

void for_each_row(const std::string& path, const std::function<bool(const trace_row&)>& use) {
  std::size_t line_number = 0;
  try {
    compressed_lines lines(path);
    for (std::string line; lines.next(line);) {
      if (++line_number == 1) {
        if (line != columns) fail();
      } else if (!use(parse(line))) {
        return;
      }
    }
  } catch (const std::runtime_error& problem) {
    const std::string where = line_number == 0 ? "" : ", line " + std::to_string(line_number);
    throw std::runtime_error(path + where + ": " + problem.what());
  }
}

}  // namespace demo
