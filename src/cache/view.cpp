// cache_view: reading through a mapping that cannot be written, so without pins: copy, then make sure that nothing in the
// stripe changed meanwhile.
//
// Why that is enough (I9): the stripe's change count grows between the moment a cell is unpublished and the earliest moment
// it is filled again. The count is the same before the word was read and after the bytes were copied: they are the item's.
//
// The copy races with whoever fills the cell anew, by design: what it read then is thrown away.
#include <cstring>

#include "cache/cache_impl.hpp"
#include "cache/walk.hpp"

namespace larder {

namespace detail {

class view_impl {
 public:
  explicit view_impl(segment opened) : memory(std::move(opened)), classes(memory.geometry()) {}
  segment memory;
  memory::size_classes classes;
};

namespace {

constexpr int tries = 1000;

enum class attempt : std::uint8_t { hit, miss, disturbed };

// The item of the key as it stands now, unprotected; nullptr if there is none.
const layout::item* peek(const segment& memory, table::place at, const table::lookup_key& key) noexcept {
  const table::bucket_array buckets(memory, table::table_word_of(memory, at.stripe));
  if (!buckets.usable()) return nullptr;
  for (const layout::bucket* bucket : {&buckets.primary(at.tag), &buckets.alternate(at.tag)}) {
    for (const std::atomic<std::uint64_t>& word : bucket->words) {
      const layout::bucket_word seen = table::load_word(word);
      if (seen.tag() != at.tag || !memory.in_pages(seen.cell())) continue;
      const layout::item* item = memory.item_at(seen.cell());
      if (table::is_sane(memory, *item) && table::has_key(*item, key)) return item;
    }
  }
  return nullptr;
}

attempt try_copy(const segment& memory, const table::lookup_key& key, std::string* out) {
  const platform::speculation reading;
  const table::place at = table::place_of(memory, key);
  const table::quiet_stripe quiet(memory, at.stripe);
  const layout::item* item = peek(memory, at, key);
  const bool hit = item != nullptr && !table::is_expired(*item);
  const std::string_view value =
      hit ? std::string_view(reinterpret_cast<const char*>(item->value()), item->value_size()) : std::string_view();
  if (!quiet.still()) return attempt::disturbed;  // also: no memory is asked for on the word of garbage
  if (!hit) return attempt::miss;
  if (out == nullptr) return attempt::hit;
  if (!memory.holds(value.data(), value.size())) return attempt::miss;
  std::string copy(value);
  if (!quiet.still()) return attempt::disturbed;
  out->swap(copy);
  return attempt::hit;
}

bool read(const view_impl& view, std::string_view bytes, std::string* out) {
  const table::lookup_key key{bytes};
  if (!key.is_valid()) return false;
  for (int i = 0; i < tries; ++i) {
    const attempt now = try_copy(view.memory, key, out);
    if (now != attempt::disturbed) return now == attempt::hit;
  }
  return false;
}

// A private copy of an item's bytes, taken while its stripe was quiet; false if it never was, or the word has changed, or
// the array that the word is part of was replaced.
bool copy_item(const segment& memory, table::place at, layout::table_word table, const std::atomic<std::uint64_t>& word,
               std::string& out) {
  const platform::speculation reading;
  for (int i = 0; i < tries; ++i) {
    const table::quiet_stripe quiet(memory, at.stripe);
    const layout::bucket_word seen = table::load_word(word);
    if (seen.empty() || !memory.in_pages(seen.cell())) return false;
    if (table::table_word_of(memory, at.stripe).bits != table.bits) return false;
    const layout::item* item = memory.item_at(seen.cell());
    const bool sane = table::is_sane(memory, *item);
    const std::size_t size = sane ? layout::item_size(item->shape(), item->value_size()) : 0;
    if (!quiet.still()) continue;
    if (!sane || !memory.holds(item, size)) return false;
    // An item lies at 4 modulo 8; so does its copy.
    out.resize(size + 2 * sizeof(std::uint64_t));
    std::memcpy(out.data() + 12, item, size);
    if (quiet.still()) return true;
  }
  return false;
}

}  // namespace
}  // namespace detail

cache_view::cache_view(std::unique_ptr<detail::view_impl> impl) noexcept : impl_(std::move(impl)) {}
cache_view::cache_view(cache_view&&) noexcept = default;
cache_view& cache_view::operator=(cache_view&&) noexcept = default;
cache_view::~cache_view() = default;

cache_view cache_view::open(std::string_view name) {
  return cache_view(std::make_unique<detail::view_impl>(segment::open(name, platform::access::read_only)));
}

cache_view cache_view::attach(int descriptor) {
  return cache_view(std::make_unique<detail::view_impl>(segment::attach(descriptor, platform::access::read_only)));
}

std::optional<std::string> cache_view::get_copy(std::string_view key) const {
  std::string out;
  return get_copy(key, out) ? std::optional(std::move(out)) : std::nullopt;
}

bool cache_view::get_copy(std::string_view key, std::string& out) const {
  return impl_ && detail::read(*impl_, key, &out);
}

bool cache_view::contains(std::string_view key) const { return impl_ && detail::read(*impl_, key, nullptr); }

larder::stats cache_view::stats() const noexcept {
  return impl_ ? detail::collect_stats(impl_->memory) : larder::stats();
}

check_report cache_view::check() const {
  if (!impl_) return {};
  const segment& memory = impl_->memory;
  auto guard = [&](layout::cell_ref cell) { return detail::guard_in_place(memory, memory.item_at(cell)); };
  return detail::check_segment(memory, impl_->classes, guard);
}

void cache_view::visit_items(detail::function_ref<bool(const item_view&)> visit) const {
  if (!impl_) return;
  const segment& memory = impl_->memory;
  std::string copy;
  const auto visit_word = [&](table::place at, const std::atomic<std::uint64_t>& word, layout::bucket_word,
                              std::uint32_t, layout::table_word table) {
    if (!detail::copy_item(memory, at, table, word, copy)) return true;
    const auto& item = *reinterpret_cast<const layout::item*>(copy.data() + 12);
    return !detail::is_visible(memory, item) || visit(detail::view_of(item));
  };
  for (std::uint32_t stripe = 0; stripe < memory.geometry().stripe_count(); ++stripe) {
    if (!detail::walk_stripe(memory, stripe, visit_word)) return;
  }
}

}  // namespace larder
