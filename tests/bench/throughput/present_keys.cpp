// One process, caches filled with keys that are all there: get in its forms, put over a present key, mixed. Every
// combination of number of items and value size that fits the memory limit is a data set of its own.
#include <cstdio>
#include <memory>
#include <optional>

#include "flat_map_cache.hpp"
#include "floor_cache.hpp"
#include "larder_cache.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace bench {
namespace {

struct shape {
  std::size_t items;
  std::size_t value_size;

  [[nodiscard]] std::string name() const { return count_name(items) + "/" + size_name(value_size); }

  // An estimate of what the three subjects take together. The map's table is up to twice its load, its strings 32
  // bytes.
  [[nodiscard]] std::size_t memory() const {
    const std::size_t floor = items * (longest_key + value_size + 24);
    const std::size_t map = items * (2 * 64 + longest_key + value_size + 32);
    return floor + map + larder_cache::capacity_for(items, value_size);
  }

  // The goals are about values of 100 bytes; the other sizes are for a look.
  [[nodiscard]] std::size_t rounds(std::size_t wanted) const {
    return value_size == 100 ? wanted : std::min<std::size_t>(wanted, 5);
  }

  // How many operations of a case a round does, the warming half included: enough to be a good sample, and to fill the
  // caches with what the stream asks for often; no more than a GiB of values.
  [[nodiscard]] std::size_t operations(bool quick) const {
    const std::size_t most = (quick ? 131'072 : 524'288) * (items <= 10'000 ? std::size_t{2} : 1);
    return std::clamp<std::size_t>((std::size_t{1} << 30) / value_size, 8 * block::capacity, most);
  }
};

// The three subjects, filled with the same items, and the streams of keys of the present round.
class data_set {
 public:
  data_set(const context& ctx, shape s) : ctx_(ctx), shape_(s), plan_(ctx.chosen, ctx.into), block_(s.value_size) {
    choose_cases();
  }

  void run() {
    if (plan_.empty()) return;
    if (shape_.memory() > ctx_.chosen.memory_limit) {
      ctx_.into.note(shape_.name() + " is left out: it needs " + std::to_string(shape_.memory() >> 20) + " MiB");
      return;
    }
    plan_.run(shape_.name(), shape_.rounds(ctx_.chosen.rounds), [this](std::size_t round) {
      if (round % rounds_in_a_place == 0) make_subjects();
      draw_round(round);
    });
    ctx_.into.note(shape_.name() + " " + pages_);
    print();
  }

 private:
  // Where the kernel puts the pages of a subject decides 10 to 30 % of its speed for as long as it lives, so each is made
  // anew now and then.
  static constexpr std::size_t rounds_in_a_place = 3;

  // What a case works on; the first half of a stream warms the caches and is not counted.
  enum class stream : std::uint8_t { uniform, zipf };
  static constexpr std::array stream_names = {"uniform", "zipf"};

  template <class Subject>
  std::unique_ptr<Subject>& subject() {
    return std::get<std::unique_ptr<Subject>>(subjects_);
  }

  template <class Subject, class Measure>
  void add(const std::string& operation, stream order, Measure measure) {
    const std::string title = operation + " " + stream_names[static_cast<std::size_t>(order)];
    if (operations_.empty() || operations_.back() != title) operations_.push_back(title);
    plan_.add(title + "/" + shape_.name() + "/" + std::string(Subject::name), "ns", [this, order, measure] {
      const std::span<const key_index> all = order == stream::zipf ? zipf_ : uniform_;
      const std::size_t warm = all.size() / 2;
      measure(*subject<Subject>(), all.first(warm));
      return measure(*subject<Subject>(), all.subspan(warm));
    });
  }

  // Independent and dependent streams, in place and copied.
  template <class Subject>
  void add_get(stream order) {
    add<Subject>("get", order, [this](Subject& s, std::span<const key_index> indices) {
      return time_reads(indices, block_, [&](const block& b) { return read_all(b, by_get(s)); });
    });
  }
  template <class Subject>
  void add_dependent_get(stream order) {
    add<Subject>("dependent get", order, [this](Subject& s, std::span<const key_index> indices) {
      return time_reads(indices.first(indices.size() / 2), block_,
                        [&](const block& b) { return read_all_dependent(b, by_get(s)); });
    });
  }
  template <class Subject>
  void add_copy(stream order) {
    add<Subject>("get_copy", order, [this](Subject& s, std::span<const key_index> indices) {
      return time_reads(indices, block_, [&](const block& b) { return read_all(b, by_get_copy(s, copy_)); });
    });
  }
  template <class Subject>
  void add_dependent_copy(stream order) {
    add<Subject>("dependent get_copy", order, [this](Subject& s, std::span<const key_index> indices) {
      return time_reads(indices.first(indices.size() / 2), block_,
                        [&](const block& b) { return read_all_dependent(b, by_get_copy(s, copy_)); });
    });
  }
  template <class Subject>
  void add_mix(stream order, unsigned read_percent) {
    const std::string operation = "mix " + std::to_string(read_percent) + "/" + std::to_string(100 - read_percent);
    add<Subject>(operation, order, [this, read_percent](Subject& s, std::span<const key_index> indices) {
      return time_writes(indices, block_, [&](const block& b) { return mix_all(s, b, read_percent, ++salt_); });
    });
  }
  template <class Subject>
  void add_put(stream order) {
    add<Subject>("put", order, [this](Subject& s, std::span<const key_index> indices) {
      return time_writes(indices, block_, [&](const block& b) { return mix_all(s, b, 0, 0); });
    });
  }

