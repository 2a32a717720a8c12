// What was measured: named series with one value per round, and the statistics that are told of them.
//
// Names read "operation/items/value/subject", for example "get zipf/1M/100B/larder". A ratio is taken within each
// round, where both sides met the same noise, and the median of the ratios is what counts.
#ifndef LARDER_TESTS_BENCH_THROUGHPUT_RESULTS_HPP
#define LARDER_TESTS_BENCH_THROUGHPUT_RESULTS_HPP

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct series {
  std::string name;
  std::string unit;
  std::vector<double> rounds;
};

// REQUIRES: not empty.
[[nodiscard]] double median(std::vector<double> values);

class results {
 public:
  // Appends the next round's value.
  void add(const std::string& name, std::string_view unit, double value);

  // nullopt if it was not measured.
  [[nodiscard]] std::optional<double> median_of(std::string_view name) const;
  // Median over the rounds of over / under.
  [[nodiscard]] std::optional<double> ratio(std::string_view over, std::string_view under) const;

  // Remembers something that is told with the results: page sizes, what was left out and why.
  void note(std::string text) { notes_.push_back(std::move(text)); }

  [[nodiscard]] const std::deque<series>& all() const noexcept { return all_; }
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

 private:
  [[nodiscard]] const series* find(std::string_view name) const;

  std::deque<series> all_;  // in the order of their first value
  std::vector<std::string> notes_;
};

// "10k", "1M", "5M"; "32B", "1KiB", "64KiB".
[[nodiscard]] std::string count_name(std::size_t count);
[[nodiscard]] std::string size_name(std::size_t bytes);

// A table of text; the first column is aligned to the left, the others to the right.
class table {
 public:
  explicit table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.size() == 1; }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A number with so many digits after the point, or "-" for none.
[[nodiscard]] std::string cell(std::optional<double> value, int digits);

}  // namespace bench

#endif  // LARDER_TESTS_BENCH_THROUGHPUT_RESULTS_HPP
