#include "segment/segment.hpp"

#include <bit>
#include <cstring>
#include <new>
#include <string>

#include "larder/status.hpp"
#include "larder/version.hpp"

namespace larder {
namespace {

constexpr std::uint32_t library_version = LARDER_VERSION_MAJOR << 16 | LARDER_VERSION_MINOR << 8 | LARDER_VERSION_PATCH;

std::string text_of(std::uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 0xFF) + "." +
         std::to_string(version & 0xFF);
}

std::uint64_t check_sum(const layout::fixed_header& fixed) noexcept {
  constexpr platform::hash_seed known{0x1A4D'E400, 0x9E37'79B9'7F4A'7C15, 0xC2B2'AE3D'27D4'EB4F, 0x1656'67B1'9E37'79F9};
  return platform::hash_bytes(known, 0, &fixed, offsetof(layout::fixed_header, check));
}

[[noreturn]] void fail(status why, const std::string& what) { throw error(make_error_code(why), what); }

void require_options(const create_options& options) {
  if (options.capacity < layout::smallest_capacity || options.capacity > layout::largest_capacity) {
    fail(status::bad_argument, "capacity is " + std::to_string(options.capacity) + " bytes; choose " +
                                   std::to_string(layout::smallest_capacity) + " (1 MiB) to " +
                                   std::to_string(layout::largest_capacity) + " (256 GiB)");
  }
  if (options.max_threads > layout::largest_slot_count) {
    fail(status::bad_argument, "max_threads is " + std::to_string(options.max_threads) + "; choose at most " +
                                   std::to_string(layout::largest_slot_count));
  }
  if ((options.permissions & ~0666U) != 0 || (options.permissions & 0600U) != 0600U) {
    fail(status::bad_argument,
         "permissions must let the owner read and write, and can be no other bits than those of 0666; choose bits "
         "like 0600 or 0660");
  }
  if (options.when_full != full_policy::evict && options.when_full != full_policy::refuse)
    fail(status::bad_argument, "when_full is no policy; choose full_policy::evict or full_policy::refuse");
  const layout::geometry areas = layout::plan(options.capacity, static_cast<std::uint32_t>(options.max_threads));
  if (areas.page_count < 64) {
    fail(status::bad_argument, "max_threads of " + std::to_string(options.max_threads) +
                                   " leaves too little of a capacity of " + std::to_string(options.capacity) +
                                   " bytes; lower the one or raise the other");
  }
}

void require_name(std::string_view name) {
  if (std::string problem = platform::name_problem(name); !problem.empty()) fail(status::bad_argument, problem);
}

[[noreturn]] void fail_for_want_of_memory(std::uint64_t capacity) {
  fail(status::no_memory, "a segment of " + std::to_string(capacity) + " bytes does not fit in /dev/shm, where " +
                              std::to_string(platform::free_memory()) +
                              " bytes are free; lower the capacity, remove segments that nobody uses, or enlarge it "
                              "(mount -o remount,size=... /dev/shm; in a container --shm-size or --ipc=host)");
}

[[noreturn]] void fail_to_open(std::error_code why, std::string_view name) {
  std::string text = "opening the segment '" + std::string(name) + "'";
  if (why == std::errc::no_such_file_or_directory)
    text += ": nobody has made it; create it first, or use open_or_create";
  if (why == std::errc::permission_denied) text += ": it belongs to another user; see create_options::permissions";
  throw error(why, text);
}

layout::fixed_header describe(const create_options& options, const platform::hash_seed& seed) {
  layout::fixed_header fixed{};
  std::memcpy(fixed.magic, layout::segment_magic, sizeof fixed.magic);
  fixed.fingerprint = layout::fingerprint();
  fixed.version = library_version;
#if LARDER_TSAN
  fixed.full_fences = 1;  // the thread sanitizer does not know fences
#else
  fixed.full_fences = platform::register_for_heavy_fences() ? 0 : 1;
#endif
  fixed.when_full = static_cast<std::uint32_t>(options.when_full);
  fixed.areas = layout::plan(options.capacity, static_cast<std::uint32_t>(options.max_threads));
  fixed.seed = seed;
  fixed.id = platform::make_hash_seed().a;
  fixed.created_at_ms = platform::exact_now();
  fixed.check = check_sum(fixed);
  return fixed;
}

// Everything that is not zero in a new segment. Fresh shared memory reads as zeroes: free slots, free pages, free cells.
void fill(std::byte* base, const layout::fixed_header& fixed) {
  const layout::geometry& areas = fixed.areas;
  auto* top = new (base) layout::header;
  std::memset(static_cast<void*>(top), 0, sizeof *top);
  top->fixed = fixed;
  top->free_pages.store(areas.page_count, std::memory_order_relaxed);
  if (fixed.full_fences != 0) top->feed.listeners.store(layout::listeners_word::fence_first, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < areas.stripe_count(); ++i) {
    const std::uint64_t first =
        areas.first_buckets + std::uint64_t{i} * layout::buckets_at_first * sizeof(layout::bucket);
    const auto word = layout::table_word::make(static_cast<std::uint32_t>(first / sizeof(layout::bucket)),
                                               layout::buckets_at_first, 0);
    // relaxed: nobody else sees the segment before it has a name
    reading_map::table(base, i).store(word.bits, std::memory_order_relaxed);
  }
}

// How far from the base on anything may be read: as far as reading_map's masks lead, and what is read there.
std::uint64_t readable_span(std::uint64_t capacity) noexcept {
  constexpr std::uint64_t buckets = std::uint64_t{layout::max_buckets_per_stripe + 1} * sizeof(layout::bucket);
  static_assert(buckets > layout::cell_shift + sizeof(layout::item) + max_key_size + 0xFFFF, "or a small item's bytes");
  return std::bit_ceil(capacity) + buckets;
}

}  // namespace

