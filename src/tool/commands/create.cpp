// create, rm: making and removing segments.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "larder/cache.hpp"
#include "tool/commands/commands.hpp"
#include "tool/source/attached.hpp"

namespace larder::tool {
namespace {

full_policy parse_full_policy(const std::string& text) {
  if (text == "evict") return full_policy::evict;
  if (text == "refuse") return full_policy::refuse;
  fail_usage("'" + text + "' is nothing that a full cache does", "write evict or refuse");
}

exit_code create(const request& asked, const output& to) {
  create_options options;
  if (asked.has("capacity")) options.capacity = asked.bytes("capacity");
  if (asked.has("max-threads")) options.max_threads = asked.number("max-threads");
  if (asked.has("when-full")) options.when_full = parse_full_policy(asked.text("when-full"));
  if (asked.has("permissions")) options.permissions = parse_permissions(asked.text("permissions"));
  options.huge_pages = !asked.flag("no-huge-pages");
  options.reserve_memory = !asked.flag("sparse");
  const larder::cache made = larder::cache::create(asked.word(0), options);
  if (asked.json()) {
    record r("segment");
    r.add("name", "", unit::text, encoded(asked.word(0), encoding::escaped));
    r.add("size_bytes", "", unit::bytes, std::uint64_t{options.capacity});
    to.show(asked, {{r.take()}, {}});
  }
  return exit_code::yes;
}

// Removing does no harm to those who are attached, but they will share it with nobody who comes later.
void require_nobody_uses(const std::string& name) {
  try {
    const source from = source::open(name);
    const std::size_t processes = count_processes(attached_threads(image::of(from)));
    if (processes == 0) return;
    throw failure(exit_code::no,
                  "'" + name + "' is used by " + counted(processes, "process") +
                      ", which would go on with a segment that nobody else can open",
                  "end them, or add --force");
  } catch (const failure& problem) {
    if (problem.code() != exit_code::damaged) throw;  // a damaged one is of no use to anybody
  }
}

exit_code rm(const request& asked, const output& to) {
  sheet removed{"removed", "", {{"name", "NAME", unit::text}}, {}, false};
  for (const std::string& name : asked.words()) {
    require_name(name);
    if (!asked.flag("force")) require_nobody_uses(name);
    if (::unlink((std::string(segment_directory) + "/" + name).c_str()) != 0)
      throw failure(errno == ENOENT ? exit_code::no : exit_code::cannot_open,
                    "'" + name + "' cannot be removed: " + std::strerror(errno),
                    errno == ENOENT ? "see `larder ls` for what is there" : "run this as its owner or as root");
    removed.rows.push_back({encoded(name, encoding::escaped)});
  }
  if (asked.json()) to.show(asked, {{std::move(removed)}, {}});
  return exit_code::yes;
}

void declare_create(po::options_description& options) {
  add_option(options, "capacity", "bytes of shared memory, all included: 64MiB, 2g (64MiB)");
  add_option(options, "max-threads", "threads that can be attached at once (derived from the capacity)");
  add_option(options, "permissions", "octal permission bits (0600)");
  add_option(options, "when-full", "what a full cache does: evict items, or refuse new ones (evict)");
  add_flag(options, "no-huge-pages", "do not ask for pages of 2 MiB");
  add_flag(options, "sparse", "do not take the memory from the host now");
}

void declare_rm(po::options_description& options) {
  add_flag(options, "force", "also if processes use it, or if it is no segment");
}

}  // namespace

const command create_command{"create", "NAME", 1, 1, "Makes a segment", "", &declare_create, &create};
const command rm_command{"rm",
                         "NAME...",
                         1,
                         1000,
                         "Removes segments",
                         "Refused if processes are attached, unless --force is given; those keep what they have.",
                         &declare_rm,
                         &rm};

}  // namespace larder::tool
