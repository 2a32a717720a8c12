#include "results.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

void results::add(const std::string& name, std::string_view unit, double value) {
  auto found = std::find_if(all_.begin(), all_.end(), [&](const series& s) { return s.name == name; });
  if (found == all_.end()) found = all_.insert(all_.end(), series{name, std::string(unit), {}});
  found->rounds.push_back(value);
}

const series* results::find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const series& s) { return s.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

std::optional<double> results::median_of(std::string_view name) const {
  const series* found = find(name);
  if (found == nullptr) return std::nullopt;
  return median(found->rounds);
}

std::optional<double> results::ratio(std::string_view over, std::string_view under) const {
  const series* above = find(over);
  const series* below = find(under);
  if (above == nullptr || below == nullptr) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < std::min(above->rounds.size(), below->rounds.size()); ++round) {
    ratios.push_back(above->rounds[round] / below->rounds[round]);
  }
  return median(std::move(ratios));
}

std::string count_name(std::size_t count) {
  if (count >= 1'000'000 && count % 1'000'000 == 0) return std::to_string(count / 1'000'000) + "M";
  if (count >= 1'000 && count % 1'000 == 0) return std::to_string(count / 1'000) + "k";
  return std::to_string(count);
}

std::string size_name(std::size_t bytes) {
  if (bytes >= 1024 && bytes % 1024 == 0) return std::to_string(bytes / 1024) + "KiB";
  return std::to_string(bytes) + "B";
}

std::string table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    text += "  ";
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - row[column].size(), ' ');
      text += column == 0 ? row[column] + padding : "  " + padding + row[column];
    }
    text += '\n';
  }
  return text;
}

std::string cell(std::optional<double> value, int digits) {
  if (!value) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, *value);
  return text;
}

}  // namespace bench
