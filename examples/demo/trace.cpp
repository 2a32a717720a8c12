#include "trace.hpp"

#include <stdexcept>
#include <string>

#include "trace_rows.hpp"

namespace demo {
namespace {

std::array<char, 16> name_of(std::uint32_t number) {
  std::array<char, 16> name;
  name.fill('0');
  for (auto digit = name.rbegin(); number != 0; number /= 16) *digit++ = "0123456789abcdef"[number % 16];
  return name;
}

void add_request(trace& to, const trace_row& row) {
  if (row.op != "get") throw std::runtime_error("only get requests are served here");
  if (row.key == 0 || row.key > to.objects.size() + 1)
    throw std::runtime_error("keys are numbered by first appearance");
  if (row.key == to.objects.size() + 1) to.objects.push_back({name_of(row.key), row.value_size});
  if (to.objects[row.key - 1].value_size != row.value_size) throw std::runtime_error("the size of a value changed");
  to.requests.push_back(row.key - 1);
}

}  // namespace

std::size_t trace::footprint() const noexcept {
  std::size_t bytes = 0;
  for (const object& each : objects) bytes += each.name.size() + each.value_size;
  return bytes;
}

trace read_trace(const std::filesystem::path& file, std::size_t limit) {
  trace result;
  for_each_row(file.string(), [&](const trace_row& row) {
    if (result.requests.size() == limit) return false;
    add_request(result, row);
    return true;
  });
  if (result.requests.empty()) throw std::runtime_error(file.string() + ": no request in it");
  return result;
}

}  // namespace demo
