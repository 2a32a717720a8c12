#include "trace.hpp"

#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "demo/compressed_lines.hpp"

namespace replay {
namespace {

constexpr std::string_view columns = "time,key,value_size,op,ttl";

// Takes the number at the front of `text`, and the comma behind it.
std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() + text.size() || *end != ',') {
    throw std::runtime_error("expected " + std::string(columns));
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

class reader {
 public:
  explicit reader(trace& to) : to_(to) {}

  void add(std::string_view line) {
    take_number(line);  // the time
    const std::uint32_t key = take_number(line);
    const std::uint32_t value_size = take_number(line);
    const std::string_view op = line.substr(0, line.find(','));
    if (op == "del") return;
    if (op != "get" && op != "set") throw std::runtime_error("unknown operation '" + std::string(op) + "'");
    if (key == 0 || value_size == 0) throw std::runtime_error("keys and sizes of values are positive");
    count(key, value_size);
    to_.requests.push_back({key, value_size});
  }

 private:
  void count(std::uint32_t key, std::uint32_t value_size) {
    if (key >= sizes_.size()) sizes_.resize(std::size_t{key} + key / 2 + 1);
    if (sizes_[key] == value_size) return;
    if (sizes_[key] != 0) throw std::runtime_error("the size of a value changed");
    sizes_[key] = value_size;
    ++to_.keys;
    to_.footprint += key_size + value_size;
    if (key > to_.largest_key) to_.largest_key = key;
  }

  trace& to_;
  std::vector<std::uint32_t> sizes_;  // by key; 0: not met yet
};

}  // namespace

trace read_trace(const std::string& path) {
  trace result;
  result.name = std::filesystem::path(path).filename().string();
  std::size_t line_number = 0;
  try {
    demo::compressed_lines lines(path);
    reader to(result);
    std::string line;
    while (lines.next(line)) {
      if (++line_number == 1) {
        if (line != columns) throw std::runtime_error("expected " + std::string(columns));
      } else {
        to.add(line);
      }
    }
    if (result.requests.empty()) throw std::runtime_error("no request in it");
  } catch (const std::runtime_error& problem) {
    const std::string where = line_number == 0 ? "" : ", line " + std::to_string(line_number);
    throw std::runtime_error(path + where + ": " + problem.what());
  }
  return result;
}

}  // namespace replay
