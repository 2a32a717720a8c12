// info: what a segment is: where, whose, made by whom and when, how it is laid out. Of a segment that this build cannot
// map, what its header says.
#include <cstring>

#include "tool/commands/commands.hpp"
#include "tool/source/attached.hpp"

namespace larder::tool {
namespace {

std::string octal(unsigned bits) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) text += static_cast<char>('0' + (bits >> shift & 7U));
  return text;
}

sheet file_sheet(const source& from) {
  record r("file", "File");
  r.add("path", "path", unit::text, encoded(from.path(), encoding::escaped));
  r.add("size_bytes", "size", unit::bytes, from.facts().size);
  r.add("user", "owner", unit::text, user_name(from.facts().owner));
  r.add("permissions", "permissions", unit::text, octal(from.facts().permissions));
  r.add("live", "attachable by name", unit::text, from.is_live());
  const std::uint32_t daemon = from.daemon();
  r.add("daemon_pid", "daemon", unit::number, daemon != 0 ? field(daemon) : field());
  return r.take();
}

std::string full_policy_text(std::uint32_t policy) {
  if (policy > static_cast<std::uint32_t>(full_policy::refuse)) return "unknown: " + std::to_string(policy);
  return policy == static_cast<std::uint32_t>(full_policy::refuse) ? "refuse" : "evict";
}

sheet header_sheet(const layout::fixed_header& header) {
  record r("header", "Header");
  const bool ours = std::memcmp(header.magic, layout::segment_magic, sizeof header.magic) == 0;
  const bool same = header.fingerprint == layout::fingerprint();
  r.add("magic", "is a larder segment", unit::text, {ours, ours ? tint::good : tint::bad});
  r.add("version", "made by larder", unit::text, version_text(header.version));
  r.add("fingerprint", "layout", unit::text, {hexadecimal(header.fingerprint), same ? tint::none : tint::bad});
  r.add("expected_fingerprint", "layout of this build", unit::text, hexadecimal(layout::fingerprint()));
  if (!ours || !same) return r.take();  // the fields behind these may have other meanings
  r.add("id", "id", unit::text, hexadecimal(header.id));
  r.add("created_at_ms", "made at (clock)", unit::milliseconds, header.created_at_ms);
  r.add("when_full", "when it is full", unit::text, full_policy_text(header.when_full));
  r.add("full_fences", "readers use full fences", unit::text, header.full_fences != 0);
  return r.take();
}

sheet geometry_sheet(const layout::geometry& areas, std::uint32_t classes) {
  record r("geometry", "Layout");
  r.add("capacity_bytes", "capacity", unit::bytes, areas.capacity);
  r.add("pages", "slab pages", unit::count, areas.page_count);
  r.add("page_bytes", "page size", unit::bytes, areas.page_size());
  r.add("size_classes", "size classes", unit::count, classes);
  r.add("stripes", "stripes", unit::count, areas.stripe_count());
  r.add("slots", "room for threads", unit::count, areas.slot_count);
  r.add("keyspaces", "room for keyspaces", unit::count, areas.keyspace_count);
  r.add("changes", "room for changes", unit::count, areas.change_count);
  r.add("overhead_bytes", "before the first page", unit::bytes, areas.pages);
  return r.take();
}

exit_code info(const request& asked, const output& to) {
  const source from = asked.open_source();
  document all{{file_sheet(from), header_sheet(from.header())}, {}};
  try {
    const image segment = asked.open_image(from);
    all.sheets.push_back(geometry_sheet(segment.memory.geometry(), segment.classes.count()));
  } catch (const failure&) {
    to.show(asked, all);
    throw;
  }
  to.show(asked, all);
  return exit_code::yes;
}

}  // namespace

const command info_command{"info",
                           "SEGMENT",
                           1,
                           1,
                           "Tells what a segment is and how it is laid out",
                           "Shows what the header says even if this build cannot map the segment.",
                           nullptr,
                           &info};

}  // namespace larder::tool
