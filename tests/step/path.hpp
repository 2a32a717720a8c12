// path: the addresses that an undisturbed victim came by, and for each the quick way to come there again.
//
// Stepping to instruction n costs n stops. So a victim runs at full speed to a breakpoint: some earlier instruction that
// the path comes by only a few times. From there it runs to another one, inside the loop that it is then in; the rest is
// stepped. That makes some hundred stops at most, where n is ten thousands.
#ifndef LARDER_TESTS_STEP_PATH_HPP
#define LARDER_TESTS_STEP_PATH_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include "step/tracee.hpp"

namespace step {

class path {
 public:
  // The next instruction is at this address. `changed`: the one before it changed what a death leaves.
  void add(std::uint64_t address, bool changed);

  // Places where a victim can be killed: before the first instruction, between any two, after the last.
  [[nodiscard]] std::size_t places() const noexcept { return address_.size(); }

  [[nodiscard]] std::uint64_t at(std::size_t place) const { return address_.at(place); }

  // Places at which a death leaves something else than at the one before.
  [[nodiscard]] const std::vector<std::size_t>& states() const noexcept { return states_; }

  // Leads a victim that stands at its mark to a place. False: it went another way, and is somewhere else.
  [[nodiscard]] bool lead(tracee& victim, std::size_t place) const;

  // The same, by nothing but steps: then it is at this place by definition. False: it ended before.
  [[nodiscard]] static bool step_to(tracee& victim, std::size_t place);

 private:
  // A run to a breakpoint.
  struct leap {
    std::size_t to = 0;
    std::uint32_t times = 0;  // hits; 0: no leap is worth it
  };
  class leaps;

  [[nodiscard]] leap first_leap(std::size_t place) const;

  std::vector<std::uint64_t> address_;
  std::vector<std::size_t> states_{0};
  mutable std::vector<leap> first_leaps_;  // made when first asked for
};

}  // namespace step

#endif  // LARDER_TESTS_STEP_PATH_HPP
