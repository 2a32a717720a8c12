// Time to attach to a segment of 4 GiB: cache::open in a process that has just started, and then its first get.
//
// The segment is sparse, so that the benchmark does not need 4 GiB: opening looks at the header, not at the items.
#include <unistd.h>

#include <cstdio>

#include "crew.hpp"
#include "larder/larder.hpp"
#include "measure.hpp"
#include "suites.hpp"
#include "ticks.hpp"

namespace bench {
namespace {

constexpr std::size_t capacity = std::size_t{4} << 30;
constexpr std::size_t opens = 20;

// A segment that is removed again whatever happens in this process.
class named_segment {
 public:
  named_segment() : name_("larder-bench-attach-" + std::to_string(::getpid())) {
    larder::cache cache =
        larder::cache::create(name_, {.capacity = capacity, .reserve_memory = false, .huge_pages = false});
    demand(ok(cache.put("present", "12345678")), "attach: a put into an empty cache failed");
  }
  named_segment(const named_segment&) = delete;
  named_segment& operator=(const named_segment&) = delete;
  ~named_segment() { larder::cache::remove(name_); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

// Milliseconds of open, and of open and the first get together.
reading time_open(const std::string& name) {
  const std::uint64_t start = begin_ticks();
  larder::cache cache = larder::cache::open(name);
  const std::uint64_t opened = end_ticks();
  const bool right = cache.get("present").view() == "12345678";
  const std::uint64_t got = end_ticks();
  demand(right, "attach: a get returned a wrong value or none");
  const double ms = ns_per_tick() / 1e6;
  return {static_cast<double>(opened - start) * ms, static_cast<double>(got - start) * ms, 0};
}

}  // namespace

void run_attach(const context& ctx) {
  const std::string name = "attach/4GiB/larder";
  const std::string with_get = "attach and first get/4GiB/larder";
  if (!ctx.chosen.wants(name)) return;
  std::fprintf(stderr, "attach: %zu opens\n", opens);
  const named_segment segment;
  for (std::size_t at = 0; at < opens; ++at) {
    const reading ms = run_forked([&] { return time_open(segment.name()); });
    ctx.into.add(name, "ms", ms[0]);
    ctx.into.add(with_get, "ms", ms[1]);
  }
  table lines({"ms, median of 20 processes", "larder"});
  lines.row({"open", cell(ctx.into.median_of(name), 3)});
  lines.row({"open and first get", cell(ctx.into.median_of(with_get), 3)});
  std::printf("\nAttaching to a segment of 4 GiB\n%s", lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace bench
