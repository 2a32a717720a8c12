// Messages of the failure vocabulary.
#include "larder/status.hpp"

namespace larder {

std::string_view to_string(status s) noexcept {
  switch (s) {
    case status::ok:
      return "ok";
    case status::not_found:
      return "not found";
    case status::exists:
      return "exists already";
    case status::version_mismatch:
      return "changed since its version was read";
    case status::no_space:
      return "no space: everything in the way is pinned or in use, or a full cache refuses";
    case status::too_large:
      return "too large for this segment";
    case status::not_numeric:
      return "not a counter of 8 bytes";
    case status::timed_out:
      return "timed out behind a stopped process";
    case status::detached:
      return "not attached";
    case status::not_a_cache:
      return "not a larder segment";
    case status::layout_mismatch:
      return "made by an incompatible build";
    case status::damaged:
      return "damaged";
    case status::no_memory:
      return "not enough shared memory on this host";
    case status::bad_argument:
      return "bad argument";
  }
  return "unknown status";
}

namespace {

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "larder"; }
  [[nodiscard]] std::string message(int code) const override {
    return std::string(to_string(static_cast<status>(code)));
  }
};

}  // namespace

const std::error_category& larder_category() noexcept {
  static const category instance;
  return instance;
}

std::error_code make_error_code(status s) noexcept { return {static_cast<int>(s), larder_category()}; }

}  // namespace larder
