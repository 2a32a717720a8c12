// One process, a full cache of large values: what a put takes, and how much of the segment the values fill.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

struct sizes {
  const char* name;
  std::size_t smallest;
  std::size_t largest;
};

constexpr std::array<sizes, 4> all_sizes = {{
    {"64KiB", 65'536, 65'536},
    {"130-140kB", 130'000, 140'000},
    {"260-280kB", 260'000, 280'000},
    {"40-200kB", 40'000, 200'000},
}};

// Values of random sizes, and the time of their puts.
class stream {
 public:
  stream(const sizes& of, std::size_t capacity, bool huge_pages)
      : sizes_(of), cache_(capacity, huge_pages), value_(of.largest, 'v'), copy_(value_.size()) {}

  // Microseconds a put; and the same for copying the value elsewhere.
  [[nodiscard]] double time_puts(std::size_t count) {
    return time(count, [&](std::string_view value) {
      demand(cache_.put("large/" + std::to_string(next_++), value), "a put into a full cache failed");
    });
  }
  [[nodiscard]] double time_copies(std::size_t count) {
    return time(count, [&](std::string_view value) {
      std::memcpy(copy_.data(), value.data(), value.size());
      asm volatile("" : : "r"(copy_.data()) : "memory");
    });
  }
  [[nodiscard]] bool is_full() const { return cache_.stats().evictions != 0; }
  [[nodiscard]] std::uint64_t bytes_of_values() { return cache_.bytes_of_values(); }

 private:
  template <class Use>
  [[nodiscard]] double time(std::size_t count, Use use) {
    std::uniform_int_distribution<std::size_t> size(sizes_.smallest, sizes_.largest);
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) use(std::string_view(value_.data(), size(random_)));
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return took.count() / static_cast<double>(count);
  }

  const sizes& sizes_;
  larder_cache cache_;
  std::string value_;
  std::vector<char> copy_;
  std::mt19937_64 random_{1};
  std::size_t next_ = 0;
};

}  // namespace

void run_large_values(const context& ctx) {
  const std::size_t capacity = std::size_t{ctx.chosen.quick ? 64U : 1024U} << 20;
  const auto share = [&](std::uint64_t bytes) {
    return 100.0 * static_cast<double>(bytes) / static_cast<double>(capacity);
  };
  table lines({"values", "full at the first eviction", "full after", "us per put", "us per copy"});
  for (const sizes& of : all_sizes) {
    const std::string name = std::string("large values/") + of.name + "/";
    if (!ctx.chosen.wants(name + "larder")) continue;
    std::fprintf(stderr, "large values: %s\n", of.name);
    stream puts(of, capacity, ctx.chosen.huge_pages);
    while (!puts.is_full()) static_cast<void>(puts.time_puts(1));
    const double at_first = share(puts.bytes_of_values());
    const std::size_t count = 4 * capacity / of.largest;
    static_cast<void>(puts.time_puts(count));  // until what was stored in order is all gone
    const double time = puts.time_puts(count);
    const double later = share(puts.bytes_of_values());
    ctx.into.add(name + "larder", "us", time);
    ctx.into.add(name + "copy", "us", puts.time_copies(count));
    ctx.into.add(name + "larder, of the capacity", "%", later);
    lines.row({of.name, cell(at_first, 1) + " %", cell(later, 1) + " %", cell(time, 1),
               cell(ctx.into.median_of(name + "copy"), 1)});
  }
  if (!lines.empty()) std::printf("\nLarge values, a full cache of %zu MiB\n%s", capacity >> 20, lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace bench
