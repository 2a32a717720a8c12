// One process, present keys: get of items that are not plain, or whose keys are of other sizes, each form in a cache of its
// own, beside that of plain ones.
#include <cstdio>
#include <memory>

#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

constexpr std::size_t value_size = 100;

struct form {
  const char* name;
  larder::put_options options;
  bool in_keyspace = false;
  key_sizes keys = key_sizes::mixed;
};

const std::array<form, 8> forms = {{
    {"plain", {}},
    {"with an expiry", {.ttl = std::chrono::hours(1)}},
    {"with expiry and flags", {.ttl = std::chrono::hours(1), .flags = 7}},
    {"with keys of 7-15 B", {}, false, key_sizes::few},
    {"with keys of 49-100 B", {}, false, key_sizes::many},
    {"in a keyspace", {}, true},
    {"in a keyspace, keys of 7-15 B", {}, true, key_sizes::few},
    {"in a keyspace, keys of 49-100 B", {}, true, key_sizes::many},
}};

// The items of one form.
class subject {
 public:
  subject(const form& of, std::size_t items, bool huge_pages)
      : form_(of),
        block_(value_size, of.keys),
        cache_(larder_cache::capacity_for(items, value_size + most_of_a_key - longest_key), huge_pages),
        keyspace_(cache_.keyspace()) {
    const std::vector<key_index> all = in_order(0, items);
    fill(*this, all, block_);
    time_gets(all);  // their first hits
  }

  bool insert(std::string_view key, std::string_view value) noexcept {
    if (!form_.in_keyspace) return cache_.put(key, value, form_.options);
    return ok(keyspace_.put(key, value, form_.options));
  }

  double time_gets(std::span<const key_index> indices) {
    return time_reads(indices, block_, [&](const block& ready) {
      if (!form_.in_keyspace) return read_all(ready, by_get(cache_));
      return read_all(ready, [&](std::string_view key) { return mark_in(keyspace_.get(key).view()); });
    });
  }

 private:
  const form& form_;
  block block_;
  larder_cache cache_;
  larder::keyspace keyspace_;
};

std::string series_of(const form& of, std::size_t items) {
  return std::string("get ") + of.name + "/" + count_name(items) + "/100B/larder";
}

void run_with(const context& ctx, std::size_t items) {
  turns plan(ctx.chosen, ctx.into);
  std::array<std::unique_ptr<subject>, forms.size()> subjects;
  std::vector<key_index> indices;
  for (std::size_t at = 0; at < forms.size(); ++at) {
    plan.add(series_of(forms[at], items), "ns", [&, at] {
      const std::span<const key_index> all = indices;
      subjects[at]->time_gets(all.first(all.size() / 2));
      return subjects[at]->time_gets(all.subspan(all.size() / 2));
    });
  }
  if (plan.empty()) return;
  for (std::size_t at = 0; at < forms.size(); ++at)
    subjects[at] = std::make_unique<subject>(forms[at], items, ctx.chosen.huge_pages);
  plan.run("forms of items, " + count_name(items), ctx.chosen.rounds, [&](std::size_t round) {
    indices =
        draw(distribution::uniform, 0, static_cast<key_index>(items), ctx.chosen.quick ? 131'072 : 524'288, round);
  });
}

}  // namespace

void run_forms(const context& ctx) {
  table lines({"ns per get, uniform", "larder", "to plain"});
  for (const std::size_t items : {10'000U, 1'000'000U}) {
    if (ctx.chosen.quick && items > 10'000) continue;
    run_with(ctx, items);
    for (const form& of : forms) {
      const std::string name = series_of(of, items);
      if (!ctx.into.median_of(name)) continue;
      lines.row({std::string(of.name) + ", " + count_name(items), cell(ctx.into.median_of(name), 1),
                 cell(ctx.into.ratio(name, series_of(forms[0], items)), 2)});
    }
  }
  if (!lines.empty())
    std::printf("\nForms of items, values 100 B, keys 16-40 B unless it says otherwise\n%s", lines.text().c_str());
  std::fflush(stdout);
}

}  // namespace bench