segment::segment(platform::mapping memory, const layout::fixed_header& fixed)
    : memory_(std::move(memory)), areas_(fixed.areas), when_full_(static_cast<full_policy>(fixed.when_full)) {
  map_.base = memory_.base();
  map_.stripe_mask = areas_.stripe_count() - 1;
  map_.line_mask = std::bit_ceil(areas_.capacity) / sizeof(layout::bucket) - 1;
  map_.unit_shift = static_cast<std::uint8_t>(areas_.unit_shift);
  map_.full_fences = fixed.full_fences != 0;
  map_.seed = fixed.seed;
  map_.first_cell = ref_of(areas_.pages);
  map_.end_of_cells = ref_of(areas_.pages + (std::uint64_t{areas_.page_count} << areas_.page_shift));
  map_.cell_mask = static_cast<layout::cell_ref>((std::bit_ceil(areas_.capacity) >> map_.unit_shift) - 1);
}

platform::descriptor segment::make(const create_options& options, const platform::hash_seed& seed) {
  require_options(options);
  if (options.reserve_memory && platform::free_memory() < options.capacity) fail_for_want_of_memory(options.capacity);
  platform::descriptor object = platform::make_unnamed(options.capacity, options.permissions);
  if (options.reserve_memory && !platform::reserve_memory(object, options.capacity))
    fail_for_want_of_memory(options.capacity);
  const platform::mapping memory(object, platform::access::read_write, options.capacity, options.capacity);
  if (options.huge_pages && options.reserve_memory) platform::use_huge_pages(memory);
  fill(memory.base(), describe(options, seed));
  return object;
}

segment segment::create(std::string_view name, const create_options& options,
                        const std::optional<platform::hash_seed>& seed) {
  require_name(name);
  try {
    const platform::descriptor object = make(options, seed ? *seed : platform::make_hash_seed());
    segment made = validate(object, platform::access::read_write, name);
    // Last: what fails leaves no name behind.
    if (const std::error_code why = platform::link_name(object, name)) {
      throw error(why, "a segment called '" + std::string(name) + "' cannot be made" +
                           (why == std::errc::file_exists ? ": it is there already; open it, or remove it first" : ""));
    }
    return made;
  } catch (const error&) {
    throw;
  } catch (const std::system_error& e) {
    throw error(e.code(), "making the segment '" + std::string(name) + "'");
  }
}

segment segment::open(std::string_view name, platform::access mode) {
  require_name(name);
  std::error_code why;
  const platform::descriptor object = platform::open_named(name, mode, why);
  if (why) fail_to_open(why, name);
  return validate(object, mode, name);
}

segment segment::open_or_create(std::string_view name, const create_options& options) {
  require_name(name);
  // Looks first, so that many openers of a segment that exists do not each reserve memory for one that they then drop.
  // Whoever loses the race to link the name opens the winner's; a name removed in between starts the loop again.
  for (;;) {
    std::error_code why;
    const platform::descriptor object = platform::open_named(name, platform::access::read_write, why);
    if (!why) return validate(object, platform::access::read_write, name);
    if (why != std::errc::no_such_file_or_directory) fail_to_open(why, name);
    try {
      return create(name, options);
    } catch (const error& e) {
      if (e.code() != std::errc::file_exists) throw;
    }
  }
}

segment segment::attach(int number, platform::access mode) {
  std::error_code why;
  const platform::descriptor object = platform::duplicate(number, why);
  if (why) throw error(why, "attaching to descriptor " + std::to_string(number));
  return validate(object, mode, "descriptor " + std::to_string(number));
}

segment segment::validate(const platform::descriptor& object, platform::access mode, std::string_view name) {
  const std::string label = "'" + std::string(name) + "'";
  layout::fixed_header fixed{};
  if (platform::read_at(object, &fixed, sizeof fixed, 0) != sizeof fixed ||
      std::memcmp(fixed.magic, layout::segment_magic, sizeof fixed.magic) != 0) {
    fail(status::not_a_cache, label + " is not a larder segment; choose another name");
  }
  if (fixed.fingerprint != layout::fingerprint()) {
    fail(status::layout_mismatch, label + " was made by larder " + text_of(fixed.version) +
                                      " with another memory layout than this build's (" + text_of(library_version) +
                                      "); use the same build, or remove the segment and let it be made anew");
  }
  const bool sound = fixed.check == check_sum(fixed) && fixed.areas.capacity >= layout::smallest_capacity &&
                     fixed.areas.capacity <= layout::largest_capacity &&
                     fixed.areas.slot_count <= layout::largest_slot_count &&
                     fixed.when_full <= static_cast<std::uint32_t>(full_policy::refuse) && fixed.unused == 0 &&
                     fixed.areas == layout::plan(fixed.areas.capacity, fixed.areas.slot_count) &&
                     platform::size_of(object) == fixed.areas.capacity;
  if (!sound)
    fail(status::damaged, label + " has a damaged header or was cut short; remove it and let it be made anew");
  if (mode == platform::access::read_write && fixed.full_fences == 0 && !platform::register_for_heavy_fences()) {
    fail(status::bad_argument,
         label +
             " relies on membarrier(2), which this process may not call; allow it (seccomp), or make the "
             "segment in a process that may not either, so that everybody does without");
  }
  const std::uint64_t span = readable_span(fixed.areas.capacity);
  try {
    return {platform::mapping(object, mode, fixed.areas.capacity, span), fixed};
  } catch (const std::system_error& e) {
    throw error(e.code(), "mapping the segment " + label + ", which takes " + std::to_string(span >> 20) +
                              " MiB of addresses; see whether they are limited (ulimit -v)");
  }
}

}  // namespace larder
