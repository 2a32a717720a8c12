#include "trace.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include "demo/trace_rows.hpp"

namespace replay {
namespace {

class reader {
 public:
  explicit reader(trace& to) : to_(to) {}

  void add(const demo::trace_row& row) {
    if (row.op == "del") return;
    if (row.op != "get" && row.op != "set") throw std::runtime_error("unknown operation '" + std::string(row.op) + "'");
    if (row.key == 0 || row.value_size == 0) throw std::runtime_error("keys and sizes of values are positive");
    count(row.key, row.value_size);
    to_.requests.push_back({row.key, row.value_size});
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
  reader to(result);
  demo::for_each_row(path, [&to](const demo::trace_row& row) {
    to.add(row);
    return true;
  });
  if (result.requests.empty()) throw std::runtime_error(path + ": no request in it");
  return result;
}

}  // namespace replay
