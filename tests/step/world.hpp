// world: a segment, its survivor and the journal of both, which can be put back to what they were before anybody died.
//
// That is what makes a death cheap: the survivor's thread record and every byte of the segment are copied back, instead
// of being made anew. Nobody but the survivor is attached at that time, and it is the only one whose process goes on.
#ifndef LARDER_TESTS_STEP_WORLD_HPP
#define LARDER_TESTS_STEP_WORLD_HPP

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crash/survivor.hpp"
#include "step/row.hpp"
#include "step/tracee.hpp"
#include "support/shared_object.hpp"
#include "support/temp_cache.hpp"

namespace step {

class world {
 public:
  explicit world(const chain& what);

  // Everything as it was before anybody died.
  void reset();

  // A victim who stands at its mark.
  [[nodiscard]] std::unique_ptr<tracee> start(const row& victim);

  // Of a victim that is dead: it might be of another PID namespace, so that nothing but its tokens tells of its death.
  void hide(pid_t victim) const noexcept;

  // Lets the survivor go on: what is wrong, a line each. Nothing is left of the world but reset().
  [[nodiscard]] std::string judge(crash::first way);

  // What a victim that nobody killed has evicted: more than that may not be gone after a death.
  void learn_losses();

  [[nodiscard]] std::span<const std::byte> segment() const noexcept { return segment_; }
  [[nodiscard]] larder::stats stats() { return stage_->cache->stats(); }

 private:
  void perform(const row& victim);

  const chain& what_;
  support::temp_name name_;
  support::shared_object<crash::journal> notes_;
  std::optional<crash::stage> stage_;
  std::span<std::byte> segment_;  // the survivor's mapping of it
  std::span<std::byte> record_;   // the survivor's thread record
  crash::losses losses_;

  std::vector<std::byte> segment_before_;
  std::vector<std::byte> record_before_;
  std::vector<std::byte> notes_before_;
};

}  // namespace step

#endif  // LARDER_TESTS_STEP_WORLD_HPP