  void choose_cases() {
    for (const stream order : {stream::uniform, stream::zipf}) {
      add_get<floor_cache>(order);
      add_get<larder_cache>(order);
      add_get<flat_map_cache>(order);
      add<larder_cache>("batch get", order, [this](larder_cache& s, std::span<const key_index> indices) {
        return time_reads(indices, block_, [&](const block& b) { return get_all_batched(s, b); });
      });
      add_dependent_get<floor_cache>(order);
      add_dependent_get<larder_cache>(order);
      add_dependent_get<flat_map_cache>(order);
      add_dependent_copy<floor_cache>(order);
      add_dependent_copy<larder_cache>(order);
      add_dependent_copy<flat_map_cache>(order);
      add_copy<floor_cache>(order);
      add_copy<larder_cache>(order);
      add_copy<flat_map_cache>(order);
      add_put<larder_cache>(order);
      add_put<flat_map_cache>(order);
      for (const unsigned read_percent : {95U, 50U}) {
        add_mix<larder_cache>(order, read_percent);
        add_mix<flat_map_cache>(order, read_percent);
      }
    }
  }

  void make_subjects() {
    std::fprintf(stderr, "filling %s\n", shape_.name().c_str());
    subjects_ = {};  // before there are others: there may not be memory for both
    const std::vector<key_index> all = in_order(0, shape_.items);
    const bool huge = ctx_.chosen.huge_pages;
    subject<floor_cache>() = std::make_unique<floor_cache>(shape_.items, shape_.value_size, huge);
    subject<larder_cache>() =
        std::make_unique<larder_cache>(larder_cache::capacity_for(shape_.items, shape_.value_size), huge);
    subject<flat_map_cache>() = std::make_unique<flat_map_cache>();
    for_each_subject([&](auto& s) { fill(s, all, block_); });
    // As in a cache that is in use, where most of what is found has been found before: larder marks an item the first time.
    for_each_subject([&](auto& s) { time_reads(all, block_, [&](const block& b) { return read_all(b, by_get(s)); }); });
    demand(subject<larder_cache>()->stats().evictions == 0, "larder evicted items from a cache with room to spare");
    block_.make_keys(in_order(0, 1));
    pages_ = "pages: floor " + subject<floor_cache>()->pages() + ", larder " +
             subject<larder_cache>()->pages(block_.key(0)) + ", flat_map " + subject<flat_map_cache>()->pages();
  }

  template <class Use>
  void for_each_subject(Use use) {
    use(*subject<floor_cache>());
    use(*subject<larder_cache>());
    use(*subject<flat_map_cache>());
  }

  void draw_round(std::size_t round) {
    const std::size_t count = shape_.operations(ctx_.chosen.quick);
    const auto items = static_cast<key_index>(shape_.items);
    uniform_ = draw(distribution::uniform, 0, items, count, 2 * round);
    zipf_ = draw(distribution::zipf, 0, items, count, 2 * round + 1);
  }

  void print() const {
    table lines({"ns per operation", "floor", "larder", "flat_map", "larder/floor", "larder/flat_map"});
    for (const std::string& operation : operations_) {
      const std::string stem = operation + "/" + shape_.name() + "/";
      const auto time = [&](const char* name) { return cell(ctx_.into.median_of(stem + name), 1); };
      const auto ratio = [&](const char* under) { return cell(ctx_.into.ratio(stem + "larder", stem + under), 2); };
      std::vector<std::string> row = {operation,        time("floor"),  time("larder"),
                                      time("flat_map"), ratio("floor"), ratio("flat_map")};
      if (row[1] != "-" || row[2] != "-" || row[3] != "-") lines.row(std::move(row));
    }
    std::printf("\n%s items, keys 16-40 B, values %s (%s)\n%s", count_name(shape_.items).c_str(),
                size_name(shape_.value_size).c_str(), pages_.c_str(), lines.text().c_str());
    std::fflush(stdout);
  }

  const context& ctx_;
  shape shape_;
  turns plan_;
  block block_;
  std::tuple<std::unique_ptr<floor_cache>, std::unique_ptr<larder_cache>, std::unique_ptr<flat_map_cache>> subjects_;
  std::vector<key_index> uniform_, zipf_;
  std::vector<std::string> operations_;
  std::string pages_, copy_;
  std::uint64_t salt_ = 0;
};

}  // namespace

void run_present_keys(const context& ctx) {
  std::vector<shape> shapes = {{10'000, 100}, {1'000'000, 100}};
  if (!ctx.chosen.quick) {
    shapes.push_back({5'000'000, 100});
    for (const std::size_t value_size : {32U, 1024U, 65'536U}) {
      for (const std::size_t items : {10'000U, 1'000'000U, 5'000'000U}) shapes.push_back({items, value_size});
    }
  }
  for (const shape& s : shapes) data_set(ctx, s).run();
}

}  // namespace bench
