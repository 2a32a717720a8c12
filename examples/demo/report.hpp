// The table at the end, and the sentence under it.
#ifndef LARDER_DEMO_REPORT_HPP
#define LARDER_DEMO_REPORT_HPP

#include <cstddef>
#include <optional>

#include "fleet.hpp"
#include "keeper.hpp"

namespace demo {

struct comparison {
  std::size_t workers;
  std::size_t memory;                                  // bytes: what each of the two runs was given
  run_result private_caches;                           // memory / workers in each worker
  run_result larder;                                   // one segment of all the memory
  std::optional<keeper_report> daemon = std::nullopt;  // what larderd did meanwhile, if it was there
};

void print_table(const comparison& of);

// Prints the one-line result. True if every value was right and larder read the origin less often.
[[nodiscard]] bool print_result(const comparison& of);

}  // namespace demo

#endif  // LARDER_DEMO_REPORT_HPP
